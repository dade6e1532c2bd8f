// What one item of an actor, or one row of a scrape, says of a video and its author.
#pragma once

#include <risetime/json.hpp>
#include <risetime/source.hpp>
#include <set>
#include <stdexcept>

#include "record.hpp"

namespace risetime::tiktok {

constexpr const char* platform = "tiktok";

// An item that cannot be used; what() says why.
class BadItem : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// How times are read that an item does not give in full.
struct ItemClock {
  std::int64_t observed_at = 0;  // of items that do not say when they were read; UTC microseconds
  std::int64_t offset = 0;       // of times without a zone, in microseconds east of UTC
};

struct Item {
  Channel channel;  // the author, at the time of the observation
  Video video;
  Observation observation;
};

// Throws BadItem where it has no id, author, time of publication or count, or where one of them cannot be read.
Item read_item(const Record& record, const ItemClock& clock);

// What an item says where it stands for something that could not be read; empty where it is none of these.
std::string complaint_of(const Record& record);

// Hands items over: each video, reading and author's row once within a pull.
class ItemRows {
 public:
  explicit ItemRows(Rows& out) : out_(out) {}
  void add(const Item& item);
  void add_author(const Item& item);

 private:
  Rows& out_;
  std::set<std::pair<std::string, std::int64_t>> readings_, authors_;
};

}  // namespace risetime::tiktok
