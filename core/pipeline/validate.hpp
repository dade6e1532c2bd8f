// Rows of sources before they are stored: what is not as tables promise, or as the settings ask, is set aside.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/catalog/catalog.hpp"
#include "core/config/settings.hpp"

namespace risetime::core {

class Validator {
 public:
  // The catalog is asked for the latest reading of a video that was not seen yet in this round.
  Validator(const ValidateSettings& settings, Catalog& catalog, std::string source)
      : settings_(settings), catalog_(catalog), source_(std::move(source)) {}

  // The rows that may be stored; the others are added to rejects, each with where it stood, why, and the row as JSON.
  // What is checked: required values; ids that are not empty; counts from 0 to 10^15; lengths and times that are not
  // negative; readings at most a day after `now`, UTC microseconds, and a day before the video was published (platforms
  // round times to days); the fewest views and the greatest age of the settings; totals that are lower than before. The
  // last three and publication know a video by what this
  // round delivered or, in deliveries of up to 5,000 rows, the store holds; larger ones are compared with the past only
  // where the settings ask for it. Throws Error(Code::input) naming table and column where a column is missing or of
  // another type: that is a defect of the plugin, and nothing of the pull is stored.
  Batch check(const std::string& table, Batch rows, std::int64_t now, std::vector<Reject>& rejects);

  // Readings, so far, of which some total was lower than in the reading before.
  std::uint64_t corrections() const noexcept { return corrections_; }

 private:
  struct Reading {
    std::int64_t observed_at = 0;
    std::int64_t totals[4] = {-1, -1, -1, -1};  // views, likes, comments, shares; -1: not known
  };
  struct Seen {
    std::optional<std::int64_t> published_at;
    std::optional<Reading> last;
    bool is_looked_up = false;
  };
  using Problems = std::vector<std::string>;  // a row's reason, or nothing
  void check_columns(const Table& table, const Batch& rows) const;
  void check_values(const Table& table, const Batch& rows, Problems& problems) const;
  void check_times(const Batch& rows, std::int64_t now, Problems& problems) const;
  void remember_videos(const Batch& rows, const Problems& problems);
  void check_readings(const Batch& rows, Problems& problems);
  Seen& seen(const std::string& platform, const std::string& video_id, bool look_up);

  const ValidateSettings& settings_;
  Catalog& catalog_;
  std::string source_;
  std::unordered_map<std::string, Seen> seen_;
  std::uint64_t corrections_ = 0;
};

}  // namespace risetime::core
