// The source by Apify, through the C boundary, over a stand-in of Apify's API: its answers in the form of its public
// documentation, faults included.
#include "apify.hpp"

#include "test_rows.hpp"

namespace risetime::tiktok {
namespace {

using testkit::FakeHost;
using testkit::Pulled;

const std::string api = "https://api.apify.com/v2";
const std::string token_handle = "@{secret:aa}";
const std::string runs = api + "/acts/clockworks~tiktok-scraper/runs";

std::string run_answer(const std::string& id, const std::string& status, const std::string& more = "") {
  return R"({"data":{"id":")" + id + R"(","actId":"x","status":")" + status +
         R"(","startedAt":"2026-01-01T00:00:01.000Z","finishedAt":)" +
         (status == "RUNNING" || status == "READY" ? "null" : R"("2026-01-01T00:05:00.000Z")") +
         R"(,"defaultDatasetId":"D)" + id + R"(","defaultKeyValueStoreId":"K)" + id + "\"" + more + "}}";
}

// A host whose Apify runs one actor.
struct Stand {
  // The next run that is started; its data set has these items.
  void run(const std::string& id, std::int64_t asked_items, const std::string& status = "SUCCEEDED") {
    host.answer("POST " + start_url(asked_items), 201, run_answer(id, "READY"));
    host.answer(api + "/actor-runs/" + id, 200, run_answer(id, status));
  }
  static std::string start_url(std::int64_t items) {
    return runs + "?timeout=1800&maxItems=" + std::to_string(items) + "&maxTotalChargeUsd=1";
  }
  static std::string page_url(const std::string& id, int offset, int limit = 500) {
    return api + "/datasets/D" + id + "/items?format=json&offset=" + std::to_string(offset) +
           "&limit=" + std::to_string(limit);
  }
  void page(const std::string& id, int offset, const std::vector<std::string>& items, std::int64_t total = -1,
            int limit = 500) {
    std::vector<HttpHeader> headers{{"x-apify-pagination-offset", std::to_string(offset)}};
    if (total >= 0) headers.push_back({"x-apify-pagination-total", std::to_string(total)});
    host.answer(page_url(id, offset, limit), 200, list(items), headers);
  }
  std::unique_ptr<client::Instance> load(const std::string& settings) const {
    return host.load(risetime_plugin_v1(), "tiktok", config(settings));
  }
  Pulled pull(const std::string& settings, const std::string& cursor = "") const {
    return testkit::pull_all(*load(settings), 10000, cursor, 50);
  }
  static std::string config(const std::string& settings) {
    return R"({"token":")" + token_handle + "\"" + (settings.empty() ? "" : "," + settings) + "}";
  }
  std::size_t asked(const std::string& url, const std::string& method = "GET") const {
    return static_cast<std::size_t>(
        std::count_if(host.requests.begin(), host.requests.end(), [&](const HttpRequest& request) {
          return request.method == method && request.url.compare(0, url.size(), url) == 0;
        }));
  }
  std::size_t started() const { return asked(runs, "POST"); }
  Json kept() const { return Json::parse(host.state.at("run")); }

  FakeHost host;
};

const std::string two = R"("profiles":["paper","@Scissors"])";

std::string thrown(const std::function<void()>& act, Code code) {
  try {
    act();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(TiktokApify, ARunGivesVideosReadingsAndFollowers) {
  Stand stand;
  stand.run("R1", 40);
  stand.page("R1", 0, {item("paper", 1, 100), item("scissors", 2, 200), item("paper", 3, 300)}, 3);
  stand.page("R1", 3, {}, 3);
  const Pulled pulled = stand.pull(two);
  ASSERT_TRUE(pulled.failures.empty()) << pulled.failures[0].second.what();
  EXPECT_EQ(stand.host.announced, (Texts{"tiktok:paper", "tiktok:scissors"}));
  EXPECT_EQ(stand.host.done, (Texts{"tiktok:paper", "tiktok:scissors"}));
  EXPECT_EQ(texts(pulled, "channel", "channel_id"), (Texts{"paper", "scissors"}));
  EXPECT_EQ(numbers(pulled, "channel", "followers"), (Numbers{1200, 1200}));
  EXPECT_EQ(numbers(pulled, "observation", "views"), (Numbers{300, 200, 100}));  // the newest first
  for (const std::int64_t time : numbers(pulled, "observation", "observed_at"))
    EXPECT_EQ(time, new_year + 300 * second);  // when the run ended
  EXPECT_EQ(stand.started(), 1U);
  EXPECT_EQ(stand.kept().dump(), R"({"earlier":["R1"]})");
}

TEST(TiktokApify, AsksForProgramsWithItsTokenInTheHeaderOnly) {
  Stand stand;
  stand.run("R1", 40);
  stand.page("R1", 0, {});
  stand.pull(two);
  ASSERT_FALSE(stand.host.requests.empty());
  for (const HttpRequest& request : stand.host.requests) {
    EXPECT_EQ(request.purpose, Purpose::interface);
    EXPECT_FALSE(has(request.url + request.body, token_handle));
    bool authorized = false;
    for (const HttpHeader& header : request.headers)
      authorized = authorized || (header.name == "Authorization" && header.value == "Bearer " + token_handle);
    EXPECT_TRUE(authorized) << request.url;
  }
  EXPECT_EQ(stand.host.requests[0].body, R"({"profiles":["paper","scissors"],"resultsPerPage":20})");
  EXPECT_EQ(stand.host.requests[0].quota.name, "");
}

TEST(TiktokApify, TheInputNamesWhatIsWantedAsTheActorCallsIt) {
  Stand stand;
  const std::string url = "https://www.tiktok.com/@paper/video/" + video_id(1);
  stand.host.answer("POST " + api + "/acts/Abc123/runs?timeout=60&maxItems=9&maxTotalChargeUsd=0.25", 201,
                    run_answer("R1", "SUCCEEDED"));
  stand.page("R1", 0, {});
  stand.pull(R"("actor":"Abc123","profiles":["paper"],"hashtags":["#Origami"],"searches":["paper crane"],"videos":[")" +
             url +
             R"("],"results":5,"max_items":9,"max_charge_usd":0.25,"usd_per_day":3,"run_timeout":"1m",)"
             R"("names":{"profiles":"users","results":""},"input":"{\"proxyCountryCode\":\"US\"}")");
  EXPECT_EQ(stand.host.requests.at(0).body,
            R"({"hashtags":["origami"],"postURLs":[")" + url +
                R"("],"proxyCountryCode":"US","searchQueries":["paper crane"],"users":["paper"]})");
  const Quota& quota = stand.host.requests.at(0).quota;
  EXPECT_EQ(quota.name, "apify-cents");
  EXPECT_EQ(quota.cost, 25);
  EXPECT_EQ(quota.per_day, 300);
  EXPECT_EQ(stand.host.announced,
            (Texts{"tiktok:paper", "tiktok:tag/origami", "tiktok:search/paper crane", "tiktok:videos/"}));
}

TEST(TiktokApify, ReadsADataSetPageByPageHoweverManyItemsAPageHas) {
  Stand stand;
  stand.run("R1", 20);
  stand.page("R1", 0, {item("paper", 1, 1), item("paper", 2, 2)}, 5, 2);
  stand.page("R1", 2, {item("paper", 3, 3)}, 5, 2);  // half a page
  stand.page("R1", 3, {item("paper", 4, 4), item("paper", 5, 5)}, 5, 2);
  stand.page("R1", 5, {}, 5, 2);
  const Pulled pulled = stand.pull(R"("profiles":["paper"],"page_size":2)");
  EXPECT_TRUE(pulled.failures.empty());
  EXPECT_EQ(pulled.rows("observation"), 5U);
}

TEST(TiktokApify, RunsAreSharedByAsManyAccountsAsAllowed) {
  Stand stand;
  stand.host.answer("POST " + Stand::start_url(20), 201, run_answer("R1", "READY"));
  stand.host.answer("POST " + Stand::start_url(20), 201, run_answer("R2", "READY"));
  for (const std::string id : {"R1", "R2"})
    stand.host.answer(api + "/actor-runs/" + id, 200, run_answer(id, "SUCCEEDED"));
  stand.page("R1", 0, {item("paper", 1, 1)});
  stand.page("R1", 1, {});
  stand.page("R2", 0, {item("scissors", 1, 1)});
  stand.page("R2", 1, {});
  const Pulled pulled = stand.pull(two + R"(,"accounts_per_run":1)");
  EXPECT_TRUE(pulled.failures.empty());
  EXPECT_EQ(stand.host.done, (Texts{"tiktok:paper", "tiktok:scissors"}));
  EXPECT_EQ(pulled.last_cursor, "");
}

TEST(TiktokApify, TheScheduleDecidesAboutAccountsAndAboutVideosBeforeTheyCost) {
  Stand stand;
  stand.host.refuse("tiktok:scissors");
  stand.host.refuse(video_id(2));
  const std::string url = "https://www.tiktok.com/@x/video/";
  stand.run("R1", 21);
  stand.page("R1", 0, {item("paper", 1, 1), item("paper", 2, 2), item("x", 3, 3)});
  stand.page("R1", 3, {});
  const Pulled pulled = stand.pull(two + R"(,"videos":[")" + url + video_id(2) + R"(",")" + url + video_id(3) + "\"]");
  EXPECT_EQ(stand.host.requests.at(0).body,
            R"({"postURLs":[")" + url + video_id(3) + R"("],"profiles":["paper"],"resultsPerPage":20})");
  EXPECT_EQ(texts(pulled, "video", "video_id"), (Texts{video_id(3), video_id(1)}));
  EXPECT_EQ(texts(pulled, "channel", "channel_id"), (Texts{"x", "paper"}));
  EXPECT_EQ(stand.host.done, (Texts{"tiktok:paper", "tiktok:videos/"}));

  Stand none;
  none.host.refuse(video_id(3));
  EXPECT_EQ(none.pull(R"("videos":[")" + url + video_id(3) + "\"]").rows("video"), 0U);
  EXPECT_TRUE(none.host.requests.empty());  // nothing had its turn, and nothing was paid
  EXPECT_EQ(none.host.done, Texts{"tiktok:videos/"});
}

// As a process that is killed behind each commit: a new object for each pull. Throws what a pull throws.
Pulled pull_with_kills(const Stand& stand, const std::string& settings) {
  Pulled all;
  for (int i = 0; i < 30; ++i) {
    const auto plugin = stand.load(settings);
    client::Source source(*plugin);
    const std::string from = all.last_cursor;
    if (!source.pull(from, 10000, all)) break;
  }
  return all;
}

TEST(TiktokApify, KilledBehindEachCommitItStartsOneRunAndReadsEachItemOnce) {
  Stand stand;
  stand.host.answer(runs + "?desc=1&limit=100", 200, R"({"data":{"total":0,"items":[]}})");
  stand.run("R1", 20);
  stand.page("R1", 0, {item("paper", 1, 1), item("paper", 2, 2)}, 3, 2);
  stand.page("R1", 2, {item("paper", 3, 3)}, 3, 2);
  stand.page("R1", 3, {}, 3, 2);
  const Pulled pulled = pull_with_kills(stand, R"("profiles":["paper"],"page_size":2)");
  EXPECT_EQ(stand.started(), 1U);
  EXPECT_EQ(numbers(pulled, "observation", "views"), (Numbers{2, 1, 3}));
  EXPECT_EQ(stand.asked(api + "/datasets/DR1/items?format=json&offset=0"), 1U);
}

TEST(TiktokApify, ARunWhoseAnswerWasLostIsFoundAndNotPaidAgain) {
  Stand stand;
  const std::string settings = R"("profiles":["paper"])";
  stand.host.fail("POST " + Stand::start_url(20), Error(Code::io, "x", "connection reset", 1000));
  const auto plugin = stand.load(settings);
  client::Source source(*plugin);
  Pulled pulled;
  EXPECT_TRUE(source.pull("", 10000, pulled));
  thrown([&] { source.pull(pulled.last_cursor, 10000, pulled); }, Code::io);
  EXPECT_EQ(stand.started(), 1U);
  // Three runs of the actor: one of before, one with another input, and ours, to which Apify added a default.
  const auto listed = [](const std::string& id, const char* time) {
    return R"({"id":")" + id + R"(","status":"RUNNING","startedAt":")" + time + R"(","defaultDatasetId":"D)" + id +
           R"(","defaultKeyValueStoreId":"K)" + id + "\"}";
  };
  stand.host.answer(runs + "?desc=1&limit=100", 200,
                    R"({"data":{"items":[)" + listed("Rother", "2026-01-01T00:00:04.000Z") + "," +
                        listed("Rours", "2026-01-01T00:00:01.000Z") + "," + listed("Rold", "2025-12-31T00:00:00.000Z") +
                        "]}}");
  stand.host.answer(api + "/key-value-stores/KRother/records/INPUT", 200,
                    R"({"profiles":["stone"],"resultsPerPage":20})");
  stand.host.answer(api + "/key-value-stores/KRours/records/INPUT", 200,
                    R"({"proxyCountryCode":"None","resultsPerPage":20,"profiles":["paper"]})");
  stand.host.answer(api + "/actor-runs/Rours", 200, run_answer("Rours", "SUCCEEDED"));
  stand.page("Rours", 0, {item("paper", 1, 1)});
  stand.page("Rours", 1, {});
  const Pulled rest = stand.pull(settings, pulled.last_cursor);
  EXPECT_TRUE(rest.failures.empty());
  EXPECT_EQ(rest.rows("observation"), 1U);
  EXPECT_EQ(stand.started(), 1U);
  EXPECT_EQ(stand.asked(api + "/key-value-stores/KRold"), 0U);
}

TEST(TiktokApify, AnInputThatApifyKeepsElsewhereOrNotIsNotOurs) {
  Stand stand;
  const std::string settings = R"("profiles":["paper"])";
  const auto first = stand.load(settings);
  Pulled pulled;
  client::Source(*first).pull("", 10000, pulled);
  stand.host.answer(
      runs + "?desc=1&limit=100", 200,
      R"({"data":{"items":[{"id":"R9","status":"RUNNING","startedAt":"2026-01-01T00:00:01Z","defaultKeyValueStoreId":"K9"}]}})");
  stand.host.answer(api + "/key-value-stores/K9/records/INPUT", 404, "{}");
  stand.run("R1", 20);
  stand.page("R1", 0, {item("paper", 1, 1)});
  stand.page("R1", 1, {});
  EXPECT_EQ(stand.pull(settings, pulled.last_cursor).rows("observation"), 1U);
  EXPECT_EQ(stand.started(), 1U);
}

// ---- faults ----

TEST(TiktokApifyFaults, ARunThatDoesNotStartFailsItsAccountsAndIsForgotten) {
  const struct {
    std::int64_t status;
    std::string body;
    Code code;
    std::string says;
  } faults[] = {
      {400, R"({"error":{"type":"invalid-input","message":"Field input.profiles is wrong"}})", Code::input,
       "invalid-input: Field"},
      {401, R"({"error":{"type":"user-or-token-not-found","message":"no"}})", Code::config, "refuses the token"},
      {402, R"({"error":{"type":"not-enough-usage-to-run-paid-actor","message":"m"}})", Code::limited, "paid first"},
      {403, R"({"error":{"type":"insufficient-permissions","message":"m"}})", Code::unsupported, "does not let"},
      {404, R"({"error":{"type":"record-not-found","message":"Actor was not found"}})", Code::input,
       "Actor was not found"},
      {418, "", Code::input, "status 418"}};
  for (const auto& fault : faults) {
    Stand stand;
    stand.host.answer("POST " + Stand::start_url(40), fault.status, fault.body);
    const Pulled pulled = stand.pull(two);
    ASSERT_EQ(pulled.failures.size(), 2U) << fault.status;
    EXPECT_EQ(pulled.failures[1].first, "tiktok:scissors");
    EXPECT_EQ(pulled.failures[1].second.code(), fault.code) << fault.status;
    EXPECT_TRUE(has(pulled.failures[1].second.what(), fault.says)) << pulled.failures[1].second.what();
    EXPECT_FALSE(has(pulled.failures[1].second.what(), token_handle));
    EXPECT_EQ(stand.kept().dump(), R"({"earlier":[]})");
    EXPECT_EQ(stand.started(), 1U);
  }
}

TEST(TiktokApifyFaults, WhereApifyIsBusyOrInTroubleTheRunIsKeptAndTakenUpLater) {
  const struct {
    std::int64_t status;
    Code code;
    std::int64_t rest;
    std::string says;
  } faults[] = {{429, Code::limited, 7000, "slow down"},
                {500, Code::io, 5000, "in trouble"},
                {503, Code::io, 5000, "status 503"}};
  for (const auto& fault : faults) {
    for (const bool at_page : {false, true}) {
      Stand stand;
      stand.run("R1", 40);
      const std::string url = at_page ? Stand::page_url("R1", 0) : api + "/actor-runs/R1";
      if (at_page) {
        stand.host.answer(url, fault.status, "{}", {{"Retry-After", "7"}});
        stand.page("R1", 0, {item("paper", 1, 1), item("scissors", 2, 2)});
        stand.page("R1", 2, {});
      } else {
        // Another host, whose first answer about the run is the fault.
        Stand other;
        other.host.answer("POST " + Stand::start_url(40), 201, run_answer("R1", "READY"));
        other.host.answer(url, fault.status, "{}", {{"Retry-After", "7"}});
        other.host.answer(url, 200, run_answer("R1", "SUCCEEDED"));
        other.page("R1", 0, {item("paper", 1, 1), item("scissors", 2, 2)});
        other.page("R1", 2, {});
        EXPECT_TRUE(has(thrown([&] { other.pull(two); }, fault.code), fault.says));
        const Pulled pulled = other.pull(two, "#end");
        EXPECT_EQ(pulled.rows("observation"), 2U);
        EXPECT_EQ(other.started(), 1U);
        continue;
      }
      try {
        stand.pull(two);
        ADD_FAILURE() << fault.status;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), fault.code);
        EXPECT_EQ(error.retry_after_ms(), fault.rest);
        EXPECT_TRUE(has(error.what(), fault.says)) << error.what();
      }
      const Pulled pulled = stand.pull(two, "#end");
      EXPECT_EQ(pulled.rows("observation"), 2U);
      EXPECT_EQ(stand.started(), 1U);
    }
  }
}

TEST(TiktokApifyFaults, ATokenThatIsRefusedOnTheWayLosesNoRun) {
  Stand stand;
  stand.host.answer("POST " + Stand::start_url(40), 201, run_answer("R1", "READY"));
  stand.host.answer(api + "/actor-runs/R1", 401, "{}");
  stand.host.answer(api + "/actor-runs/R1", 200, run_answer("R1", "SUCCEEDED"));
  stand.page("R1", 0, {item("paper", 1, 1), item("scissors", 2, 2)});
  stand.page("R1", 2, {});
  EXPECT_TRUE(has(thrown([&] { stand.pull(two); }, Code::config), "token: Apify refuses the token"));
  EXPECT_EQ(stand.pull(two, "#end").rows("observation"), 2U);
  EXPECT_EQ(stand.started(), 1U);
}

TEST(TiktokApifyFaults, ARunThatEndsBadlyFailsItsAccountsAndKeepsWhatItFound) {
  for (const std::string status : {"FAILED", "TIMED-OUT", "ABORTED"}) {
    Stand stand;
    stand.host.answer("POST " + Stand::start_url(40), 201, run_answer("R1", "RUNNING"));
    stand.host.answer(api + "/actor-runs/R1", 200, run_answer("R1", "RUNNING"));
    stand.host.answer(api + "/actor-runs/R1", 200, run_answer("R1", status, R"(,"statusMessage":"out of luck")"));
    stand.page("R1", 0, {item("paper", 1, 1)});
    stand.page("R1", 1, {});
    const Pulled pulled = stand.pull(two);
    EXPECT_EQ(pulled.rows("observation"), 1U);
    ASSERT_EQ(pulled.failures.size(), 2U) << status;
    EXPECT_EQ(pulled.failures[0].second.where(), api + "/actor-runs/R1");
    EXPECT_TRUE(has(pulled.failures[0].second.what(), "ended as " + status + ": out of luck; the 1 items"))
        << pulled.failures[0].second.what();
    EXPECT_TRUE(stand.host.done.empty());
    EXPECT_EQ(stand.kept().dump(), R"({"earlier":["R1"]})");
  }
}

TEST(TiktokApifyFaults, ARunThatNeverEndsIsNamedAndKeptToBeTakenUpAgain) {
  Stand stand;
  stand.host.answer("POST " + Stand::start_url(40), 201, run_answer("R1", "READY"));
  for (int i = 0; i < 2; ++i) stand.host.answer(api + "/actor-runs/R1", 200, run_answer("R1", "RUNNING"));
  const std::int64_t begun = stand.host.context().now();
  const std::string what = thrown([&] { stand.pull(two); }, Code::io);
  EXPECT_TRUE(has(what, "still RUNNING")) << what;
  EXPECT_TRUE(has(what, "actor-runs/R1")) << what;
  const std::int64_t waited = stand.host.context().now() - begun;
  EXPECT_GE(waited, 1800 * second);
  EXPECT_LT(waited, 2100 * second);
  EXPECT_EQ(*stand.kept().find("id")->if_string(), "R1");
  EXPECT_LT(stand.asked(api + "/actor-runs/R1"), 100U);
  thrown([&] { stand.pull(two, "#end"); }, Code::io);  // the next round asks once, and starts nothing
  EXPECT_EQ(stand.started(), 1U);
}

TEST(TiktokApifyFaults, ARunThatNeverEndsIsAbortedWhereThatIsWanted) {
  Stand stand;
  stand.host.answer("POST " + Stand::start_url(40), 201, run_answer("R1", "READY"));
  const std::string settings = two + R"(,"when_stuck":"abort")";
  stand.host.answer("POST " + api + "/actor-runs/R1/abort", 200, run_answer("R1", "ABORTING"));
  for (int i = 0; i < 80; ++i) stand.host.answer(api + "/actor-runs/R1", 200, run_answer("R1", "RUNNING"));
  stand.host.answer(api + "/actor-runs/R1", 200, run_answer("R1", "ABORTED"));
  stand.page("R1", 0, {item("paper", 1, 1)});
  stand.page("R1", 1, {});
  std::optional<Pulled> pulled;
  for (int i = 0; i < 3 && !pulled; ++i) {
    try {
      pulled = stand.pull(settings, i == 0 ? "" : "#end");
    } catch (const Error& error) {
      EXPECT_TRUE(has(error.what(), "still RUNNING")) << error.what();  // it did not hear at once
    }
  }
  ASSERT_TRUE(pulled);
  EXPECT_GE(stand.asked(api + "/actor-runs/R1/abort", "POST"), 1U);
  EXPECT_EQ(pulled->rows("observation"), 1U);
  ASSERT_EQ(pulled->failures.size(), 2U);
  EXPECT_TRUE(has(pulled->failures[0].second.what(), "ended as ABORTED"));
}

TEST(TiktokApifyFaults, ItemCountsThatLieAreNamedAndNothingIsLost) {
  Stand fewer;  // promised 5, given 2
  fewer.run("R1", 40);
  fewer.page("R1", 0, {item("paper", 1, 1), item("scissors", 2, 2)}, 5);
  fewer.page("R1", 2, {}, 5);
  const Pulled short_one = fewer.pull(two);
  EXPECT_EQ(short_one.rows("observation"), 2U);
  ASSERT_EQ(short_one.failures.size(), 2U);
  EXPECT_TRUE(has(short_one.failures[0].second.what(), "promises 5 items and gives 2"))
      << short_one.failures[0].second.what();
  EXPECT_EQ(fewer.asked(Stand::page_url("R1", 2)), 4U);  // what is written late had its time

  Stand more;  // promised 1, given 3
  more.run("R1", 40);
  more.page("R1", 0, {item("paper", 1, 1), item("scissors", 2, 2)}, 1);
  more.page("R1", 2, {item("paper", 3, 3)}, 1);
  more.page("R1", 3, {}, 1);
  const Pulled long_one = more.pull(two);
  EXPECT_TRUE(long_one.failures.empty());
  EXPECT_EQ(long_one.rows("observation"), 3U);

  Stand other_place;
  other_place.run("R1", 40);
  other_place.host.answer(Stand::page_url("R1", 0), 200, list({item("paper", 1, 1)}),
                          {{"X-Apify-Pagination-Offset", "7"}});
  EXPECT_TRUE(has(thrown([&] { other_place.pull(two); }, Code::input), "from 7 on"));
}

TEST(TiktokApifyFaults, HalfAPageOrBrokenJsonIsAskedForAgainAndNothingIsDoubled) {
  const std::string whole = list({item("paper", 1, 1), item("scissors", 2, 2)});
  for (const std::string& broken :
       {whole.substr(0, whole.size() / 2), whole + "]", std::string("<html>"), std::string(), std::string("{}")}) {
    Stand stand;
    stand.run("R1", 40);
    stand.host.answer(Stand::page_url("R1", 0), 200, broken);
    stand.host.answer(Stand::page_url("R1", 0), 200, whole);
    stand.page("R1", 2, {});
    EXPECT_TRUE(has(thrown([&] { stand.pull(two); }, Code::input), "offset=0")) << broken.substr(0, 20);
    const Pulled pulled = stand.pull(two, "#end");
    EXPECT_EQ(pulled.rows("observation"), 2U);
    EXPECT_TRUE(pulled.failures.empty());
    EXPECT_EQ(stand.started(), 1U);
  }
  Stand stand;
  stand.host.answer("POST " + Stand::start_url(40), 201, R"({"data":{"id":"R1")");  // begun, but who knows
  EXPECT_TRUE(has(thrown([&] { stand.pull(two); }, Code::input), "broken or was cut short"));
  EXPECT_EQ(*stand.kept().find("id")->if_string(), "");
}

TEST(TiktokApifyFaults, ErrorItemsFailTheirAccountAndNoOther) {
  Stand stand;
  stand.run("R1", 60);
  stand.page(
      "R1", 0,
      {item("paper", 1, 1), R"({"error":"This profile does not exist.","errorCode":"NOT_FOUND","input":"@Scissors"})",
       R"({"id":"1"})", "7", R"({"url":"https://www.tiktok.com/@elsewhere","error":"x"})"});
  stand.page("R1", 5, {});
  const Pulled pulled = stand.pull(R"("profiles":["paper","scissors","quiet"])");
  EXPECT_EQ(pulled.rows("observation"), 1U);
  ASSERT_EQ(pulled.rejects.size(), 4U);
  EXPECT_TRUE(has(pulled.rejects[0].where, "offset=0&limit=500 item 2")) << pulled.rejects[0].where;
  EXPECT_EQ(pulled.rejects[0].reason, "the actor says: This profile does not exist. (NOT_FOUND)");
  EXPECT_EQ(pulled.rejects[1].raw, R"({"id":"1"})");
  ASSERT_EQ(pulled.failures.size(), 2U);
  EXPECT_EQ(pulled.failures[0].first, "tiktok:scissors");
  EXPECT_EQ(pulled.failures[1].first, "tiktok:quiet");
  EXPECT_TRUE(has(pulled.failures[1].second.what(), "gave nothing for it"));
  EXPECT_EQ(stand.host.done, Texts{"tiktok:paper"});
}

TEST(TiktokApifyFaults, AVideoThatIsGoneFailsNoOther) {
  const std::string url = "https://www.tiktok.com/@paper/video/";
  const std::string gone = R"({"error":"Post not found or private.","input":")" + url + video_id(2) + "\"}";
  const std::string settings = R"("videos":[")" + url + video_id(1) + R"(",")" + url + video_id(2) + "\"]";
  Stand stand;
  stand.run("R1", 2);
  stand.page("R1", 0, {item("paper", 1, 1), gone});
  stand.page("R1", 2, {});
  const Pulled pulled = stand.pull(settings);
  EXPECT_EQ(pulled.rows("observation"), 1U);
  EXPECT_EQ(pulled.rejects.size(), 1U);
  EXPECT_TRUE(pulled.failures.empty());
  EXPECT_EQ(stand.host.done, Texts{"tiktok:videos/"});

  Stand none;
  none.run("R1", 2);
  none.page("R1", 0, {gone});
  none.page("R1", 1, {});
  EXPECT_EQ(none.pull(settings).failures.size(), 1U);
}

TEST(TiktokApifyFaults, ARunOrADataSetThatIsGoneIsGivenUp) {
  Stand stand;
  stand.run("R1", 40);
  stand.host.answer(Stand::page_url("R1", 0), 404, R"({"error":{"type":"record-not-found","message":"gone"}})");
  const Pulled pulled = stand.pull(two);
  ASSERT_EQ(pulled.failures.size(), 2U);
  EXPECT_TRUE(has(pulled.failures[0].second.what(), "deleted, or never was"));
  EXPECT_EQ(stand.kept().dump(), R"({"earlier":["R1"]})");
}

TEST(TiktokApifyFaults, StopsOnRequest) {
  Stand stand;
  stand.host.cancel();
  thrown([&] { stand.pull(two); }, Code::cancelled);
  EXPECT_TRUE(stand.host.requests.empty());
}

TEST(TiktokSettings, AreRefusedWhereTheyMakeNoSense) {
  const FakeHost host;
  const std::vector<std::pair<std::string, std::string>> settings = {
      {R"({"mode":"apify","profiles":["a"]})", "token"},
      {R"({})", "exports"},
      {R"({"mode":"both"})", "mode"},
      {Stand::config(""), "profiles"},
      {Stand::config(R"("profiles":["ok","not ok"])"), "profiles[1]"},
      {Stand::config(R"("hashtags":["#"])"), "hashtags[0]"},
      {Stand::config(R"("searches":[""])"), "searches[0]"},
      {Stand::config(R"("videos":["https://vm.tiktok.com/Z"])"), "videos[0]"},
      {Stand::config(R"("profiles":["a"],"actor":"a/b/c")"), "actor"},
      {Stand::config(R"("profiles":["a"],"actor":"a b")"), "actor"},
      {Stand::config(R"("profiles":["a"],"input":"[1]")"), "input"},
      {Stand::config(R"("profiles":["a"],"input":"{")"), "input"},
      {Stand::config(R"("profiles":["a"],"names":{"people":"x"})"), "names.people"},
      {Stand::config(R"("profiles":["a"],"max_charge_usd":0)"), "max_charge_usd"},
      {Stand::config(R"("profiles":["a"],"usd_per_day":0.5)"), "usd_per_day"},
      {Stand::config(R"("profiles":["a"],"run_timeout":"0s")"), "run_timeout"},
      {Stand::config(R"("profiles":["a"],"api_url":"http://example.org/v2")"), "api_url"},
      {R"({"exports":["a.json"],"timezone":"Mars"})", "timezone"},
      {R"({"exports":["a.json"],"exported_at":"soon"})", "exported_at"}};
  for (const auto& [text, where] : settings) {
    try {
      host.load(risetime_plugin_v1(), "tiktok", text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::config) << text;
      EXPECT_EQ(error.where(), where) << text;
    }
  }
  EXPECT_NO_THROW(host.load(risetime_plugin_v1(), "tiktok",
                            Stand::config(R"("profiles":["a"],"api_url":"http://127.0.0.1:9/v2/")")));
}

}  // namespace
}  // namespace risetime::tiktok
