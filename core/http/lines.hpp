// Lines of text over a connection that stays open, such as a chat's: risetime.lines/1 of the boundary.
//
// A recording of one is a file, NAME.lines, made to be read and edited by hand like those of exchanges:
//
//   # risetime recording 1
//   LISTEN tls://chat.example.org:6697 topic
//   > what was sent
//   < what came
//   ! why it broke off, where it did
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>
#include <risetime/host.hpp>
#include <string>
#include <string_view>

#include "core/http/limiter.hpp"
#include "core/http/line_splitter.hpp"
#include "core/http/recording.hpp"
#include "core/http/transfer.hpp"

namespace risetime::core {

// What HttpClient::open_lines gives. For one thread.
class LineConnection {
 public:
  LineConnection() = default;
  LineConnection(const LineConnection&) = delete;
  LineConnection& operator=(const LineConnection&) = delete;
  virtual ~LineConnection() = default;

  // Throws Error(Code::input) for a line with a line break in it, Error(Code::internal) where 10,000 wait already.
  virtual void send(std::string_view line, std::int64_t cost) = 0;
  // LineKind::end once the time is over. Throws Error: io where the other side closed or broke off, input where it sent
  // more than was agreed, cancelled.
  virtual LineKind receive(std::string& line) = 0;
};

// Over the network. Paces what is sent, and bounds what comes.
class LiveLines : public LineConnection {
 public:
  struct Parts {
    std::unique_ptr<ByteStream> stream;
    HostLimiter::Ticket ticket;  // this is a connection that the host has with us
    std::function<std::string(std::string_view)> substitute;
    Redact redact;  // of what comes: a server may repeat what it was told
  };
  LiveLines(Parts parts, LinesRequest request, const Clock& clock, Cancelled cancelled);

  void send(std::string_view line, std::int64_t cost) override;
  LineKind receive(std::string& line) override;

 private:
  struct Waiting {
    std::string line;
    std::int64_t cost;
  };
  LineKind next_line(std::string& line);
  void pass_time();
  void send_what_may_go();
  bool may_send(std::int64_t cost);

  Parts parts_;
  LinesRequest request_;
  const Clock& clock_;
  Cancelled cancelled_;
  LineSplitter splitter_;
  std::deque<Waiting> urgent_, waiting_;
  std::string leaving_;                                      // the part of a line that has not left yet
  std::deque<std::pair<std::int64_t, std::int64_t>> spent_;  // when, how much
  std::int64_t clock_at_ = 0, elapsed_ = 0;                  // microseconds
  std::uint64_t bytes_ = 0;
};

// Keeps what goes through another connection in a file, which gets its name when the connection ends.
class RecordedLines : public LineConnection {
 public:
  // Throws Error(Code::io) where the file cannot be written.
  RecordedLines(std::unique_ptr<LineConnection> inner, std::filesystem::path file, const LinesRequest& request,
                Redact redact);
  ~RecordedLines() override;

  void send(std::string_view line, std::int64_t cost) override;
  LineKind receive(std::string& line) override;

 private:
  std::unique_ptr<LineConnection> inner_;
  std::filesystem::path file_, temporary_;
  Redact redact_;
  std::ofstream out_;
};

// Answers from such a file at once, whatever is sent.
class ReplayedLines : public LineConnection {
 public:
  // Throws Error(Code::io) where the file cannot be read, Error(Code::input) where it is no such recording.
  ReplayedLines(std::filesystem::path file, std::string where);

  void send(std::string_view line, std::int64_t cost) override;
  LineKind receive(std::string& line) override;

 private:
  bool next(std::string& line);
  [[noreturn]] void fail(const std::string& what) const;

  std::filesystem::path file_;
  std::string where_;
  std::ifstream in_;
  int number_ = 0;
};

}  // namespace risetime::core
