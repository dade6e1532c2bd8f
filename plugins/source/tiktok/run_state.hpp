// The run that is under way or half read: what is kept between pulls and processes, in the transaction of each pull.
#pragma once

#include <risetime/json.hpp>
#include <set>

namespace risetime::tiktok {

struct RunState {
  std::int64_t asked_at = 0;           // when it was decided to start a run, UTC microseconds; 0: there is none
  std::string input;                   // what it is started with
  std::vector<std::string> units;      // the targets that it is for, by name
  std::int64_t max_items = 0;          // how many of its items are paid for
  std::string id, dataset;             // empty: Apify's answer did not come, or did not reach the store
  std::string status, message;         // how it ended, once it has
  std::int64_t finished_at = 0;        // when it ended, UTC microseconds; 0: not yet, as far as is known
  std::int64_t offset = 0;             // items of its data set that are in the store
  std::set<std::string> seen, failed;  // those of the units that gave an item, or an error that is reported
  std::vector<std::string> earlier;    // ids of the last runs before it

  bool is_open() const { return asked_at != 0; }
  // Forgets the run, but for its id among the earlier ones.
  void close();

  std::string text() const;
  // Throws Error(Code::state) for what text() did not write.
  static RunState parse(const std::string& text);
};

}  // namespace risetime::tiktok
