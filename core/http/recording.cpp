// Reading, writing and naming of recorded exchanges.
#include "core/http/recording.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "core/base/files.hpp"
#include "core/base/hash.hpp"
#include "core/http/url.hpp"

namespace risetime::core {
namespace {

constexpr std::string_view first_line = "# risetime recording 1";
constexpr std::string_view left_out = "(left out)";
constexpr std::size_t largest_file = std::size_t{256} << 20U;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::string host_of(std::string_view url) {
  const std::size_t scheme = url.find("//");
  if (scheme == std::string_view::npos) return "unknown";
  url.remove_prefix(scheme + 2);
  std::string host = lower(url.substr(0, url.find_first_of("/?#")));
  std::erase_if(host,
                [](char c) { return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'); });
  if (host.size() > 100) host.resize(100);
  return host.empty() ? "unknown" : host;
}

std::string numbered(const std::string& name, int number, const char* ending) {
  return number == 1 ? name + ending : name + "." + std::to_string(number) + ending;
}

void append_headers(std::string& out, const std::vector<HttpHeader>& headers) {
  for (const HttpHeader& header : headers) out += lower(header.name) + ": " + header.value + "\n";
}

// Takes lines off the front of a text and knows their numbers.
class Lines {
 public:
  Lines(std::string_view text, const std::string& file) : rest_(text), file_(file) {}

  // Without its end; both "\n" and "\r\n" end a line, because editors disagree.
  std::string_view next() {
    if (rest_.empty()) fail("the file ends too early");
    ++number_;
    const std::size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return line;
  }
  bool at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(Code::input, file_ + ":" + std::to_string(number_), "this is no recording: " + what);
  }

 private:
  std::string_view rest_;
  const std::string& file_;
  int number_ = 0;
};

HttpHeader parse_header(std::string_view line, const Lines& lines) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) lines.fail("expected \"name: value\" or a blank line");
  std::string_view value = line.substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  return {lower(line.substr(0, colon)), std::string(value)};
}

HttpRequest parse_request(Lines& lines) {
  std::string_view line = lines.next();
  while (line.empty() || line.front() == '#') line = lines.next();
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos) lines.fail("expected \"METHOD URL\"");
  HttpRequest request;
  request.method = line.substr(0, blank);
  request.url = line.substr(blank + 1);
  bool has_body = false;
  for (line = lines.next(); !line.empty(); line = lines.next()) {
    if (line.front() == '|') {
      if (has_body) request.body += '\n';
      has_body = true;
      request.body += line.substr(line.size() > 1 && line[1] == ' ' ? 2 : 1);
    } else {
      request.headers.push_back(parse_header(line, lines));
    }
  }
  return request;
}

HttpResponse parse_response(Lines& lines, const HttpRequest& request) {
  const std::string_view line = lines.next();
  HttpResponse response;
  const auto [end, failure] = std::from_chars(line.data(), line.data() + line.size(), response.status);
  if (failure != std::errc() || response.status < 100 || response.status > 599)
    lines.fail("expected the status of the answer, as in \"200\"");
  const std::string_view url(end, static_cast<std::size_t>(line.data() + line.size() - end));
  response.url = url.size() > 1 ? std::string(url.substr(1)) : request.url;
  while (!lines.at_end()) {
    const std::string_view header = lines.next();
    if (header.empty()) break;
    response.headers.push_back(parse_header(header, lines));
  }
  response.body = lines.rest();
  return response;
}

bool is_credential(std::string_view name) {
  return name == "authorization" || name == "proxy-authorization" || name == "cookie" || name == "set-cookie" ||
         name == "x-api-key";
}

// The request as it is named and written.
HttpRequest named(HttpRequest request, const Redact& redact) {
  request.url = redact(request.url);
  request.body = redact(request.body);
  return request;
}

// Headers that are fit for a file: credentials stay only where they are the handle of a secret.
std::vector<HttpHeader> fit_for_files(const std::vector<HttpHeader>& headers, const Redact& redact) {
  std::vector<HttpHeader> fit;
  for (const HttpHeader& header : headers) {
    const std::string name = lower(header.name);
    const bool handle = header.value.find("@{secret:") != std::string::npos;
    fit.push_back({name, is_credential(name) && !handle ? std::string(left_out) : redact(header.value)});
  }
  return fit;
}

// JSON without the tokens in it: servers that give tokens name them so (RFC 6749, section 5.1).
std::string without_tokens(std::string body) {
  constexpr std::string_view blanks = " \t\r\n";
  for (const std::string_view name : {"\"access_token\"", "\"refresh_token\"", "\"id_token\""}) {
    for (std::size_t at = body.find(name); at != std::string::npos; at = body.find(name, at)) {
      at = body.find_first_not_of(blanks, at + name.size());
      if (at == std::string::npos || body[at] != ':') continue;
      at = body.find_first_not_of(blanks, at + 1);
      if (at == std::string::npos || body[at] != '"') continue;
      std::size_t end = ++at;
      while (end < body.size() && body[end] != '"') end += body[end] == '\\' ? 2 : 1;
      body.replace(at, std::min(end, body.size()) - at, left_out);
    }
  }
  return body;
}

}  // namespace

std::string format_exchange(const Exchange& exchange) {
  const auto& [request, response] = exchange;
  std::string out(first_line);
  out += "\n" + request.method + " " + request.url + "\n";
  append_headers(out, request.headers);
  if (!request.body.empty()) {
    std::string_view rest = request.body;
    while (true) {
      const std::size_t end = rest.find('\n');
      out.append("| ").append(rest.substr(0, end)).append("\n");
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
  }
  out += "\n" + std::to_string(response.status) + " " + response.url + "\n";
  append_headers(out, response.headers);
  return out + "\n" + response.body;
}

Exchange parse_exchange(std::string_view text, const std::string& file) {
  Lines lines(text, file);
  Exchange exchange;
  exchange.request = parse_request(lines);
  exchange.response = parse_response(lines, exchange.request);
  return exchange;
}

std::string exchange_name(const HttpRequest& request) {
  const std::string asked = request.method + "\n" + request.url + "\n" + request.body;
  return host_of(request.url) + "-" + sha256_hex(asked).substr(0, 16);
}

std::string lines_name(const LinesRequest& request) {
  return host_of(request.url) + "-" + sha256_hex("LISTEN\n" + request.url + "\n" + request.topic).substr(0, 16);
}

Recorder::Recorder(std::filesystem::path folder, Redact redact)
    : folder_(std::move(folder)), redact_(std::move(redact)) {
  make_folders(folder_);
}

void Recorder::add(const HttpRequest& request, const HttpResponse& response) {
  Exchange exchange{named(request, redact_), response};
  exchange.request.headers = fit_for_files(request.headers, redact_);
  exchange.response.url = redact_(response.url);
  exchange.response.body = without_tokens(redact_(response.body));
  exchange.response.headers = fit_for_files(response.headers, redact_);

  const std::lock_guard lock(mutex_);
  write_file(place_for(exchange_name(exchange.request), ".http"), format_exchange(exchange));
}

std::filesystem::path Recorder::file_for_lines(const LinesRequest& request) {
  LinesRequest named = request;
  named.url = redact_(request.url);
  named.topic = redact_(request.topic);
  const std::lock_guard lock(mutex_);
  return place_for(lines_name(named), ".lines");
}

std::filesystem::path Recorder::place_for(const std::string& name, const char* ending) {
  const int number = ++counts_[name];
  if (number == 1) {
    std::error_code ignored;
    for (int old = 2; std::filesystem::remove(folder_ / numbered(name, old, ending), ignored); ++old) continue;
  }
  return folder_ / numbered(name, number, ending);
}

Replayer::Replayer(std::filesystem::path folder, Redact redact)
    : folder_(std::move(folder)), redact_(std::move(redact)) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder_, ignored))
    throw Error(Code::io, folder_.string(), "there is no folder of recordings; make one with --record");
}

HttpResponse Replayer::answer(const HttpRequest& request) {
  const std::filesystem::path file = file_of(exchange_name(named(request, redact_)), ".http");
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored))
    throw Error(Code::io, fit_for_messages(request.url),
                "there is no recording of this " + request.method + ": " + file.string() +
                    " is not there; record it with --record, or write it by hand");
  return parse_exchange(read_file(file, largest_file), file.string()).response;
}

std::filesystem::path Replayer::file_of_lines(const LinesRequest& request) {
  LinesRequest named = request;
  named.url = redact_(request.url);
  named.topic = redact_(request.topic);
  return file_of(lines_name(named), ".lines");
}

std::filesystem::path Replayer::file_of(const std::string& name, const char* ending) {
  const std::lock_guard lock(mutex_);
  int& number = counts_[name];
  std::error_code ignored;
  if (number == 0 || std::filesystem::exists(folder_ / numbered(name, number + 1, ending), ignored)) ++number;
  return folder_ / numbered(name, number, ending);
}

}  // namespace risetime::core
