// Pace, limits, recording and replay of lines.
#include "core/http/lines.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "core/base/files.hpp"

namespace risetime::core {

namespace {

constexpr std::int64_t longest_step = 1 * second;  // of a clock that does not jump
constexpr std::int64_t longest_wait_ms = 50;       // so that a request to stop is heard
constexpr std::size_t most_waiting = 10'000;
constexpr std::uint64_t usual_max_line = 16 << 10;
constexpr std::uint64_t usual_max_bytes = std::uint64_t{256} << 20U;
constexpr std::string_view first_line = "# risetime recording 1";

LinesRequest with_limits(LinesRequest request) {
  request.max_line = request.max_line == 0 ? usual_max_line : std::min(request.max_line, usual_max_line);
  request.max_bytes = request.max_bytes == 0 ? usual_max_bytes : std::min(request.max_bytes, usual_max_bytes);
  return request;
}

void check_line(std::string_view line, const std::string& where) {
  if (line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
    throw Error(Code::input, where, "a line that is to be sent has a line break in it");
}

}  // namespace

// ---- over the network

LiveLines::LiveLines(Parts parts, LinesRequest request, const Clock& clock, Cancelled cancelled)
    : parts_(std::move(parts)),
      request_(with_limits(std::move(request))),
      clock_(clock),
      cancelled_(std::move(cancelled)),
      splitter_(static_cast<std::size_t>(request_.max_line)),
      clock_at_(clock.now()) {}

void LiveLines::send(std::string_view line, std::int64_t cost) {
  check_line(line, request_.url);
  if (urgent_.size() + waiting_.size() >= most_waiting)
    throw Error(Code::internal, request_.url, "more than 10,000 lines wait to be sent; receive in between");
  (cost == 0 ? urgent_ : waiting_).push_back({std::string(line), cost});
  pass_time();
  send_what_may_go();
}

LineKind LiveLines::receive(std::string& line) {
  const LineKind kind = next_line(line);
  if (kind != LineKind::end && parts_.redact) line = parts_.redact(line);
  return kind;
}

LineKind LiveLines::next_line(std::string& line) {
  std::array<char, 16384> bytes;
  while (true) {
    if (cancelled_ && cancelled_()) throw Error(Code::cancelled, request_.url, "stopped on request");
    pass_time();
    const std::int64_t left = request_.listen_ms * millisecond - elapsed_;
    if (left <= 0) return LineKind::end;
    send_what_may_go();
    switch (splitter_.next(line)) {
      case LineSplitter::Found::line:
        return LineKind::line;
      case LineSplitter::Found::cut:
        return LineKind::cut;
      case LineSplitter::Found::nothing:
        break;
    }
    const std::int64_t wait_ms = std::min(longest_wait_ms, left / millisecond + 1);
    const std::size_t got = parts_.stream->read(bytes.data(), bytes.size(), wait_ms);
    bytes_ += got;
    if (bytes_ > request_.max_bytes)
      throw Error(Code::input, request_.url,
                  "more than " + std::to_string(request_.max_bytes) + " bytes came, the most that is accepted");
    splitter_.add({bytes.data(), got});
  }
}

// A clock that is set meanwhile neither ends the listening nor makes it last.
void LiveLines::pass_time() {
  const std::int64_t now = clock_.now();
  elapsed_ += std::clamp<std::int64_t>(now - clock_at_, 0, longest_step);
  clock_at_ = now;
}

bool LiveLines::may_send(std::int64_t cost) {
  if (request_.pace_cost <= 0 || cost <= 0) return true;
  while (!spent_.empty() && spent_.front().first + request_.pace_ms * millisecond <= elapsed_) spent_.pop_front();
  std::int64_t sum = cost;
  for (const auto& [when, how_much] : spent_) sum += how_much;
  if (sum > request_.pace_cost && !spent_.empty()) return false;
  spent_.emplace_back(elapsed_, cost);
  return true;
}

void LiveLines::send_what_may_go() {
  while (true) {
    while (!leaving_.empty()) {
      const std::size_t sent = parts_.stream->write(leaving_);
      if (sent == 0) return;
      leaving_.erase(0, sent);
    }
    auto& queue = urgent_.empty() ? waiting_ : urgent_;
    if (queue.empty() || !may_send(queue.front().cost)) return;
    leaving_ = (parts_.substitute ? parts_.substitute(queue.front().line) : queue.front().line) + "\r\n";
    queue.pop_front();
  }
}

// ---- recordings

RecordedLines::RecordedLines(std::unique_ptr<LineConnection> inner, std::filesystem::path file,
                             const LinesRequest& request, Redact redact)
    : inner_(std::move(inner)), file_(std::move(file)), temporary_(file_), redact_(std::move(redact)) {
  temporary_ += ".tmp-" + std::to_string(::getpid());
  out_.open(temporary_, std::ios::binary);
  out_ << first_line << "\nLISTEN " << redact_(request.url) << ' ' << redact_(request.topic) << '\n';
  if (!out_)
    throw Error(Code::io, temporary_.string(), "the recording cannot be written; check the folder and the disk");
}

RecordedLines::~RecordedLines() {
  out_.close();
  std::error_code failed;
  if (out_)
    std::filesystem::rename(temporary_, file_, failed);
  else
    std::filesystem::remove(temporary_, failed);
}

void RecordedLines::send(std::string_view line, std::int64_t cost) {
  inner_->send(line, cost);
  out_ << "> " << redact_(line) << '\n';
}

LineKind RecordedLines::receive(std::string& line) {
  try {
    const LineKind kind = inner_->receive(line);
    if (kind != LineKind::end) out_ << "< " << redact_(line) << '\n';
    if (!out_) throw Error(Code::io, temporary_.string(), "the recording cannot be written: is the disk full?");
    return kind;
  } catch (const Error& error) {
    if (error.code() == Code::io) out_ << "! " << redact_(error.message()) << '\n';
    throw;
  }
}

ReplayedLines::ReplayedLines(std::filesystem::path file, std::string where)
    : file_(std::move(file)), where_(std::move(where)), in_(file_, std::ios::binary) {
  std::string line;
  if (!in_)
    throw Error(Code::io, where_,
                "there is no recording of this connection: " + file_.string() +
                    " is not there; record it with --record, or write it by hand");
  if (!next(line) || line != first_line) fail("expected \"" + std::string(first_line) + "\"");
  if (!next(line) || line.compare(0, 7, "LISTEN ") != 0) fail("expected \"LISTEN URL TOPIC\"");
}

void ReplayedLines::send(std::string_view line, std::int64_t) { check_line(line, where_); }

LineKind ReplayedLines::receive(std::string& line) {
  std::string found;
  while (next(found)) {
    if (found.empty() || found[0] == '#' || found[0] == '>') continue;
    const std::string_view text = std::string_view(found).substr(std::min<std::size_t>(found.size(), 2));
    if (found[0] == '!') throw Error(Code::io, where_, std::string(text), 0);
    if (found[0] != '<') fail("a line begins with none of < > ! #");
    line = text;
    return LineKind::line;
  }
  return LineKind::end;
}

bool ReplayedLines::next(std::string& line) {
  ++number_;
  if (!std::getline(in_, line)) return false;
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return true;
}

void ReplayedLines::fail(const std::string& what) const {
  throw Error(Code::input, file_.string() + ":" + std::to_string(number_), "this is no recording of lines: " + what);
}

}  // namespace risetime::core
