// Rows: what is written comes back; keys, policies, schema changes, scans and named values.
#include <cmath>
#include <limits>
#include <random>

#include "fixture.hpp"

namespace risetime::sqlite {
namespace {

using Lines = std::vector<std::string>;

const std::vector<Field>& all_types() {
  static const std::vector<Field> fields = {utf8_field("name"),
                                            int64_field("whole", true),
                                            {"small", {Type::float32}, true},
                                            float64_field("real", true),
                                            utf8_field("text", true),
                                            binary_field("bytes", true),
                                            timestamp_field("at", true),
                                            list_field("tags", Type::utf8, true),
                                            vector_field("vector", 3, true)};
  return fields;
}

TEST(SqliteRows, EveryTypeComesBackAsItWasWrittenNullsIncluded) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  store->define({"kinds", all_types(), {"name"}});
  BatchBuilder rows(all_types());
  const float vector[] = {1.5F, -0.0F, std::numeric_limits<float>::infinity()};
  rows[0].add_text("full");
  rows[1].add_int64(std::numeric_limits<std::int64_t>::min());
  rows[2].add_float32(0.1F);
  rows[3].add_float64(0.1);
  rows[4].add_text(std::string_view("a\0b\"';--", 8));
  rows[5].add_text(std::string_view("\xFF\x00\xFE", 3));
  rows[6].add_int64(-1);
  rows[7].items().add_text("käse, \"brot\"\n");
  rows[7].items().add_null();
  rows[7].items().add_text(std::string_view("\0", 1));
  rows[7].end_list();
  rows[8].add_vector(Span<const float>(vector, 3));
  rows[0].add_text("none");
  for (std::size_t i = 1; i < rows.fields().size(); ++i) rows[i].add_null();
  rows[0].add_text("void");  // empty is not null
  rows[1].add_int64(0);
  rows[2].add_float32(std::numeric_limits<float>::quiet_NaN());
  rows[3].add_float64(-0.0);
  rows[4].add_text("");
  rows[5].add_text("");
  rows[6].add_int64(0);
  rows[7].end_list();
  rows[8].add_vector(Span<const float>(vector, 3));
  const Batch batch = rows.finish();
  transact(*store.store, [&] { EXPECT_EQ(store->write("kinds", batch), 3U); });

  const auto back = store->scan({"kinds"})->next();
  ASSERT_TRUE(back);
  ASSERT_EQ(back->rows(), 3U);
  ASSERT_EQ(back->fields().size(), all_types().size());
  for (std::size_t i = 0; i < back->fields().size(); ++i) {
    SCOPED_TRACE(back->fields()[i].name);
    EXPECT_EQ(back->fields()[i].type, all_types()[i].type);
    for (std::size_t row = 0; row < 3; ++row) EXPECT_EQ(cell(back->column(i), row), cell(batch.column(i), row));
  }
  EXPECT_TRUE(std::isnan(back->column(2).float32(2)));
  EXPECT_TRUE(std::signbit(back->column(3).float64(2)));
}

TEST(SqliteRows, KeepFirstLeavesOutRowsWhoseKeyIsThere) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  store->define(tables::observation());
  transact(*store.store, [&] {
    EXPECT_EQ(store->write("observation", batch_of({reading("a", 1, 10), reading("a", 1, 11), reading("a", 2, 20)})),
              2U);
    EXPECT_EQ(store->write("observation", batch_of({reading("a", 2, 99), reading("a", 3, 30)})), 1U);
  });
  EXPECT_EQ(rows_of(*store.store, {"observation", {"observed_at", "views"}}), (Lines{"1,10", "2,20", "3,30"}));
}

TEST(SqliteRows, ReplacePutsTheLastRowInPlaceWholeAndCountsOnlyNewOnes) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  store->define(tables::video());
  const auto write = [&](const std::string& id, const std::string& title, std::optional<std::string> category) {
    BatchBuilder builder(tables::video().fields);
    Video video;
    video.platform = "test";
    video.video_id = id;
    video.title = title;
    video.category = std::move(category);
    append(builder, video);
    return store->write("video", builder.finish());
  };
  transact(*store.store, [&] {
    EXPECT_EQ(write("a", "first", "music"), 1U);
    EXPECT_EQ(write("a", "second", std::nullopt), 0U);
    EXPECT_EQ(write("b", "other", std::nullopt), 1U);
  });
  EXPECT_EQ(rows_of(*store.store, {"video", {"video_id", "title", "category"}}),
            (Lines{"a,second,null", "b,other,null"}));
}

TEST(SqliteRows, ASeriesTableReplacesToo) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  Table table = tables::observation();
  table.replace = true;
  store->define(table);
  transact(*store.store, [&] {
    EXPECT_EQ(store->write("observation", batch_of({reading("b", 1, 1), reading("a", 1, 2), reading("b", 1, 3)})), 2U);
  });
  EXPECT_EQ(rows_of(*store.store, {"observation", {"video_id", "views"}}), (Lines{"a,2", "b,3"}));
}

TEST(SqliteRows, ScansFollowTheKeysByBytesHoweverRowsArrived) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  store->define(tables::observation());
  transact(*store.store, [&] {
    store->write("observation", batch_of({reading("b", 2), reading("é", 1), reading("a", 3), reading("B", 9),
                                          reading("a", -1), reading("b", 1), reading("aa", 0), reading("", 5)}));
  });
  EXPECT_EQ(rows_of(*store.store, {"observation", {"video_id", "observed_at"}}),
            (Lines{",5", "B,9", "a,-1", "a,3", "aa,0", "b,1", "b,2", "é,1"}));
}

TEST(SqliteRows, FiltersChooseByTextNumberAndTimeRange) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  store->define(tables::observation());
  transact(*store.store, [&] {
    for (std::int64_t at = 0; at < 10; ++at)
      store->write("observation", batch_of({reading("a", at, at * 100), reading("b", at, at)}));
  });
  const auto ids = std::vector<std::string>{"video_id", "observed_at"};
  EXPECT_EQ(rows_of(*store.store,
                    {"observation", ids, {Filter::equals("video_id", "b"), Filter::at_least("observed_at", 8)}}),
            (Lines{"b,8", "b,9"}));
  EXPECT_EQ(rows_of(*store.store, {"observation", ids, {Filter::below("observed_at", 1)}}), (Lines{"a,0", "b,0"}));
  EXPECT_EQ(rows_of(*store.store, {"observation", ids, {Filter::equals("views", 900)}}), (Lines{"a,9"}));
  EXPECT_TRUE(rows_of(*store.store, {"observation", ids, {Filter::equals("platform", "nowhere")}}).empty());
}

TEST(SqliteRows, BatchesHaveTheAskedSizeAndMissNoRow) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  store->define(tables::observation());
  transact(*store.store, [&] {
    std::vector<Observation> rows;
    for (std::int64_t at = 0; at < 1000; ++at) rows.push_back(reading("v" + std::to_string(at % 7), at, at));
    store->write("observation", batch_of(rows));
  });
  const auto reader = store->scan({"observation", {}, {}, 64});
  std::size_t rows = 0, batches = 0;
  while (const auto batch = reader->next()) {
    EXPECT_LE(batch->rows(), 64U);
    rows += batch->rows();
    ++batches;
  }
  EXPECT_EQ(rows, 1000U);
  EXPECT_EQ(batches, 16U);
  EXPECT_FALSE(reader->next());
}

TEST(SqliteRows, AnInterruptedScanLeavesNothingInTheWayOfWriting) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  store->define(tables::observation());
  transact(*store.store, [&] { store->write("observation", batch_of({reading("a", 1), reading("a", 2)})); });
  {
    const auto reader = store->scan({"observation", {}, {}, 1});
    ASSERT_TRUE(reader->next());
  }
  transact(*store.store, [&] { store->write("observation", batch_of({reading("a", 3)})); });
  EXPECT_EQ(rows_of(*store.store, {"observation"}).size(), 3U);
}

TEST(SqliteRows, AScanSeesTheMomentWhenItWasOpenedWhileRowsAreWritten) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  store->define(tables::observation());
  transact(*store.store, [&] { store->write("observation", batch_of({reading("a", 1), reading("c", 1)})); });
  const auto reader = store->scan({"observation", {"video_id"}, {}, 1});
  const auto second = store->scan({"observation", {"video_id"}, {}, 1});
  transact(*store.store, [&] {
    store->write("observation", batch_of({reading("b", 1)}));
    store->erase({"observation", {}, {Filter::equals("video_id", "c")}});
  });
  Lines seen;
  while (const auto batch = reader->next()) seen.push_back(cell(batch->column(0), 0));
  EXPECT_EQ(seen, (Lines{"a", "c"}));
  ASSERT_TRUE(second->next());
  EXPECT_EQ(rows_of(*store.store, {"observation", {"video_id"}}), (Lines{"a", "b"}));
}

TEST(SqliteRows, ATransactionSeesItsOwnRowsAndARollbackRemovesThem) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  store->define(tables::observation());
  store->begin();
  store->write("observation", batch_of({reading("a", 1)}));
  store->put("cursor", "one");
  EXPECT_EQ(rows_of(*store.store, {"observation"}).size(), 1U);
  EXPECT_EQ(store->get("cursor"), "one");
  const auto reader = store->scan({"observation"});
  store->rollback();
  EXPECT_TRUE(rows_of(*store.store, {"observation"}).empty());
  EXPECT_EQ(store->get("cursor"), std::nullopt);
  // The number that series "a" had was given back: a new series must not be mistaken for it.
  transact(*store.store, [&] { store->write("observation", batch_of({reading("z", 5), reading("a", 6)})); });
  EXPECT_EQ(rows_of(*store.store, {"observation", {"video_id", "observed_at"}}), (Lines{"a,6", "z,5"}));
}

TEST(SqliteRows, EraseRemovesWhatTheFiltersChooseAndSeriesCanComeBack) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  store->define(tables::observation());
  transact(*store.store, [&] {
    store->write("observation", batch_of({reading("a", 1), reading("a", 2), reading("b", 1), reading("b", 2)}));
  });
  transact(*store.store, [&] {
    EXPECT_EQ(store->erase({"observation", {}, {Filter::equals("video_id", "a"), Filter::below("observed_at", 2)}}),
              1U);
    EXPECT_EQ(store->erase({"observation", {}, {Filter::equals("video_id", "b")}}), 2U);
    EXPECT_EQ(store->write("observation", batch_of({reading("b", 7)})), 1U);
  });
  EXPECT_EQ(rows_of(*store.store, {"observation", {"video_id", "observed_at"}}), (Lines{"a,2", "b,7"}));
}

TEST(SqliteRows, AnotherInstanceThatErasesASeriesIsNoticed) {
  const TemporaryFolder folder;
  Opened one(folder.path()), other(folder.path());
  one->define(tables::observation());
  transact(*one.store, [&] { one->write("observation", batch_of({reading("a", 1)})); });
  transact(*other.store, [&] {
    other->erase({"observation"});
    other->write("observation", batch_of({reading("b", 1)}));  // takes the number that "a" had
  });
  transact(*one.store, [&] { one->write("observation", batch_of({reading("a", 2)})); });
  EXPECT_EQ(rows_of(*other.store, {"observation", {"video_id", "observed_at"}}), (Lines{"a,2", "b,1"}));
}

TEST(SqliteRows, ABatchWithoutAColumnGivesNullsAndUnknownColumnsAreLeftOut) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  store->define(tables::observation());
  BatchBuilder rows(
      {int64_field("surprise"), timestamp_field("observed_at"), utf8_field("video_id"), utf8_field("platform")});
  rows[0].add_int64(1);
  rows[1].add_int64(5);
  rows[2].add_text("a");
  rows[3].add_text("test");
  const Batch batch = rows.finish();
  transact(*store.store, [&] { store->write("observation", batch); });
  EXPECT_EQ(rows_of(*store.store, {"observation", {"video_id", "observed_at", "views"}}), (Lines{"a,5,null"}));
}

TEST(SqliteRows, ABadBatchNamesItsColumnAndTheTransactionGoesOn) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  store->define(tables::observation());
  store->begin();
  const auto attempt = [&](std::vector<Field> fields, bool null_key) {
    BatchBuilder rows(std::move(fields));
    for (std::size_t i = 0; i < rows.fields().size(); ++i) {
      const Type type = rows.fields()[i].type.id;
      if (null_key || type == Type::list) {
        rows[i].add_null();
      } else if (type == Type::utf8) {
        rows[i].add_text("a");
      } else {
        rows[i].add_int64(1);
      }
    }
    const Batch batch = rows.finish();
    return error_of([&] { store->write("observation", batch); });
  };
  const auto missing = attempt({utf8_field("platform"), utf8_field("video_id")}, false);
  EXPECT_EQ(missing.code(), Code::input);
  EXPECT_EQ(missing.where(), "observation.observed_at");
  const auto other = attempt({utf8_field("platform"), utf8_field("video_id"), utf8_field("observed_at")}, false);
  EXPECT_EQ(other.message(), "the batch has utf8, the table timestamp[us, UTC]");
  const auto null = attempt({utf8_field("platform"), utf8_field("video_id"), timestamp_field("observed_at")}, true);
  EXPECT_EQ(null.where(), "observation.platform");
  EXPECT_EQ(null.message(), "row 0 has no value for this key");
  EXPECT_EQ(error_of([&] { store->write("nowhere", batch_of({reading("a", 1)})); }).where(), "nowhere");

  // Damaged at the boundary: offsets that go back.
  Batch damaged = batch_of({reading("a", 1), reading("b", 2)});
  auto* offsets = const_cast<std::int32_t*>(static_cast<const std::int32_t*>(damaged.array().children[1]->buffers[1]));
  offsets[1] = 99;
  EXPECT_EQ(error_of([&] { store->write("observation", damaged); }).where(), "video_id");

  store->write("observation", batch_of({reading("good", 1)}));
  store->commit();
  EXPECT_EQ(rows_of(*store.store, {"observation", {"video_id"}}), (Lines{"good"}));
}

TEST(SqliteRows, CallsOutOfOrderAreErrorsThatSayWhatToDo) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  store->define(tables::observation());
  EXPECT_EQ(error_of([&] { store->write("observation", batch_of({reading("a", 1)})); }).message(),
            "this needs an open transaction: call begin first");
  EXPECT_EQ(error_of([&] { store->commit(); }).code(), Code::state);
  EXPECT_EQ(error_of([&] { store->rollback(); }).code(), Code::state);
  EXPECT_EQ(error_of([&] { store->erase({"observation"}); }).code(), Code::state);
  store->begin();
  EXPECT_EQ(error_of([&] { store->begin(); }).code(), Code::state);
  store->rollback();
  EXPECT_EQ(error_of([&] { store->scan({"nowhere"}); }).code(), Code::state);
  EXPECT_EQ(error_of([&] { store->scan({"observation", {"nothing"}}); }).where(), "observation.nothing");
  EXPECT_EQ(error_of([&] {
              store->scan({"observation", {}, {Filter::equals("views", "many")}});
            }).message(),
            "the filter compares a text with int64");
}

// ---- schema evolution

TEST(SqliteSchema, ANewColumnIsAddedWithNullsAndOldProgramsGoOn) {
  const TemporaryFolder folder;
  Opened old(folder.path());
  old->define(tables::observation());
  transact(*old.store, [&] { old->write("observation", batch_of({reading("a", 1, 10)})); });
  Table wider = tables::observation();
  wider.fields.push_back(int64_field("saves", true));
  Opened fresh(folder.path());
  fresh->define(wider);
  BatchBuilder rows(wider.fields);
  append(rows, reading("a", 2, 20));
  rows[8].add_int64(7);
  const Batch batch = rows.finish();
  transact(*fresh.store, [&] { fresh->write("observation", batch); });
  transact(*old.store, [&] { old->write("observation", batch_of({reading("a", 3, 30)})); });
  old->define(tables::observation());  // takes nothing away
  EXPECT_EQ(rows_of(*fresh.store, {"observation", {"views", "saves"}}), (Lines{"10,null", "20,7", "30,null"}));
}

TEST(SqliteSchema, AChangedTypeOrKeyIsAnErrorThatNamesBoth) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  store->define(tables::observation());
  Table other = tables::observation();
  other.fields[3] = utf8_field("views", true);
  const auto type = error_of([&] { store->define(other); });
  EXPECT_EQ(type.where(), "observation.views");
  EXPECT_NE(type.message().find("the file has views as int64, the program wants views as utf8"), std::string::npos);
  other = tables::observation();
  other.keys.pop_back();
  EXPECT_NE(error_of([&] { store->define(other); })
                .message()
                .find("the keys (platform, video_id, observed_at), the program wants (platform, video_id)"),
            std::string::npos);
}

TEST(SqliteSchema, VectorsOfDifferentWidthsLiveInOneTableAndComeInBatchesOfOneWidth) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  const auto write = [&](const std::string& set, std::int32_t width, int rows) {
    store->define(tables::feature(width));
    BatchBuilder builder(tables::feature(width).fields);
    for (int i = 0; i < rows; ++i) {
      builder[0].add_text(set);
      builder[1].add_text("test");
      builder[2].add_text("v" + std::to_string(i));
      if (i == 1) {
        builder[3].add_null();
      } else {
        builder[3].add_vector(std::vector<float>(static_cast<std::size_t>(width), static_cast<float>(i)));
      }
    }
    const Batch batch = builder.finish();
    transact(*store.store, [&] { store->write("feature", batch); });
  };
  write("text", 3, 3);
  write("image", 2, 3);
  const auto reader = store->scan({"feature", {"feature_set", "vector"}});
  std::vector<std::int32_t> widths;
  std::size_t rows = 0;
  while (const auto batch = reader->next()) {
    widths.push_back(batch->column(1).type().width);
    rows += batch->rows();
  }
  EXPECT_EQ(widths, (std::vector<std::int32_t>{2, 3}));
  EXPECT_EQ(rows, 6U);
  EXPECT_EQ(rows_of(*store.store, {"feature", {"vector"}, {Filter::equals("feature_set", "text")}}),
            (Lines{"[0|0|0]", "null", "[2|2|2]"}));
}

TEST(SqliteSchema, NamesAreNeverRunAsSql) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  const std::string bad = "x\"; DROP TABLE \"risetime_rows_observation\"; --";
  store->define(tables::observation());
  transact(*store.store, [&] { store->write("observation", batch_of({reading("a', 1); DROP TABLE x; --", 1)})); });
  store->define({bad, {utf8_field("k'\")"), timestamp_field(bad), int64_field("v]`", true)}, {"k'\")", bad}});
  BatchBuilder rows({utf8_field("k'\")"), timestamp_field(bad), int64_field("v]`", true)});
  rows[0].add_text("'; --");
  rows[1].add_int64(1);
  rows[2].add_int64(2);
  const Batch batch = rows.finish();
  transact(*store.store, [&] { store->write(bad, batch); });
  EXPECT_EQ(rows_of(*store.store, {bad, {"v]`"}, {Filter::equals("k'\")", "'; --"), Filter::equals(bad, 1)}}),
            (Lines{"2"}));
  EXPECT_TRUE(rows_of(*store.store, {bad, {}, {Filter::equals("k'\")", "' OR 1=1 --")}}).empty());
  EXPECT_EQ(error_of([&] { store->scan({"observation", {"views FROM risetime_value; --"}}); }).code(), Code::input);
  EXPECT_EQ(rows_of(*store.store, {"observation"}).size(), 1U);
}

TEST(SqliteSchema, NamesThatCannotBeAreRefused) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  const auto refused = [&](const Table& table) { return error_of([&] { store->define(table); }).code(); };
  const std::vector<Field> fields = {utf8_field("k")};
  for (const std::string& name :
       {std::string(), std::string("a\0b", 3), std::string("sqlite_x"), std::string("risetime_table"),
        std::string("Artifact"), std::string("\xFF"), std::string(201, 'a')})
    EXPECT_EQ(refused({name, fields, {"k"}}), Code::input) << name;
  EXPECT_EQ(refused({"t", fields, {}}), Code::input);
  EXPECT_EQ(refused({"t", fields, {"nothing"}}), Code::input);
  EXPECT_EQ(refused({"t", fields, {"k", "k"}}), Code::input);
  EXPECT_EQ(refused({"t", {utf8_field("k"), utf8_field("K")}, {"k"}}), Code::input);
  EXPECT_EQ(refused({"t", {utf8_field("k"), list_field("l", Type::int64)}, {"k"}}), Code::unsupported);
  store->define({"t", fields, {"k"}});
  EXPECT_EQ(refused({"T", fields, {"k"}}), Code::input);
}

// ---- named values

TEST(SqliteValues, CommitWithTheRowsAndHoldAnyBytes) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  EXPECT_EQ(store->get("source/yt"), std::nullopt);
  const std::string bytes("\0\xFF'\"", 4);
  transact(*store.store, [&] {
    store->put("source/yt", "first");
    store->put("source/yt", bytes);
    store->put("empty", "");
  });
  EXPECT_EQ(store->get("source/yt"), bytes);
  EXPECT_EQ(store->get("empty"), "");
  store->put("alone", "at once");
  Opened other(folder.path());
  EXPECT_EQ(other->get("alone"), "at once");
}

// The same rows in any order and any batching give the same table.
TEST(SqliteRows, TheOrderOfArrivalChangesNothingInWhatScansGive) {
  const TemporaryFolder first, second;
  std::vector<Observation> rows;
  std::mt19937_64 random(7);
  for (int i = 0; i < 5000; ++i)
    rows.push_back(reading("v" + std::to_string(random() % 50), static_cast<std::int64_t>(random() % 1000000), i));
  Opened sorted(first.path()), shuffled(second.path());
  sorted->define(tables::observation());
  shuffled->define(tables::observation());
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return std::tie(a.video_id, a.observed_at) < std::tie(b.video_id, b.observed_at);
  });
  rows.erase(std::unique(rows.begin(), rows.end(),
                         [](const auto& a, const auto& b) {
                           return a.video_id == b.video_id && a.observed_at == b.observed_at;
                         }),
             rows.end());
  transact(*sorted.store, [&] { sorted->write("observation", batch_of(rows)); });
  std::shuffle(rows.begin(), rows.end(), random);
  for (std::size_t from = 0; from < rows.size(); from += 333) {
    const auto end = rows.begin() + static_cast<std::ptrdiff_t>(std::min(rows.size(), from + 333));
    transact(*shuffled.store, [&] {
      shuffled->write("observation", batch_of({rows.begin() + static_cast<std::ptrdiff_t>(from), end}));
    });
  }
  EXPECT_EQ(rows_of(*sorted.store, {"observation"}), rows_of(*shuffled.store, {"observation"}));
}

}  // namespace
}  // namespace risetime::sqlite
