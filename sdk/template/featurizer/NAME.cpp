// A featurizer: a few numbers of a title.
#include <algorithm>
#include <risetime/plugin.hpp>

using namespace risetime;

struct Options {
  bool count_tags = true;
  static constexpr auto fields =
      risetime::fields(field("count_tags", &Options::count_tags, "Whether the number of tags is one of the features."));
};

struct MyFeaturizer {
  static constexpr Info info{"@NAME@", "1.0.0", "Length, words and capitals of the title."};
  static constexpr const char* input = "video";  // the table it reads; "thumbnail" is the other
  using Config = Options;
  MyFeaturizer(Context, Options options) : options_(options) {}

  // One name a dimension, in the order of the vector.
  std::vector<std::string> names() const {
    std::vector<std::string> names = {"title_bytes", "title_words", "title_capitals"};
    if (options_.count_tags) names.emplace_back("tags");
    return names;
  }

  // One vector a row, in order; where there is none, missing() says why.
  void describe(const Batch& rows, Vectors& out) const {
    const Column& titles = rows.column("title", Type::utf8);
    const Column& tags = rows.column("tags", Type::list);
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      const std::string_view title = titles.text(row);
      if (title.empty()) {
        out.missing("the title is empty");
        continue;
      }
      const auto capitals = std::count_if(title.begin(), title.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
      std::vector<float> vector = {static_cast<float>(title.size()),
                                   static_cast<float>(1 + std::count(title.begin(), title.end(), ' ')),
                                   static_cast<float>(capitals) / static_cast<float>(title.size())};
      if (options_.count_tags) vector.push_back(static_cast<float>(tags.items(row).size()));
      out.add(vector);
    }
  }

 private:
  Options options_;
};

RISETIME_PLUGINS(MyFeaturizer);
