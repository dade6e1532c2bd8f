// Names of files and columns: patterns with * and ?, and what a misspelt one was probably meant to be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace risetime::file {

// * stands for any letters (none included), ? for one.
bool matches(std::string_view pattern, std::string_view name);
bool has_wildcard(std::string_view text);

// The video id in a file's name by a pattern with {video_id} (as few letters as will do, at least one) and *; empty if
// the name does not fit.
std::string video_id_in(std::string_view name, std::string_view pattern);

// ". Did you mean "x"?" for the candidate that differs in at most a third of its letters, else nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

// "a, b, c"; the first `most` and how many more.
std::string list_names(const std::vector<std::string>& names, std::size_t most = 40);

}  // namespace risetime::file
