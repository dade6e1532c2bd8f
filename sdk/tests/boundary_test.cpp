// Plain classes through the real C boundary: what an author writes is what the host gets.
#include <gtest/gtest.h>

#include <risetime/plugin.hpp>
#include <risetime/testing.hpp>

namespace {

using namespace risetime;

struct LastOptions {
  double factor = 1.0;
  static constexpr auto fields =
      risetime::fields(risetime::field("factor", &LastOptions::factor, "Multiplies.", risetime::range(0.0, 10.0)));
};

struct Last {
  static constexpr Info info{"last", "1.0.0", "Repeats the last value."};
  using Config = LastOptions;
  Last(Context, Config options) : options_(options) {}
  void fit(Training& training) {
    while (auto series = training.next()) videos_ += static_cast<double>(series->size());
  }
  void forecast(const Series& now, Horizons horizons, Forecast& out) const {
    for (std::size_t video = 0; video < now.size(); ++video)
      for (std::size_t stat = 0; stat < now.stats().size(); ++stat) {
        if (now.values(stat, video).empty()) continue;
        const double last = now.values(stat, video).back() * options_.factor;
        for (std::size_t horizon = 0; horizon < horizons.size(); ++horizon)
          out.set(video, stat, horizon, last, {last, last, last, last, last, last, last});
      }
  }
  void save(Writer& to) const { to.write(videos_); }
  void load(Reader& from) { videos_ = from.read<double>(); }
  LastOptions options_;
  double videos_ = 0;
};

// Says what moved its forecasts: each doubles an average gain of three.
struct Doubling : Last {
  static constexpr Info info{"doubling", "1.0.0", "Doubles a gain."};
  using Last::Last;
  void explain(const Series& now, Horizons horizons, Contributions& out) const {
    const int defect = static_cast<int>(options_.factor);
    if (defect == 10) out.add(0, 0, 0, "age", 1);  // without a base
    if (defect == 9) out.set_base(0, 0, 0, std::nan(""));
    if (defect == 8) out.set_base(0, 0, horizons.size(), 0);  // that nobody asked about
    for (std::size_t video = 0; video < now.size(); ++video) {
      if (now.values(0, video).empty()) continue;
      out.set_base(video, 0, 0, std::log(4));
      out.add(video, 0, 0, "age", std::log(3));
      out.add_feature(video, 0, 0, 1, std::log(2));
      out.add(video, 0, 0, "age", -std::log(3));
    }
  }
};

struct Letters {
  static constexpr Info info{"letters", "1.0.0", "Counts letters."};
  static constexpr const char* input = "video";
  std::vector<std::string> names() const { return {"letters", "words"}; }
  void describe(const Batch& rows, Vectors& out) const {
    const Column& titles = rows.column("title", Type::utf8);
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      const float vector[] = {static_cast<float>(titles.text(row).size()), 1};
      titles.text(row).empty() ? out.missing("no title") : out.add({vector, 2});
    }
  }
};

struct Feed {
  static constexpr Info info{"feed", "1.0.0", "Two videos."};
  static constexpr const char* needs[] = {RISETIME_HTTP_ID};
  explicit Feed(Context host) : host_(host) {}
  Pull pull(std::string_view cursor, std::size_t, Rows& out) {
    if (cursor == "done") return Pull::end;
    out.add(Observation{"x", host_.get("https://example.org/a").body, host_.now(), 5, {}, {}, {}, {}});
    out.reject("a:1:2", "odd", "raw");
    out.failed("x:other", Error(Code::limited, "https://example.org/b", "slow down", 500));
    out.cursor("done");
    return Pull::more;
  }
  Context host_;
};

struct Thrower {
  static constexpr Info info{"thrower", "1.0.0", "Throws from everywhere."};
  void fit(Training&) { throw 7; }
  void forecast(const Series&, Horizons, Forecast&) const { throw std::runtime_error("forecast broke"); }
  void save(Writer&) const { throw std::bad_alloc(); }
  void load(Reader&) {}
  Pull pull(std::string_view, std::size_t, Rows&) { throw Error(Code::io, "here", "no disk", 3); }
};

const risetime_plugins* all() { return plugin::entry<Last, Doubling, Letters, Feed, Thrower>(); }

const std::vector<std::string> stats = {"views"};

testkit::SeriesRow row(std::string id, std::vector<double> values) {
  testkit::SeriesRow made;
  made.video_id = std::move(id);
  for (std::size_t i = 0; i < values.size(); ++i) made.times.push_back(static_cast<std::int64_t>(i) * 1000);
  made.values = {std::move(values)};
  return made;
}

TEST(Boundary, AModelFitsSavesLoadsAndForecasts) {
  testkit::FakeHost host;
  const auto instance = host.load(all(), "last", R"({"factor": 2})");
  client::Model model(*instance);
  testkit::BatchList training([&](std::size_t i) {
    return i < 2 ? std::optional<Batch>(testkit::series_batch({row("a", {1, 2}), row("b", {3})}, stats)) : std::nullopt;
  });
  model.fit(training, stats, {}, {});
  const auto again = host.load(all(), "last", R"({"factor": 2})");
  client::Model copy(*again);
  copy.load(model.save());
  const std::int64_t horizons[] = {10, 20};
  const Forecast forecast =
      copy.forecast(testkit::series_batch({row("a", {1, 2}), row("none", {})}, stats), stats, {horizons, 2});
  EXPECT_EQ(forecast.mean(0, 0, 1), 4);
  EXPECT_FALSE(forecast.has(1, 0, 0));
  EXPECT_EQ(copy.save(), model.save());
}

TEST(Boundary, AModelRefusesToForecastBeforeItKnowsAnything) {
  testkit::FakeHost host;
  const auto instance = host.load(all(), "last");
  try {
    client::Model(*instance).forecast(testkit::series_batch({row("a", {1})}, stats), stats, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::state);
  }
}

TEST(Boundary, AModelSaysWhichInputsMovedItsForecastsOrThatItCannot) {
  testkit::FakeHost host;
  const auto instance = host.load(all(), "doubling");
  client::Model model(*instance);
  testkit::BatchList none([](std::size_t) { return std::optional<Batch>(); });
  const std::int64_t horizons[] = {10, 20};
  const Batch rows = testkit::series_batch({row("none", {}), row("a", {1, 2})}, stats);
  ASSERT_TRUE(model.can_explain());
  EXPECT_THROW(model.explain(rows, stats, {horizons, 2}), Error) << "before it was fitted";
  model.fit(none, stats, {}, {});
  const Contributions said = model.explain(rows, stats, {horizons, 2});
  EXPECT_FALSE(said.has(0, 0, 0));
  EXPECT_FALSE(said.has(1, 0, 1));
  ASSERT_TRUE(said.has(1, 0, 0));
  EXPECT_EQ(said.base(1, 0, 0), std::log(4));
  EXPECT_NEAR(said.sum(1, 0, 0), std::log(8), 1e-12);
  const auto& parts = said.parts(1, 0, 0);
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].input, "age");
  EXPECT_EQ(parts[0].value, 0);
  EXPECT_EQ(parts[1].feature, 1U);

  const auto silent = host.load(all(), "last");
  client::Model other(*silent);
  EXPECT_FALSE(other.can_explain());
  EXPECT_THROW(other.explain(rows, stats, {horizons, 2}), Error);
}

TEST(Boundary, ContributionsThatCannotBeAreRefused) {
  testkit::FakeHost host;
  for (const char* factor : {"10", "9", "8"}) {
    const auto instance = host.load(all(), "doubling", R"({"factor": )" + std::string(factor) + "}");
    client::Model model(*instance);
    testkit::BatchList none([](std::size_t) { return std::optional<Batch>(); });
    model.fit(none, stats, {}, {});
    const std::int64_t horizons[] = {10};
    EXPECT_THROW(model.explain(testkit::series_batch({row("none", {})}, stats), stats, {horizons, 1}), Error) << factor;
  }
  // As they could come from another layer than ours.
  const auto refused = [](auto fill) {
    BatchBuilder rows(Contributions::fields());
    for (std::size_t column = 0; column < 3; ++column) rows[column].add_int64(0);
    fill(rows);
    Contributions said(1, 1, 1);
    try {
      said.add_batch(rows.finish());
    } catch (const Error& error) {
      return error.code() == Code::input;
    }
    return false;
  };
  EXPECT_TRUE(refused([](BatchBuilder& rows) { rows[3].add_text("age"), rows[4].add_null(), rows[5].add_float64(1); }));
  EXPECT_TRUE(
      refused([](BatchBuilder& rows) { rows[3].add_null(), rows[4].add_null(), rows[5].add_float64(std::nan("")); }));
  EXPECT_FALSE(refused([](BatchBuilder& rows) { rows[3].add_null(), rows[4].add_null(), rows[5].add_float64(1); }));
}

TEST(Boundary, TheNoteSaysThatAModelExplains) {
  EXPECT_NE(std::string(plugin::make_note<Doubling>().text).find(" " RISETIME_MODEL_ID " " RISETIME_EXPLAIN_ID),
            std::string::npos);
  EXPECT_EQ(std::string(plugin::make_note<Last>().text).find(RISETIME_EXPLAIN_ID), std::string::npos);
}

TEST(Boundary, ASavedStateThatIsCutShortIsRefused) {
  testkit::FakeHost host;
  const auto instance = host.load(all(), "last");
  EXPECT_THROW(client::Model(*instance).load("abc"), Error);
  EXPECT_THROW(client::Model(*instance).load("0123456789"), Error);
}

TEST(Boundary, AFeaturizerSaysWhichRowIsMissingAndWhy) {
  testkit::FakeHost host;
  const auto instance = host.load(all(), "letters");
  client::Featurizer featurizer(*instance);
  BatchBuilder videos(tables::video().fields);
  append(videos, Video{"x", "1", "c", 0, "abc", {}, {"t"}, {}, {}, {}, {}, {}});
  append(videos, Video{"x", "2", "c", 0, "", {}, {}, {}, {}, {}, {}, {}});
  std::vector<std::string> reasons;
  const Batch vectors = featurizer.describe(videos.finish(), [&](std::size_t at, std::string_view why) {
    reasons.push_back(std::to_string(at) + std::string(why));
  });
  EXPECT_EQ(vectors.column(0).items(0).float32(0), 3);
  EXPECT_TRUE(vectors.column(0).is_null(1));
  EXPECT_EQ(reasons, std::vector<std::string>{"1no title"});
  EXPECT_EQ(featurizer.names(), (std::vector<std::string>{"letters", "words"}));
  EXPECT_FALSE(featurizer.learns());
}

TEST(Boundary, ASourceDeliversRowsRejectsFailuresAndItsCursor) {
  testkit::FakeHost host;
  host.answer("https://example.org/a", 200, "v1");
  const auto instance = host.load(all(), "feed");
  const auto pulled = testkit::pull_all(*instance);
  ASSERT_EQ(pulled.rows("observation"), 1U);
  EXPECT_EQ(pulled.tables.at("observation")[0].column("video_id", Type::utf8).text(0), "v1");
  EXPECT_EQ(pulled.rejects.at(0).where, "a:1:2");
  EXPECT_EQ(pulled.failures.at(0).second.retry_after_ms(), 500);
  EXPECT_EQ(pulled.last_cursor, "done");
}

struct Rounds {
  static constexpr Info info{"rounds", "1.0.0", "Reads what the schedule wants."};
  explicit Rounds(Context host) : host_(host) {}
  Pull pull(std::string_view, std::size_t, Rows& out) {
    const std::vector<std::string> accounts = {"x:a", "x:b"};
    host_.announce_accounts(accounts);
    for (const std::string& account : accounts) {
      if (!host_.wants_account(account)) continue;
      HttpRequest request;
      request.url = "https://example.org/" + account;
      request.purpose = Purpose::interface;
      request.quota = {"data", "@{secret:0}", 100, 10'000, Quota::Day::pacific};
      host_.fetch(request);
      for (const char* video : {"v1", "v2"})
        if (host_.wants_video(account, video, 7))
          out.add(Observation{"x", account + video, host_.now(), 1, {}, {}, {}, {}});
      host_.account_done(account);
    }
    return Pull::end;
  }
  Context host_;
};
const risetime_plugins* only_rounds() { return plugin::entry<Rounds>(); }

TEST(Boundary, ASourceReadsWhatTheScheduleWantsAndSaysWhatARequestIsForAndCosts) {
  testkit::FakeHost host;
  host.answer("https://example.org/x:a", 200, "");
  host.refuse("x:b");
  host.refuse("v2");
  const auto source = host.load(only_rounds(), "rounds");
  EXPECT_EQ(testkit::pull_all(*source).rows("observation"), 1U);
  EXPECT_EQ(host.announced, (std::vector<std::string>{"x:a", "x:b"}));
  EXPECT_EQ(host.done, (std::vector<std::string>{"x:a"}));
  ASSERT_EQ(host.requests.size(), 1U);
  EXPECT_EQ(host.requests[0].purpose, Purpose::interface);
  EXPECT_EQ(host.requests[0].quota.name, "data");
  EXPECT_EQ(host.requests[0].quota.key, "@{secret:0}");
  EXPECT_EQ(host.requests[0].quota.cost, 100);
  EXPECT_EQ(host.requests[0].quota.per_day, 10'000);
  EXPECT_EQ(host.requests[0].quota.day, Quota::Day::pacific);
}

TEST(Boundary, AHostWithoutAScheduleWantsEverything) {
  testkit::FakeHost host;
  host.withhold(RISETIME_SCHEDULE_ID);
  host.answer("https://example.org/x:a", 200, "");
  host.answer("https://example.org/x:b", 200, "");
  const auto source = host.load(only_rounds(), "rounds");
  EXPECT_EQ(testkit::pull_all(*source).rows("observation"), 4U);
}

TEST(Boundary, AMissingServiceIsAnErrorAtCreate) {
  testkit::FakeHost host;
  host.withhold(RISETIME_HTTP_ID);
  EXPECT_THROW(host.load(all(), "feed"), Error);
}

TEST(Boundary, ExceptionsOfEveryKindArriveAsErrors) {
  testkit::FakeHost host;
  const auto instance = host.load(all(), "thrower");
  testkit::BatchList none([](std::size_t) { return std::nullopt; });
  client::Model model(*instance);
  EXPECT_THROW(model.fit(none, stats, {}, {}), Error);
  model.load("");
  try {
    model.forecast(testkit::series_batch({row("a", {1})}, stats), stats, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::internal);
    EXPECT_STREQ(error.what(), "forecast broke");
  }
  EXPECT_THROW(model.save(), Error);
  try {
    testkit::pull_all(*instance);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::io);
    EXPECT_EQ(error.where(), "here");
    EXPECT_EQ(error.retry_after_ms(), 3);
  }
}

TEST(Boundary, ParallelForReachesEveryIndexAndReportsTheFirstError) {
  for (const std::size_t threads : {1, 4}) {
    testkit::FakeHost host;
    host.set_threads(threads);
    std::vector<std::size_t> seen(1000, 0);
    host.context().parallel_for(seen.size(), [&](std::size_t i) { seen[i] += i; });
    for (std::size_t i = 0; i < seen.size(); ++i) ASSERT_EQ(seen[i], i);
    try {
      host.context().parallel_for(100, [](std::size_t i) {
        if (i % 10 == 7) throw Error(Code::input, "row " + std::to_string(i), "bad");
      });
      FAIL() << "the error was lost";
    } catch (const Error& error) {
      EXPECT_EQ(error.where(), "row 7");
    }
  }
}

TEST(Boundary, AWrongSettingIsRefusedWithItsPath) {
  testkit::FakeHost host;
  try {
    host.load(all(), "last", R"({"factor": 11})");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::config);
    EXPECT_EQ(error.where(), "factor");
  }
}

TEST(Boundary, TheNoteNamesThePluginsAndTheirCapabilities) {
  constexpr plugin::Note note = plugin::make_note<Last, Letters>();
  const std::string text = note.text;
  EXPECT_NE(text.find("abi 1.1\n"), std::string::npos);
  EXPECT_NE(text.find("plugin last 1.0.0 risetime.model/1\nsummary Repeats the last value.\n"), std::string::npos);
  EXPECT_NE(text.find("plugin letters 1.0.0 risetime.featurizer/1\n"), std::string::npos);
}

}  // namespace
