// Recorded HTTP exchanges: one file each, made to be read and edited by hand, named by what was asked.
//
//   # risetime recording 1
//   GET https://www.example.org/feed?key=@{env:KEY}
//   accept-language: en
//   | each line of the request's body, if it has one, behind a bar
//
//   200 https://www.example.org/feed/
//   content-type: text/xml
//
//   The body of the answer, to the end of the file.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <risetime/host.hpp>
#include <string>
#include <string_view>

namespace risetime::core {

struct Exchange {
  HttpRequest request;
  HttpResponse response;
};

std::string format_exchange(const Exchange& exchange);

// Throws Error(Code::input) with "file:line" where the text is no recording.
Exchange parse_exchange(std::string_view text, const std::string& file);

// "HOST-DIGITS", DIGITS being the first 16 of the SHA-256 of "METHOD\nURL\nBODY". Requests are named as they are after
// redaction, because the handles of secrets are others in every run. A file is NAME.http, and NAME.2.http, NAME.3.http,
// ... for the answers that the same request got later in the same run.
std::string exchange_name(const HttpRequest& request);

// "HOST-DIGITS" as above, of "LISTEN\nURL\nTOPIC".
std::string lines_name(const LinesRequest& request);

// Takes values of secrets out of a text and puts in the place of handles what is the same in every run.
using Redact = std::function<std::string(std::string_view)>;

// Writes exchanges into a folder. Any thread may call.
class Recorder {
 public:
  // Makes the folder; throws Error(Code::io) where it cannot.
  Recorder(std::filesystem::path folder, Redact redact);

  // The first exchange of a request in this run takes the place of all that are there from earlier runs. What is known
  // to be confidential without being a registered secret (cookies, credentials, tokens that a server gives) is left
  // out. Throws Error(Code::io).
  void add(const HttpRequest& request, const HttpResponse& response);

  // Where the lines of a connection are to be kept: a place as that of an exchange, NAME.lines.
  std::filesystem::path file_for_lines(const LinesRequest& request);
  const Redact& redact() const { return redact_; }

 private:
  std::filesystem::path place_for(const std::string& name, const char* ending);
  std::filesystem::path folder_;
  Redact redact_;
  std::mutex mutex_;
  std::map<std::string, int> counts_;
};

// Answers from a folder of recordings and touches no network. Any thread may call.
class Replayer {
 public:
  // Throws Error(Code::io) where the folder is not there.
  Replayer(std::filesystem::path folder, Redact redact);

  // The next answer to this request; after the last one, the last one again. Throws Error(Code::io) naming the URL and
  // the file where there is none.
  HttpResponse answer(const HttpRequest& request);

  // The file with the lines of the next such connection; after the last one, the last one again.
  std::filesystem::path file_of_lines(const LinesRequest& request);

 private:
  std::filesystem::path file_of(const std::string& name, const char* ending);

  std::filesystem::path folder_;
  Redact redact_;
  std::mutex mutex_;
  std::map<std::string, int> counts_;
};

}  // namespace risetime::core
