// What is known of a video from the start, as a vector of numbers: features, duration, followers, hour and day of
// publication, category and language.
#pragma once

#include <map>
#include <risetime/model.hpp>
#include <string>
#include <vector>

namespace risetime::lstm {

class Statics {
 public:
  // Counts the categories and languages of a training batch. Call for all batches, then choose() once.
  // Throws Error(Code::input) when batches differ in their number of features.
  void see(const Series& series);
  // Keeps the most frequent categories and languages as columns.
  void choose();

  // The columns of one video; NaN where a number is missing. Throws Error(Code::input) when the number of features is
  // not that of the training data.
  std::vector<float> of(const Series& series, std::size_t video) const;

  // How many columns a video has.
  std::size_t columns() const;

  void save(Writer& to) const;
  void load(Reader& from);

 private:
  std::uint64_t features_ = 0;
  bool seen_ = false;
  std::map<std::string, std::uint64_t, std::less<>> category_counts_, language_counts_;
  std::vector<std::string> categories_, languages_;  // sorted
};

}  // namespace risetime::lstm
