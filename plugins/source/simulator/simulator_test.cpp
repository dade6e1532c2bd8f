// What the simulator promises: the same rows at any pull size, and channels that look like channels.
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <risetime/plugin.hpp>
#include <risetime/testing.hpp>
#include <set>
#include <string>
#include <vector>

#include "position.hpp"
#include "thumbnail.hpp"
#include "world.hpp"

namespace risetime::simulator {
namespace {

std::string line_of(const Batch& batch, size_t row) {
  std::string line;
  for (size_t c = 0; c < batch.fields().size(); ++c) {
    const Column& column = batch.column(c);
    if (column.is_null(row)) {
      line += "-|";
    } else if (column.type().id == Type::int64 || column.type().id == Type::timestamp) {
      line += std::to_string(column.int64(row)) + "|";
    } else if (column.type().id == Type::float64) {
      line += std::to_string(column.float64(row)) + "|";
    } else if (column.type().id == Type::list) {
      const auto items = column.items(row);
      for (size_t i = 0; i < items.size(); ++i) line += std::string(items.text(i)) + ",";
      line += "|";
    } else {
      line += std::string(column.text(row)) + "|";
    }
  }
  return line;
}

// All rows of a source, each as one line of text, by table.
struct Collected : client::PullReceiver {
  std::map<std::string, std::vector<std::string>> rows;
  std::string at;
  size_t pulls = 0;

  void batch(std::string_view table, Batch batch) override {
    for (size_t row = 0; row < batch.rows(); ++row) rows[std::string(table)].push_back(line_of(batch, row));
  }
  void reject(std::string_view where, std::string_view, std::string_view) override { ADD_FAILURE() << where; }
  void failed(std::string_view account, const Error&) override { ADD_FAILURE() << account; }
  void cursor(std::string_view bytes) override { at = bytes; }

  std::vector<std::string> all() const {
    std::vector<std::string> lines;
    for (const auto& [table, those] : rows) {
      for (const std::string& line : those) lines.push_back(table + " " + line);
    }
    return lines;
  }
};

// An instance under test; what it hands over goes on from where `into` stands.
class Source {
 public:
  Source(const testkit::FakeHost& host, const std::string& config)
      : instance_(host.load(risetime_plugin_v1(), "simulator", config)), source_(*instance_) {}

  bool pull(Collected& into, size_t max_rows) {
    ++into.pulls;
    const std::string from = into.at;
    return source_.pull(from, max_rows, into);
  }

 private:
  std::unique_ptr<client::Instance> instance_;
  client::Source source_;
};

Collected collect(const std::string& config, uint64_t max_rows = 100000, bool new_instance_each_time = false) {
  const testkit::FakeHost host;
  Collected all;
  auto source = std::make_unique<Source>(host, config);
  while (source->pull(all, max_rows)) {
    if (new_instance_each_time) source = std::make_unique<Source>(host, config);
  }
  return all;
}

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> parts(1);
  for (const char letter : line) {
    if (letter == '|') {
      parts.emplace_back();
    } else {
      parts.back().push_back(letter);
    }
  }
  return parts;
}

constexpr const char* small = R"({"channels": 3, "videos_per_channel": 4, "days": 6, "every": "3h"})";

TEST(Simulator, HandsOverTheSameRowsAtAnyPullSize) {
  const Collected whole = collect(small);
  ASSERT_GT(whole.rows.at("observation").size(), 200U);
  for (const uint64_t max_rows : {1U, 2U, 7U, 64U, 1000U}) {
    const Collected parts = collect(small, max_rows);
    EXPECT_EQ(parts.rows, whole.rows) << "at " << max_rows << " rows a pull";
    EXPECT_EQ(parts.at, whole.at);
    EXPECT_GE(parts.pulls, whole.all().size() / max_rows);
  }
}

TEST(Simulator, IsTakenUpByAnotherInstanceAtAnyRow) { EXPECT_EQ(collect(small, 5, true).rows, collect(small).rows); }

TEST(Simulator, HasNothingMoreOnceTheHistoryIsThrough) {
  Collected all = collect(small);
  const size_t before = all.all().size();
  const testkit::FakeHost host;
  Source source(host, small);
  EXPECT_FALSE(source.pull(all, 1000));
  EXPECT_EQ(all.all().size(), before);
}

TEST(Simulator, MakesTheVideosAndKeysItIsAskedFor) {
  const Collected all = collect(small);
  EXPECT_EQ(all.rows.at("video").size(), 12U);
  EXPECT_EQ(all.rows.at("thumbnail").size(), 12U);
  std::set<std::string> videos, readings, channels;
  for (const auto& line : all.rows.at("video")) videos.insert(cells(line)[1]);
  for (const auto& line : all.rows.at("observation")) readings.insert(cells(line)[1] + " " + cells(line)[2]);
  for (const auto& line : all.rows.at("channel")) channels.insert(cells(line)[1]);
  EXPECT_EQ(videos.size(), 12U);
  EXPECT_EQ(channels, (std::set<std::string>{"channel-0001", "channel-0002", "channel-0003"}));
  EXPECT_EQ(readings.size(), all.rows.at("observation").size());
}

TEST(Simulator, MakesTheSameBytesOnEveryMachine) {
  uLong sum = crc32(0, nullptr, 0);
  const Collected all = collect(small);
  for (const char* table : {"video", "observation", "thumbnail"}) {
    for (const std::string& line : all.rows.at(table))
      sum = crc32(sum, reinterpret_cast<const Bytef*>(line.data()), static_cast<uInt>(line.size()));
  }
  EXPECT_EQ(sum, 3341435447U)
      << "a change here changes everybody's simulated histories: raise the plugin's version with it";
}

TEST(Simulator, MakesAnotherWorldForAnotherSeed) {
  const auto other = collect(R"({"seed": 2, "channels": 3, "videos_per_channel": 4, "days": 6, "every": "3h"})");
  EXPECT_NE(other.rows.at("video"), collect(small).rows.at("video"));
}

TEST(Simulator, MakesAChannelTheSameHoweverManyThereAre) {
  const auto few = collect(R"({"channels": 1, "videos_per_channel": 4, "days": 6, "every": "3h"})");
  const auto many = collect(small);
  const auto& rows = many.rows.at("observation");
  ASSERT_LT(few.rows.at("observation").size(), rows.size());
  EXPECT_TRUE(std::equal(few.rows.at("observation").begin(), few.rows.at("observation").end(), rows.begin()));
}

TEST(Simulator, ReadsEachVideoForwardInTimeAndNeverBeforeItsPublication) {
  const auto all = collect(small);
  std::map<std::string, int64_t> published, last;
  for (const auto& line : all.rows.at("video")) published[cells(line)[1]] = std::stoll(cells(line)[3]);
  const int64_t start = parse_day("2026-01-01");
  for (const auto& line : all.rows.at("observation")) {
    const auto row = cells(line);
    const int64_t time = std::stoll(row[2]);
    EXPECT_GT(time, published.at(row[1]));
    EXPECT_GT(time, last[row[1]]);
    EXPECT_LE(time, start + 6 * day);
    last[row[1]] = time;
  }
}

TEST(Simulator, GoesOnWhereItStoodInLiveRounds) {
  const std::string live =
      R"({"channels": 2, "videos_per_channel": 5, "days": 10, "every": "6h", "live": true, "start": "2026-02-01"})";
  testkit::FakeHost host;
  host.set_now(parse_day("2026-02-20"));
  Collected once;
  Source single(host, live);
  while (single.pull(once, 1000)) {
  }
  Collected rounds;
  Source source(host, live);
  for (int64_t now = parse_day("2026-02-02"); now <= parse_day("2026-02-20"); now += day) {
    host.set_now(now);
    while (source.pull(rounds, 50)) {
    }
  }
  const auto sorted = [](std::vector<std::string> lines) { return std::sort(lines.begin(), lines.end()), lines; };
  EXPECT_EQ(sorted(rounds.all()), sorted(once.all()));
  EXPECT_GT(once.rows.at("video").size(), 12U);  // it goes on publishing after the first ten days
}

TEST(Simulator, BeginsItsLiveHistorySomeDaysBeforeTheFirstRound) {
  testkit::FakeHost host;
  const int64_t now = parse_day("2030-05-20") + 7 * hour;
  host.set_now(now);
  Collected all;
  Source source(host, R"({"channels": 1, "videos_per_channel": 5, "days": 3, "every": "6h", "live": true})");
  while (source.pull(all, 1000)) {
  }
  ASSERT_FALSE(all.rows["observation"].empty());
  for (const auto& line : all.rows["observation"]) {
    EXPECT_GE(std::stoll(cells(line)[2]), parse_day("2030-05-17"));
    EXPECT_LE(std::stoll(cells(line)[2]), now);
  }
}

TEST(Simulator, LeavesOutTheThumbnailsIfToldSo) {
  const auto all = collect(R"({"channels": 1, "videos_per_channel": 2, "days": 2, "thumbnails": false})");
  EXPECT_EQ(all.rows.count("thumbnail"), 0U);
}

void expect_refused(const std::string& config, const std::string& words) {
  const testkit::FakeHost host;
  try {
    const Source source(host, config);
    FAIL() << "accepted " << config;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::config);
    EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
  }
}

TEST(Simulator, NamesTheSettingThatItCannotUse) {
  expect_refused(R"({"start": "2026-02-30"})", "start: \"2026-02-30\" is not a day");
  expect_refused(R"({"start": "yesterday!"})", "start");
  expect_refused(R"({"every": "0s"})", "every");
  expect_refused(R"({"channels": 0})", "channels");
}

TEST(Simulator, RefusesACursorThatIsNotItsOwn) {
  const testkit::FakeHost host;
  Source source(host, small);
  for (const char* cursor : {"x", "1 2 3", "2 0 0 0 0 0 0", "1 0 0 0 0 0 0 0", "1 0 0 0 0 -5 0", "1 0 0 0 0 0 0x"}) {
    Collected all;
    all.at = cursor;
    try {
      source.pull(all, 10);
      FAIL() << "accepted " << cursor;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::state);
    }
  }
}

TEST(Position, CountsDaysAsTheCalendarDoes) {
  EXPECT_EQ(parse_day("1970-01-01"), 0);
  EXPECT_EQ(parse_day("2000-03-01"), 951868800LL * second);
  EXPECT_EQ(parse_day("2024-02-29"), 1709164800LL * second);
  EXPECT_THROW(parse_day("2100-02-29"), Error);
}

// ---- the world

struct Grown {
  Promise promise;
  double followers, day7, day30;
};

std::vector<Grown> grow(int64_t channels) {
  Settings settings;
  settings.start = parse_day("2026-01-01");
  std::vector<Grown> all;
  for (int64_t c = 0; c < channels; ++c) {
    const Channel channel = make_channel(settings, c);
    for (int64_t v = 0; v < 10; ++v) {
      const Video video = make_video(settings, channel, v);
      Growth growth(settings, channel, video);
      const auto week = static_cast<double>(growth.at(video.published_at + 7 * day).views);
      all.push_back({video.text.promise, channel.followers, week,
                     static_cast<double>(growth.at(video.published_at + 30 * day).views)});
    }
  }
  return all;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

TEST(World, PutsTheGrowthIntoTheTitlesPromise) {
  std::map<Promise, std::vector<double>> week, later;
  for (const Grown& video : grow(300)) {
    week[video.promise].push_back(video.day7 / video.followers);
    later[video.promise].push_back((video.day30 + 1) / (video.day7 + 1));
  }
  EXPECT_GT(median(week[Promise::sensation]), 3 * median(week[Promise::routine]));
  EXPECT_GT(median(later[Promise::lesson]), 1.3 * median(later[Promise::routine]));
}

TEST(World, GivesTwelveChannelsTwelveNames) {
  Settings settings;
  for (settings.seed = 1; settings.seed < 20; ++settings.seed) {
    std::set<std::string> names;
    for (int64_t c = 0; c < 12; ++c) names.insert(make_channel(settings, c).name);
    EXPECT_EQ(names.size(), 12U);
  }
}

TEST(World, HasAHeavyTailOfAudiences) {
  Settings settings;
  std::vector<double> followers;
  for (int64_t c = 0; c < 2000; ++c) followers.push_back(make_channel(settings, c).followers);
  std::sort(followers.begin(), followers.end());
  EXPECT_GT(followers[1980], 50 * followers[1000]);  // the top hundredth against the middle
  EXPECT_LT(followers[20], followers[1000] / 10);
}

// Counts at each full hour of many videos: how often they fall, and by which share at most.
struct Falls {
  size_t hours = 0, falls = 0;
  double deepest = 0;
};
Falls count_falls(double corrections) {
  Settings settings;
  settings.corrections = corrections;
  Falls made;
  for (int64_t c = 0; c < 40; ++c) {
    const Channel channel = make_channel(settings, c);
    const Video video = make_video(settings, channel, 0);
    Growth growth(settings, channel, video);
    Counts before;
    for (int64_t h = 1; h <= 24 * 40; ++h, ++made.hours) {
      const Counts now = growth.at(video.published_at + h * hour);
      if (now.views < before.views) {
        ++made.falls;
        made.deepest = std::max(made.deepest, 1 - static_cast<double>(now.views) / static_cast<double>(before.views));
      }
      EXPECT_LE(now.likes, now.views);
      before = now;
    }
  }
  return made;
}

TEST(World, LetsCountsFallOnlyByCorrections) {
  EXPECT_EQ(count_falls(0).falls, 0U);
  const Falls some = count_falls(0.5);
  EXPECT_GT(some.falls, 100U);
  EXPECT_LT(some.falls, some.hours / 24);
  EXPECT_LE(some.deepest, 0.2);
}

TEST(World, LosesTheShareOfReadingsItIsTold) {
  for (const double gaps : {0.0, 0.03, 0.3}) {
    Settings settings;
    settings.gaps = gaps;
    size_t lost = 0, all = 0;
    for (int64_t c = 0; c < 60; ++c) {
      const Channel channel = make_channel(settings, c);
      const Video video = make_video(settings, channel, 0);
      for (int64_t tick = 0; tick < 24 * 60; ++tick, ++all) lost += reading_lost(settings, channel, video, tick);
    }
    EXPECT_NEAR(static_cast<double>(lost) / static_cast<double>(all), gaps, gaps * 0.12 + 1e-12);
  }
}

TEST(World, FollowsTheHoursOfTheDay) {
  Settings settings;
  settings.corrections = settings.spikes = 0;
  double best = 0, worst = 0;
  for (int64_t c = 0; c < 60; ++c) {
    const Channel channel = make_channel(settings, c);
    const Video video = make_video(settings, channel, 0);
    Growth growth(settings, channel, video);
    const int64_t from = (video.published_at / day + 10) * day;
    std::array<double, 24> by_hour{};
    double before = static_cast<double>(growth.at(from).views);
    for (size_t h = 0; h < 24 * 14; ++h) {
      const auto now = static_cast<double>(growth.at(from + static_cast<int64_t>(h + 1) * hour).views);
      by_hour[h % 24] += now - before;
      before = now;
    }
    best += *std::max_element(by_hour.begin(), by_hour.end());
    worst += *std::min_element(by_hour.begin(), by_hour.end());
  }
  EXPECT_GT(best, 1.5 * worst);
}

TEST(Random, AgreesWithTheCLibraryToTheLastPlaces) {
  for (double x = -40; x < 40; x += 0.37) EXPECT_NEAR(exponential(x) / std::exp(x), 1, 1e-15);
  for (double x = 0.001; x < 1e9; x *= 1.7)
    EXPECT_NEAR(logarithm(x), std::log(x), 1e-14 + 1e-15 * std::abs(std::log(x)));
}

TEST(Random, DrawsPoissonCountsWithTheRightMeanAndVariance) {
  for (const double mean : {0.2, 3.0, 11.9, 12.1, 400.0}) {
    Stream random(7);
    double sum = 0, square = 0;
    constexpr int count = 40000;
    for (int i = 0; i < count; ++i) {
      const double drawn = random.poisson(mean);
      sum += drawn;
      square += drawn * drawn;
    }
    const double average = sum / count;
    EXPECT_NEAR(average, mean, 5 * std::sqrt(mean / count));
    EXPECT_NEAR(square / count - average * average, mean, 0.06 * mean);
  }
}

// ---- thumbnails

uint32_t number_at(const std::string& bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(bytes[at + i]);
  return value;
}

// The picture's rows, read by zlib; checks each chunk's sum on the way.
std::string unpack(const std::string& png) {
  EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
  std::string packed;
  for (size_t at = 8; at < png.size();) {
    const uint32_t size = number_at(png, at);
    const std::string body = png.substr(at + 4, size + 4);
    EXPECT_EQ(crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size())),
              number_at(png, at + 8 + size));
    if (body.substr(0, 4) == "IDAT") packed = body.substr(4);
    at += 12 + size;
  }
  std::string rows(1 << 20, '\0');
  uLongf size = rows.size();
  EXPECT_EQ(uncompress(reinterpret_cast<Bytef*>(rows.data()), &size, reinterpret_cast<const Bytef*>(packed.data()),
                       static_cast<uLong>(packed.size())),
            Z_OK);
  rows.resize(size);
  return rows;
}

TEST(Thumbnail, IsAPngThatOthersRead) {
  for (size_t topic = 0; topic < topic_count; ++topic) {
    for (const Promise promise : {Promise::ordinary, Promise::sensation, Promise::lesson, Promise::routine}) {
      const Picture picture = draw_thumbnail(mix(topic), topic, promise);
      const std::string png = write_png(picture);
      EXPECT_LT(png.size(), 3000U);
      const std::string rows = unpack(png);
      ASSERT_EQ(rows.size(), size_t{picture.height} * (picture.width + 1));
      for (unsigned y = 0; y < picture.height; ++y) {
        const auto* row = reinterpret_cast<const uint8_t*>(rows.data()) + size_t{y} * (picture.width + 1) + 1;
        ASSERT_TRUE(std::equal(row, row + picture.width, picture.pixels.begin() + y * picture.width));
      }
    }
  }
}

TEST(Thumbnail, PacksAnyPictureSoThatItComesBack) {
  Stream random(3);
  for (const unsigned wide : {1U, 2U, 3U, 257U, 258U, 259U, 1000U}) {
    Picture picture{wide, 5, {}, {0x000000, 0xFFFFFF, 0x123456}};
    for (unsigned i = 0; i < wide * 5; ++i)
      picture.pixels.push_back(static_cast<uint8_t>(random.chance(0.9) ? 1 : random.below(256)));
    const std::string rows = unpack(write_png(picture));
    ASSERT_EQ(rows.size(), size_t{5} * (wide + 1));
    for (size_t i = 0; i < picture.pixels.size(); ++i)
      ASSERT_EQ(static_cast<uint8_t>(rows[i / wide * (wide + 1) + 1 + i % wide]), picture.pixels[i]);
  }
}

}  // namespace
}  // namespace risetime::simulator
