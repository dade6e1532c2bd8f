// What a source writes to.
#pragma once

#include <risetime/presence.hpp>
#include <utility>

namespace risetime {

enum class Pull { more, end };

// Rows of one pull. All of it, cursor included, reaches the store in one transaction, or nothing of it does.
class Rows {
 public:
  explicit Rows(const risetime_rows* out)
      : out_(out),
        channels_(tables::channel().fields),
        videos_(tables::video().fields),
        observations_(tables::observation().fields),
        thumbnails_(tables::thumbnail().fields),
        presences_(tables::presence().fields) {}

  void add(const Channel& row) { append(channels_, row), ++size_; }
  void add(const Video& row) { append(videos_, row), ++size_; }
  void add(const Observation& row) { append(observations_, row), ++size_; }
  void add(const ObservationView& row) { append(observations_, row), ++size_; }
  void add(const Thumbnail& row) {
    append(thumbnails_, row);
    ++size_;
    bytes_ += row.bytes.size();
    if (bytes_ > flush_bytes) flush();  // pictures are large: hand them over in portions
  }

  void add(const Presence& row) { append(presences_, row), ++size_; }

  // Where the next pull begins; opaque to the host.
  void cursor(std::string bytes) {
    cursor_ = std::move(bytes);
    has_cursor_ = true;
  }
  // One row that cannot be used: file:line:column or URL, why, and the row as it came. It is counted and kept aside.
  void reject(std::string_view where, std::string_view reason, std::string_view raw) {
    call([&](risetime_error* error) {
      return out_->reject(out_->context, abi::text(where), abi::text(reason), abi::text(raw), error);
    });
  }
  // One account that could not be read, as "platform:account"; the others go on.
  void failed(std::string_view account, const Error& why) {
    auto reason = abi::empty_error();
    abi::fill(&reason, why.code(), why.where(), why.message(), why.retry_after_ms());
    call([&](risetime_error* error) { return out_->failed(out_->context, abi::text(account), &reason, error); });
  }
  // How many rows were added in this pull.
  std::size_t size() const noexcept { return size_; }

  // Called by the layer when pull returns.
  void finish() {
    flush();
    if (has_cursor_)
      call([&](risetime_error* error) { return out_->cursor(out_->context, abi::bytes(cursor_), error); });
  }

 private:
  static constexpr std::size_t flush_bytes = std::size_t{16} << 20;

  template <class Call>
  static void call(const Call& make) {
    auto error = abi::empty_error();
    abi::check(make(&error), error);
  }
  void flush() {
    hand_over("channel", channels_);
    hand_over("video", videos_);
    hand_over("observation", observations_);
    hand_over("thumbnail", thumbnails_);
    hand_over("presence", presences_);
    bytes_ = 0;
  }
  void hand_over(std::string_view table, BatchBuilder& rows) {
    if (rows.rows() == 0) return;
    ArrowArray array{};
    ArrowSchema schema{};
    rows.finish().move_to(&array, &schema);
    call([&](risetime_error* error) { return out_->batch(out_->context, abi::text(table), &array, &schema, error); });
  }

  const risetime_rows* out_;
  BatchBuilder channels_, videos_, observations_, thumbnails_, presences_;
  std::string cursor_;
  bool has_cursor_ = false;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace risetime
