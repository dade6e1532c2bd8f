// Artifacts: whole values of any size, by name and kind.
#include "fixture.hpp"

namespace risetime::sqlite {
namespace {

TEST(SqliteArtifacts, ComeBackWholeWithTheirMetadata) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  const std::string bytes("\0\x01\xFF model", 9);
  store.artifacts->put("abc", "model", R"({"made": "by ridge"})", bytes);
  store.artifacts->put("empty", "vocabulary", "{}", "");
  const auto found = store.artifacts->get("abc");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->bytes, bytes);
  EXPECT_EQ(found->metadata, R"({"made": "by ridge"})");
  ASSERT_TRUE(store.artifacts->get("empty"));
  EXPECT_EQ(store.artifacts->get("empty")->bytes, "");
  EXPECT_FALSE(store.artifacts->get("nothing"));
  EXPECT_EQ(store.artifacts->get("abc", false)->bytes, "");
}

TEST(SqliteArtifacts, AreListedByNameAndKindReplacedAndErased) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  store.artifacts->put("b", "model", "{}", "long old value");
  store.artifacts->put("c", "vocabulary", "{}", "22");
  store.artifacts->put("a", "model", "{}", "1");
  store.artifacts->put("b", "model", R"({"new": 1})", "333");
  const auto models = store.artifacts->list("model");
  ASSERT_EQ(models.size(), 2U);
  EXPECT_EQ(models[0].name, "a");
  EXPECT_EQ(models[1].name, "b");
  EXPECT_EQ(models[1].bytes, 3U);
  EXPECT_EQ(models[1].metadata, R"({"new": 1})");
  EXPECT_EQ(store.artifacts->get("b")->bytes, "333");
  EXPECT_EQ(store.artifacts->list("").size(), 3U);
  store.artifacts->erase("a");
  store.artifacts->erase("never there");
  EXPECT_FALSE(store.artifacts->get("a"));
  EXPECT_EQ(store.artifacts->list("").size(), 2U);
}

TEST(SqliteArtifacts, LargerThanOnePartAreTheSameBytesAgain) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  std::string bytes(37'000'001, '\0');
  std::uint64_t state = 1;
  for (char& byte : bytes) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    byte = static_cast<char>(state >> 56U);
  }
  store.artifacts->put("large", "model", "{}", bytes);
  Opened other(folder.path());
  EXPECT_TRUE(other.artifacts->get("large")->bytes == bytes);
}

TEST(SqliteArtifacts, PutInsideATransactionOfRowsCommitsWithIt) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  store->begin();
  store.artifacts->put("kept?", "model", "{}", "1");
  EXPECT_TRUE(store.artifacts->get("kept?"));
  store->rollback();
  EXPECT_FALSE(store.artifacts->get("kept?"));
  transact(*store.store, [&] { store.artifacts->put("kept", "model", "{}", "1"); });
  EXPECT_TRUE(store.artifacts->get("kept"));
}

TEST(SqliteArtifacts, TextsThatAreNotUtf8AreRefused) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  EXPECT_EQ(error_of([&] { store.artifacts->put("\xFF", "model", "{}", "1"); }).code(), Code::input);
  EXPECT_TRUE(store.artifacts->list("").empty());
}

}  // namespace
}  // namespace risetime::sqlite
