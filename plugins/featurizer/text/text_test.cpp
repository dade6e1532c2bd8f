// Tests of the text featurizer through the plugin's boundary: counts, projection, equal bytes, saved states, real
// videos.
#include "text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <risetime/testing.hpp>
#include <set>
#include <sstream>

extern "C" const risetime_plugins* risetime_plugin_v1(void);

namespace risetime::text {
namespace {

using Vector = std::vector<float>;

Video video(std::string title, std::vector<std::string> tags = {},
            std::optional<std::string> description = std::nullopt) {
  Video made;
  made.platform = "youtube";
  made.channel_id = "one";
  made.title = std::move(title);
  made.tags = std::move(tags);
  made.description = std::move(description);
  return made;
}

Batch batch_of(const std::vector<Video>& videos, size_t begin, size_t end) {
  BatchBuilder builder(tables::video().fields);
  for (size_t i = begin; i < end; ++i) append(builder, videos[i]);
  return builder.finish();
}

testkit::BatchList batches_of(const std::vector<Video>& videos, size_t rows_a_batch) {
  return testkit::BatchList([&videos, rows_a_batch](size_t index) -> std::optional<Batch> {
    const size_t begin = index * rows_a_batch;
    if (begin >= videos.size()) return std::nullopt;
    return batch_of(videos, begin, std::min(videos.size(), begin + rows_a_batch));
  });
}

/// The plugin behind its boundary, on a host with some threads.
struct Plugin {
  explicit Plugin(std::string_view config, size_t threads = 1) {
    host.set_threads(threads);
    instance = host.load(risetime_plugin_v1(), "text", config);
    featurizer.emplace(*instance);
  }
  Plugin& fit(const std::vector<Video>& videos, size_t rows_a_batch = 1000) {
    auto batches = batches_of(videos, rows_a_batch);
    featurizer->fit(batches);
    return *this;
  }
  std::vector<Vector> describe(const std::vector<Video>& videos, size_t rows_a_batch = 1000) {
    std::vector<Vector> vectors;
    for (size_t begin = 0; begin < videos.size(); begin += rows_a_batch) {
      const Batch described =
          featurizer->describe(batch_of(videos, begin, std::min(videos.size(), begin + rows_a_batch)),
                               [](size_t, std::string_view reason) { FAIL() << reason; });
      const Column& column = described.column("vector", Type::fixed_size_list);
      for (size_t row = 0; row < described.rows(); ++row) {
        const Column items = column.items(row);
        vectors.emplace_back(items.float32s().begin(), items.float32s().end());
      }
    }
    return vectors;
  }
  std::map<std::string, float> words(const Video& of) {
    const Vector vector = describe({of}).front();
    const std::vector<std::string> names = featurizer->names();
    std::map<std::string, float> counts;
    for (size_t i = 0; i < names.size(); ++i)
      if (vector[i] != 0) counts[names[i]] = vector[i];
    return counts;
  }

  testkit::FakeHost host;
  std::unique_ptr<client::Instance> instance;
  std::optional<client::Featurizer> featurizer;
};

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

uint64_t digest(const std::vector<Vector>& vectors) {
  std::string bytes;
  for (const Vector& vector : vectors)
    bytes.append(reinterpret_cast<const char*>(vector.data()), vector.size() * sizeof(float));
  return hash_bytes(bytes);
}

constexpr const char* plain_counts = R"({"project_to": 0, "vocabulary": 4096, "min_documents": 1})";

/// Texts in many scripts, for which the digest of the vectors below is kept.
std::vector<Video> corpus() {
  return {video("The quick brown fox", {"fox", "quick jump"}, "It jumps over the lazy dog. 3.14, don't!"),
          video("Stra\xC3\x9F"
                "e in \xC4\xB0stanbul",
                {"STRASSE", "\xC4\xB1\xC5\x9F\xC4\xB1k"}),
          video("\xE6\x88\x91\xE4\xBB\xAC\xE7\x88\xB1\xE9\x9F\xB3\xE4\xB9\x90 \xF0\x9F\x94\xA5\xF0\x9F\x94\xA5",
                {"\xED\x95\x9C\xEA\xB5\xAD", "\xE3\x82\xAB\xE3\x82\xBF\xE3\x82\xAB\xE3\x83\x8A"}),
          video("\xD9\x85\xD8\xB1\xD8\xAD\xD8\xA8\xD8\xA7 \xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D",
                {"Cafe\xCC\x81", "caf\xC3\xA9"}),
          video("", {}, "")};
}

TEST(TextFeaturizer, CountsTheWordsOfTitleDescriptionAndTags) {
  const Video both = video("Cats and cats", {"cats", "Dogs play"}, "and more");
  Plugin plugin(plain_counts);
  plugin.fit({both});
  EXPECT_EQ(plugin.words(both),
            (std::map<std::string, float>{{"and", 2}, {"cats", 3}, {"dogs", 1}, {"more", 1}, {"play", 1}}));
  Plugin titles(R"({"project_to": 0, "vocabulary": 4096, "min_documents": 1, "fields": ["title"]})");
  titles.fit({both});
  EXPECT_EQ(titles.words(both), (std::map<std::string, float>{{"and", 1}, {"cats", 2}}));
}

TEST(TextFeaturizer, KeepsTheWordsThatMostVideosHave) {
  const std::vector<Video> videos = {video("a b b b b c"), video("a c d"), video("a e d")};
  Plugin plugin(R"({"project_to": 0, "vocabulary": 2, "min_documents": 2})");
  plugin.fit(videos);
  EXPECT_EQ(plugin.featurizer->names(), (std::vector<std::string>{"a", "c"}));  // c and d tie: c is first by its bytes
  Plugin rare(R"({"project_to": 0, "vocabulary": 100, "min_documents": 3})");
  rare.fit(videos);
  EXPECT_EQ(rare.featurizer->names(), (std::vector<std::string>{"a"}));
}

TEST(TextFeaturizer, LearnsOnlyFromTheChosenChannels) {
  std::vector<Video> videos = {video("mine"), video("theirs"), video("others")};
  videos[1].channel_id = "two";
  videos[2].channel_id = "three";
  Plugin plugin(
      R"({"project_to": 0, "vocabulary": 100, "min_documents": 1, "channels": ["one", "youtube:three", "vimeo:two"]})");
  plugin.fit(videos);
  EXPECT_EQ(plugin.featurizer->names(), (std::vector<std::string>{"mine", "others"}));
}

TEST(TextFeaturizer, WeighsWordsAsAsked) {
  const std::vector<Video> videos = {video("a a a b"), video("a"), video("a")};
  const auto weights = [&](const std::string& weighting) {
    Plugin plugin(R"({"project_to": 0, "vocabulary": 100, "min_documents": 1, "weighting": ")" + weighting + "\"}");
    return plugin.fit(videos).words(videos[0]);
  };
  EXPECT_EQ(weights("count"), (std::map<std::string, float>{{"a", 3}, {"b", 1}}));
  EXPECT_EQ(weights("binary"), (std::map<std::string, float>{{"a", 1}, {"b", 1}}));
  EXPECT_EQ(weights("log"), (std::map<std::string, float>{{"a", 2}, {"b", 1}}));
  EXPECT_EQ(weights("tfidf"), (std::map<std::string, float>{{"a", 3}, {"b", 2}}));  // b: 1 + log2(4 / 2)
}

TEST(TextFeaturizer, GivesZerosToAVideoWithoutWords) {
  Plugin plugin(R"({"project_to": 16, "min_documents": 1})");
  plugin.fit({video("something")});
  EXPECT_EQ(plugin.describe({video("")}).front(), Vector(16, 0.0F));
  EXPECT_EQ(plugin.describe({video("\xEF\xBF\xBD", {}, "?!")}).front(), Vector(16, 0.0F));
  EXPECT_TRUE(plugin.describe({}).empty());
}

TEST(TextFeaturizer, WorksWhenNoWordIsLeft) {
  Plugin plugin(R"({"project_to": 16})");
  plugin.fit({video("alone")});
  EXPECT_EQ(plugin.describe({video("alone")}).front(), Vector(16, 0.0F));
  Plugin words(R"({"project_to": 0, "vocabulary": 100})");
  EXPECT_NE(error_of([&] { words.fit({video("alone")}); }).find("lower min_documents"), std::string::npos);
}

TEST(TextFeaturizer, RefusesSettingsThatContradictEachOther) {
  EXPECT_NE(
      error_of([] { Plugin(R"({"project_to": 0})"); }).find("set project_to (512 is usual) or vocabulary to 4096"),
      std::string::npos);
  EXPECT_NE(error_of([] { Plugin(R"({"method": "hashing", "weighting": "tfidf"})"); }).find("how rare"),
            std::string::npos);
  EXPECT_NE(error_of([] { Plugin(R"({"fields": []})"); }).find("no text to read"), std::string::npos);
  EXPECT_NE(error_of([] { Plugin(R"({"fields": ["titel"]})"); }).find("titel"), std::string::npos);
  EXPECT_NE(error_of([] { Plugin(R"({"method": "both"})"); }).find("hashing"), std::string::npos);
}

TEST(TextFeaturizer, RefusesToDescribeBeforeItKnowsTheWords) {
  Plugin plugin("{}");
  EXPECT_NE(error_of([&] { plugin.describe({video("a")}); }).find("fit or load first"), std::string::npos);
}

TEST(TextFeaturizer, HashesWordsWithoutLearningThem) {
  Plugin plugin(R"({"method": "hashing", "buckets": 4096, "project_to": 0})");
  plugin.fit({});
  const Vector once = plugin.describe({video("surprise")}).front();
  EXPECT_EQ(std::count_if(once.begin(), once.end(), [](float x) { return x == 1.0F || x == -1.0F; }), 1);
  Vector twice = plugin.describe({video("Surprise surprise")}).front();
  for (float& value : twice) value /= 2;
  EXPECT_EQ(twice, once);
}

TEST(TextFeaturizer, ProjectsASumOfWordsToTheSumOfTheirProjections) {
  for (const char* config :
       {R"({"project_to": 64, "min_documents": 1})", R"({"method": "hashing", "project_to": 64})"}) {
    Plugin plugin(config);
    plugin.fit({video("alpha beta gamma")});
    const auto vectors = plugin.describe({video("alpha"), video("beta"), video("beta alpha beta")});
    for (size_t i = 0; i < 64; ++i) EXPECT_FLOAT_EQ(vectors[2][i], vectors[0][i] + 2 * vectors[1][i]);
  }
}

TEST(TextFeaturizer, GivesAWordTheSameProjectionInAnotherVocabularyOfTheSameSize) {
  Plugin first(R"({"project_to": 64, "min_documents": 1})"), second(R"({"project_to": 64, "min_documents": 1})");
  first.fit({video("alpha beta")});
  second.fit({video("zeta alpha")});
  EXPECT_EQ(first.describe({video("alpha")}), second.describe({video("alpha")}));
}

TEST(TextFeaturizer, GivesTheSameBytesOnEveryMachine) {
  const auto digest_with = [](const char* config) {
    Plugin plugin(config);
    return digest(plugin.fit(corpus()).describe(corpus()));
  };
  // Kept numbers: they change only when the words, the hash or the projection change, and then saved features are void.
  EXPECT_EQ(digest_with(R"({"min_documents": 1})"), 11206160514987908343U);
  EXPECT_EQ(digest_with(R"({"min_documents": 1, "weighting": "tfidf", "seed": 2, "project_to": 100})"),
            1037536812767154842U);
  EXPECT_EQ(digest_with(R"({"method": "hashing", "weighting": "log"})"), 1374319881610185638U);
}

TEST(TextFeaturizer, SavesEverythingThatItLearned) {
  for (const char* config :
       {R"({"min_documents": 1})", R"({"min_documents": 1, "weighting": "tfidf"})", R"({"method": "hashing"})",
        R"({"min_documents": 1, "vocabulary": 50, "project_to": 0})"}) {
    Plugin plugin(config);
    const auto expected = plugin.fit(corpus()).describe(corpus());
    Plugin other(config);
    other.featurizer->load(plugin.featurizer->save());
    EXPECT_EQ(other.describe(corpus()), expected);
    EXPECT_EQ(other.featurizer->names(), plugin.featurizer->names());
    EXPECT_EQ(other.featurizer->save(), plugin.featurizer->save());
  }
}

TEST(TextFeaturizer, RefusesAStateThatIsDamagedOrOfOtherSettings) {
  Plugin plugin(R"({"min_documents": 1})");
  // Without the envelope, which alone would refuse all that is damaged.
  const std::string saved(envelope::open(plugin.fit(corpus()).featurizer->save()));
  Plugin seeded(R"({"min_documents": 1, "seed": 7})");
  EXPECT_NE(error_of([&] { seeded.featurizer->load(saved); }).find("seed 1"), std::string::npos);
  for (size_t size = 0; size < saved.size(); size += 37)
    EXPECT_NE(error_of([&] { Plugin(R"({"min_documents": 1})").featurizer->load(saved.substr(0, size)); }), "") << size;
  for (size_t at = 0; at < saved.size(); at += 11) {
    std::string damaged = saved;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x5A);
    Plugin victim(R"({"min_documents": 1})");
    if (error_of([&] { victim.featurizer->load(damaged); }).empty()) victim.describe(corpus());  // must not crash
  }
}

TEST(TextFeaturizer, CountsAsManyVideosWhateverTheBatchesAndThreads) {
  std::vector<Video> videos;
  std::mt19937 random(1);
  for (int i = 0; i < 5000; ++i) {
    std::string title;
    for (int word = 0; word < 8; ++word) title += "w" + std::to_string(random() % 3000) + " ";
    videos.push_back(video(title, {"caf\xC3\xA9 " + std::to_string(random() % 50)}));
  }
  Plugin one("{}");
  const auto expected = one.fit(videos).describe(videos);
  const std::string saved = one.featurizer->save();
  for (const size_t rows_a_batch : {size_t{77}, size_t{5000}}) {
    Plugin many("{}", 4);
    EXPECT_EQ(many.fit(videos, rows_a_batch).describe(videos, rows_a_batch), expected);
    EXPECT_EQ(many.featurizer->save(), saved);
  }
}

TEST(Projection, HasTheDensitySignsAndLengthsThatItsAuthorsPromise) {
  constexpr uint64_t words = 10000;
  constexpr uint32_t components = 500;
  const Projection projection(3, words, components);
  size_t entries = 0, negative = 0;
  double squares = 0;
  for (uint64_t word = 0; word < words; ++word) {
    std::vector<Projection::Entry> row;
    projection.append_row(hash_bytes("word" + std::to_string(word)), row);
    for (size_t i = 1; i < row.size(); ++i) ASSERT_LT(Projection::component(row[i - 1]), Projection::component(row[i]));
    entries += row.size();
    for (const auto entry : row) negative += Projection::is_negative(entry) ? 1 : 0;
    squares += static_cast<double>(row.size()) * projection.scale() * projection.scale();
  }
  EXPECT_NEAR(static_cast<double>(entries), words * components / std::sqrt(1.0 * words),
              1000);  // 50,000; deviation 222
  EXPECT_NEAR(static_cast<double>(negative) / static_cast<double>(entries), 0.5, 0.01);
  EXPECT_NEAR(squares / words, 1.0, 0.02);  // a word's length, in the mean
}

TEST(FixedLog2, IsTheLogarithmToSevenDigits) {
  EXPECT_EQ(fixed_log2(1), 0);
  EXPECT_EQ(fixed_log2(8), int64_t{3} << 24);
  for (const uint64_t value : {3ULL, 10ULL, 17597ULL, 123456789ULL, ~0ULL})
    EXPECT_NEAR(static_cast<double>(fixed_log2(value)) / (1 << 24), std::log2(static_cast<double>(value)), 1e-7);
}

// ---- real videos ----

std::filesystem::path trending() {
  const char* folder = std::getenv("RISETIME_TEST_DATA");
  return std::filesystem::path(folder != nullptr ? folder : "../shared/data") / "youtube-trending" / "videos.csv";
}

/// The fields of CSV as in RFC 4180.
std::vector<std::vector<std::string>> read_csv(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::vector<std::string>> rows(1, std::vector<std::string>(1));
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      rows.back().back() += text[++i];
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[i] == ',') {
      rows.back().emplace_back();
    } else if (!quoted && text[i] == '\n') {
      rows.emplace_back(1);
    } else if (quoted || text[i] != '\r') {
      rows.back().back() += text[i];
    }
  }
  if (rows.back().size() == 1) rows.pop_back();
  return rows;
}

std::vector<Video> trending_videos() {
  std::vector<Video> videos;
  for (const auto& row : read_csv(trending())) {
    videos.push_back(video(row.at(2), {row.at(7)}));
    videos.back().channel_id = row.at(4);
    videos.back().video_id = row.at(0);
  }
  videos.erase(videos.begin());
  return videos;
}

#define NEEDS_TRENDING_VIDEOS()                                                                                      \
  if (!std::filesystem::exists(trending())) {                                                                        \
    ASSERT_EQ(std::getenv("CI"), nullptr) << trending() << " is not there; set RISETIME_TEST_DATA to the test data"; \
    GTEST_SKIP() << trending() << " is not there; set RISETIME_TEST_DATA to the folder of the test data";            \
  }

TEST(TextFeaturizer, DescribesAllTrendingVideosTheSameOnAnyNumberOfThreads) {
  NEEDS_TRENDING_VIDEOS();
  const std::vector<Video> videos = trending_videos();
  ASSERT_EQ(videos.size(), 17596U);
  Plugin one("{}"), four("{}", 4);
  const auto vectors = one.fit(videos, 4096).describe(videos, 4096);
  EXPECT_EQ(four.fit(videos, 999).describe(videos, 8000), vectors);
  ASSERT_EQ(vectors.size(), videos.size());
  const auto empty = std::count(vectors.begin(), vectors.end(), Vector(512, 0.0F));
  EXPECT_LT(empty, 200);  // titles of nothing but rare words
}

/// What scikit-learn's CountVectorizer takes from text of ASCII letters: lower-case runs of two and more.
std::map<std::string, float> letter_runs(const std::string& text) {
  std::map<std::string, float> counts;
  std::istringstream words(text);
  for (std::string word; words >> word;)
    if (word.size() >= 2) ++counts[word];
  return counts;
}

TEST(TextFeaturizer, CountsPlainWordsAsRegularExpressionsDo) {
  NEEDS_TRENDING_VIDEOS();
  std::vector<Video> videos = trending_videos();
  std::map<std::string, size_t> documents;
  for (Video& each : videos) {
    for (const std::string& tag : each.tags) each.title += " " + tag;
    each.tags.clear();
    for (char& c : each.title) c = std::isalpha(static_cast<unsigned char>(c)) != 0 ? c : ' ';
    std::string lower = each.title;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (const auto& [word, count] : letter_runs(lower)) ++documents[word];
  }
  Plugin plugin(R"({"project_to": 0, "vocabulary": 4096, "min_documents": 50, "shortest_word": 2})");
  plugin.fit(videos, 5000);
  std::vector<std::string> expected_names;
  for (const auto& [word, count] : documents)
    if (count >= 50) expected_names.push_back(word);
  ASSERT_EQ(plugin.featurizer->names(), expected_names);
  const auto vectors = plugin.describe(videos, 5000);
  for (size_t row = 0; row < videos.size(); ++row) {
    std::string lower = videos[row].title;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    auto counts = letter_runs(lower);
    for (size_t i = 0; i < expected_names.size(); ++i)
      ASSERT_EQ(vectors[row][i], counts.count(expected_names[i]) != 0 ? counts[expected_names[i]] : 0.0F) << lower;
  }
}

}  // namespace
}  // namespace risetime::text
