// Exceptions never cross: whatever a plugin throws, from whichever entry point, arrives as an error of the host's.
#include "load.hpp"

namespace risetime::boundary {
namespace {

std::string config(const std::string& at, const std::string& what) {
  return R"({"at": ")" + at + R"(", "what": ")" + what + R"("})";
}

// Calls every entry point of the plugin; the one that was told to throws.
void use_source(const client::Instance& instance) { testkit::pull_all(instance); }

testkit::BatchList no_batches() {
  return testkit::BatchList([](std::size_t) -> std::optional<Batch> { return std::nullopt; });
}

void use_featurizer(const client::Instance& instance) {
  client::Featurizer featurizer(instance);
  auto none = no_batches();
  featurizer.fit(none);
  featurizer.names();
  BatchBuilder rows(tables::video().fields);
  append(rows, Video());
  featurizer.describe(rows.finish(), [](std::size_t, std::string_view) {});
  featurizer.load(featurizer.save());
}

void use_model(const client::Instance& instance) {
  client::Model model(instance);
  auto none = no_batches();
  const std::vector<std::string> stats = {"views"};
  const std::vector<std::int64_t> horizons = {1}, ages;
  model.fit(none, stats, horizons, ages);
  model.forecast(testkit::series_batch({}, stats), stats, horizons);
  model.load(model.save());
}

void use_store(const client::Instance& instance) {
  client::Store store(instance);
  store.define(tables::video());
  store.begin();
  BatchBuilder rows(tables::video().fields);
  store.write("video", rows.finish());
  store.put("key", "value");
  store.get("key");
  store.scan({"video"})->next();
  store.erase({"video"});
  store.commit();
  store.rollback();
  client::Artifacts artifacts(instance);
  artifacts.put("name", "kind", "{}", "bytes");
  artifacts.get("name");
  artifacts.list("");
  artifacts.erase("name");
}

struct Entry {
  const char* plugin;
  void (*use)(const client::Instance&);
  const char* at;
};

class ThrowingEntry : public testing::TestWithParam<Entry> {
 protected:
  Error thrown(const std::string& what) const {
    return error_of([&] {
      Loaded plugin("throwing", GetParam().plugin, config(GetParam().at, what));
      GetParam().use(*plugin.instance);
    });
  }
};

TEST_P(ThrowingEntry, AStandardExceptionArrivesAsAnInternalErrorWithItsText) {
  const Error error = thrown("exception");
  EXPECT_EQ(error.code(), Code::internal);
  EXPECT_EQ(error.message(), std::string("thrown on purpose in ") + GetParam().at);
}

TEST_P(ThrowingEntry, AnIntArrivesAsAnInternalError) {
  const Error error = thrown("int");
  EXPECT_EQ(error.code(), Code::internal);
  EXPECT_EQ(error.message(), "an exception that is no std::exception");
}

TEST_P(ThrowingEntry, WantOfMemoryArrivesAsThat) { EXPECT_EQ(thrown("memory").message(), "out of memory"); }

TEST_P(ThrowingEntry, AnErrorKeepsItsCodePlaceAndDelay) {
  const Error error = thrown("error");
  EXPECT_EQ(error.code(), Code::limited);
  EXPECT_EQ(error.where(), std::string("https://example.org/") + GetParam().at);
  EXPECT_EQ(error.retry_after_ms(), 250);
}

TEST_P(ThrowingEntry, AnotherInstanceOfTheSamePluginWorksOn) {
  thrown("exception");
  Loaded plugin("throwing", GetParam().plugin, "{}");
  GetParam().use(*plugin.instance);
}

INSTANTIATE_TEST_SUITE_P(
    Every, ThrowingEntry,
    testing::Values(
        Entry{"throwing-source", use_source, "create"}, Entry{"throwing-source", use_source, "pull"},
        Entry{"throwing-featurizer", use_featurizer, "create"}, Entry{"throwing-featurizer", use_featurizer, "fit"},
        Entry{"throwing-featurizer", use_featurizer, "names"}, Entry{"throwing-featurizer", use_featurizer, "describe"},
        Entry{"throwing-featurizer", use_featurizer, "save"}, Entry{"throwing-featurizer", use_featurizer, "load"},
        Entry{"throwing-model", use_model, "create"}, Entry{"throwing-model", use_model, "fit"},
        Entry{"throwing-model", use_model, "forecast"}, Entry{"throwing-model", use_model, "save"},
        Entry{"throwing-model", use_model, "load"}, Entry{"throwing-store", use_store, "create"},
        Entry{"throwing-store", use_store, "define"}, Entry{"throwing-store", use_store, "begin"},
        Entry{"throwing-store", use_store, "write"}, Entry{"throwing-store", use_store, "put"},
        Entry{"throwing-store", use_store, "get"}, Entry{"throwing-store", use_store, "scan"},
        Entry{"throwing-store", use_store, "next"}, Entry{"throwing-store", use_store, "erase"},
        Entry{"throwing-store", use_store, "commit"}, Entry{"throwing-store", use_store, "rollback"},
        Entry{"throwing-store", use_store, "put_artifact"}, Entry{"throwing-store", use_store, "get_artifact"},
        Entry{"throwing-store", use_store, "list_artifacts"}, Entry{"throwing-store", use_store, "erase_artifact"}),
    [](const testing::TestParamInfo<Entry>& entry) {
      std::string name = std::string(entry.param.plugin) + "_" + entry.param.at;
      for (char& c : name) c = c == '-' ? '_' : c;
      return name;
    });

TEST(ThrowingDestroy, AnExceptionFromADestructorEndsAtTheBoundary) {
  for (const char* what : {"exception", "int", "error"}) {
    Loaded plugin("throwing", "throwing-source", config("destroy", what));
    plugin.instance.reset();
  }
}

// The host's callbacks are the other direction.
TEST(ThrowingHost, AReceiverThatThrowsGetsItsOwnErrorBackThroughThePlugin) {
  struct Full : testkit::Pulled {
    void batch(std::string_view, Batch) override { throw Error(Code::io, "the store", "the disk is full"); }
  };
  Loaded plugin("throwing", "throwing-source", "{}");
  Full receiver;
  const Error error = error_of([&] { client::Source(*plugin.instance).pull("", 10, receiver); });
  EXPECT_EQ(error.code(), Code::io);
  EXPECT_EQ(error.where(), "the store");
  EXPECT_EQ(error.message(), "the disk is full");
}

TEST(ThrowingConfig, SettingsThatAreWrongAreErrorsOfCreate) {
  for (const char* wrong : {"[]", "{", R"({"at": 5})", R"({"unknown": 1})", R"({"what": "none of these"})"})
    EXPECT_LT(static_cast<int>(error_of([&] { Loaded plugin("throwing", "throwing-source", wrong); }).code()), 0)
        << wrong;
}

}  // namespace
}  // namespace risetime::boundary
