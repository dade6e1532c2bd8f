// What is wrong with a configuration and where: found all at once, sorted by place, told in one form.
#pragma once

#include <cstddef>
#include <risetime/json.hpp>
#include <string>
#include <vector>

namespace risetime::core {

// A place in a configuration file; lines and columns count from 1, columns in letters. Line 0 is the file as a whole.
struct Position {
  std::string file;
  std::size_t line = 0;
  std::size_t column = 0;

  std::string text() const;  // "risetime.toml:12:3"
  friend bool operator==(const Position&, const Position&) = default;
};

struct Problem {
  Position at;
  std::string path;        // the setting: "source[0].config.api_key"; empty where it is the file
  std::string what;        // a sentence without its full stop
  std::string suggestion;  // the name that was probably meant; empty where none is near
  std::string help;        // the setting's own help, or what to do

  std::string text() const;  // "file:line:column: what. Did you mean "x"? help"
  Json json() const;
};

class Problems {
 public:
  void add(Problem problem) { all_.push_back(std::move(problem)); }
  void add(Position at, std::string path, std::string what, std::string help = {}, std::string suggestion = {});
  bool empty() const { return all_.empty(); }
  std::vector<Problem>& all() { return all_; }
  // By line and column; what was found first comes first within a place.
  std::vector<Problem> sorted() const;

 private:
  std::vector<Problem> all_;
};

// One line per problem.
std::string text_of(const std::vector<Problem>& problems);

}  // namespace risetime::core
