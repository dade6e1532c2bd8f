// The house's rule: plugins -> sdk <- core. Reads the includes of every source file and says which breaks the rule.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path root = RISETIME_ROOT;

struct Include {
  fs::path file;  // relative to the root
  int line;
  bool quoted;  // "..." and not <...>
  std::string name;

  std::string place() const { return file.string() + ":" + std::to_string(line) + " includes " + name; }
};

bool is_source(const fs::path& file) {
  const auto extension = file.extension();
  return extension == ".cpp" || extension == ".hpp" || extension == ".h" || extension == ".c";
}

std::vector<fs::path> sources(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(root / folder))
    if (entry.is_regular_file() && is_source(entry.path())) files.push_back(fs::relative(entry.path(), root));
  std::sort(files.begin(), files.end());
  return files;
}

std::string read(const fs::path& file) {
  std::ifstream in(root / file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<Include> includes_of(const fs::path& folder) {
  std::vector<Include> all;
  for (const fs::path& file : sources(folder)) {
    std::ifstream in(root / file);
    int number = 0;
    for (std::string line; std::getline(in, line);) {
      ++number;
      const auto begin = line.find_first_not_of(" \t");
      if (begin == std::string::npos || line[begin] != '#' || line.find("include", begin) == std::string::npos)
        continue;
      const auto open = line.find_first_of("<\"", begin);
      if (open == std::string::npos) continue;
      const char close = line[open] == '<' ? '>' : '"';
      const auto end = line.find(close, open + 1);
      all.push_back({file, number, close == '"', line.substr(open + 1, end - open - 1)});
    }
  }
  return all;
}

bool begins_with(const std::string& text, const std::string& start) {
  return text.compare(0, start.size(), start) == 0;
}

// plugins/KIND/NAME of a file below it.
fs::path plugin_folder(const fs::path& file) {
  auto part = file.begin();
  fs::path folder;
  for (int i = 0; i < 3 && part != file.end(); ++i, ++part) folder /= *part;
  return folder;
}

// The code without what follows // : comments may give examples.
std::string without_comments(const std::string& code) {
  std::string out;
  for (std::size_t at = 0; at < code.size();) {
    const auto line_end = std::min(code.find('\n', at), code.size());
    const auto comment = code.find("//", at);
    out += code.substr(at, std::min(comment, line_end) - at) + '\n';
    at = line_end + 1;
  }
  return out;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

TEST(Layout, TheSdkStandsOnTheStandardLibraryAlone) {
  for (const Include& include : includes_of("sdk/include")) {
    const bool own = begins_with(include.name, "risetime/");
    const bool standard = include.name.find('/') == std::string::npos && include.name.find('.') == std::string::npos;
    const bool c_header = include.name == "stddef.h" || include.name == "stdint.h";
    EXPECT_TRUE(!include.quoted && (own || standard || c_header)) << include.place();
  }
}

TEST(Layout, APluginIncludesTheSdkItsOwnFilesAndItsLibraries) {
  const auto all = includes_of("plugins");
  ASSERT_FALSE(all.empty());
  for (const Include& include : all) {
    EXPECT_FALSE(begins_with(include.name, "core/") || begins_with(include.name, "plugins/") ||
                 include.name.find("..") != std::string::npos)
        << include.place() << ": a plugin reaches neither into core nor into another plugin";
    if (!include.quoted) continue;
    const bool beside = fs::exists(root / include.file.parent_path() / include.name);
    const bool own = fs::exists(root / plugin_folder(include.file) / include.name);
    EXPECT_TRUE(beside || own) << include.place() << ", which is not in " << plugin_folder(include.file);
  }
}

TEST(Layout, CoreIncludesTheSdkItselfAndGeneralLibraries) {
  const auto all = includes_of("core");
  ASSERT_FALSE(all.empty());
  for (const Include& include : all) {
    EXPECT_FALSE(begins_with(include.name, "plugins/") || include.name.find("..") != std::string::npos)
        << include.place();
    EXPECT_TRUE(!include.quoted || begins_with(include.name, "core/")) << include.place();
  }
}

TEST(Layout, LowerFoldersOfCoreKnowNothingOfHigherOnes) {
  const std::vector<std::string> lowest_first = {"base",   "http",     "config", "catalog",
                                                 "plugin", "pipeline", "report", "cli"};
  const auto level = [&](const std::string& folder) {
    return std::find(lowest_first.begin(), lowest_first.end(), folder) - lowest_first.begin();
  };
  for (const Include& include : includes_of("core")) {
    if (!begins_with(include.name, "core/")) continue;
    const std::string from = std::next(include.file.begin())->string();
    const std::string to = std::next(fs::path(include.name).begin())->string();
    EXPECT_LT(level(from), static_cast<std::ptrdiff_t>(lowest_first.size())) << "a folder without a place: " << from;
    EXPECT_LE(level(to), level(from)) << include.place() << ", which lies higher";
  }
}

TEST(Layout, CoreNamesNoPlatformModelOrDatabase) {
  const char* const names[] = {"youtube",  "tiktok", "twitch", "instagram", "sqlite", "mysql",   "mariadb", "mongo",
                               "postgres", "ridge",  "lstm",   "torch",     "opencv", "boosted", "xgboost", "apify"};
  for (const fs::path& file : sources("core")) {
    if (file.stem().string().find("_test") != std::string::npos) continue;  // tests need examples
    const std::string code = lower(without_comments(read(file)));
    for (const std::string name : names) {
      for (std::size_t at = code.find(name); at != std::string::npos; at = code.find(name, at + 1)) {
        // "bridge" is no ridge: a name begins where no letter stands before it.
        if (at > 0 && std::isalpha(static_cast<unsigned char>(code[at - 1])) != 0) continue;
        ADD_FAILURE() << file.string() << " names " << name;
        break;
      }
    }
  }
}

// Types that a file shows to the linker, by the lines at the file's edge where they begin.
std::vector<std::string> visible_types(const std::string& code) {
  static const std::regex type(R"(^(?:class|struct|union|enum class) (\w+)(?: final)?(?: :[^:].*)? \{)");
  std::vector<std::string> names;
  bool hidden = false;
  std::istringstream lines(code);
  for (std::string line; std::getline(lines, line);) {
    if (begins_with(line, "namespace {")) hidden = true;
    if (line == "}  // namespace") hidden = false;
    std::smatch match;
    if (!hidden && std::regex_search(line, match, type)) names.push_back(match[1]);
  }
  return names;
}

// Two types of one name in one namespace are one to the linker: whichever destructor it keeps destroys both.
TEST(Layout, NoTwoTypesOfALibraryShareAName) {
  EXPECT_EQ(visible_types("struct A {\nnamespace {\nclass B {\n}  // namespace\nclass C final : public A {\n"),
            (std::vector<std::string>{"A", "C"}));
  std::map<fs::path, std::map<std::string, fs::path>> libraries;
  for (const fs::path folder : {"core", "plugins"})
    for (const fs::path& file : sources(folder))
      for (const std::string& name : visible_types(read(file))) {
        const auto [other, is_new] = libraries[folder == "core" ? folder : plugin_folder(file)].emplace(name, file);
        EXPECT_TRUE(is_new) << name << " is a type of " << other->second << " and another one of " << file;
      }
  EXPECT_GT(libraries["core"].size(), 50U);
}

TEST(Layout, EveryPluginHasItsFourFiles) {
  for (const auto& kind : fs::directory_iterator(root / "plugins")) {
    if (!kind.is_directory()) continue;
    for (const auto& plugin : fs::directory_iterator(kind)) {
      if (!fs::exists(plugin.path() / "CMakeLists.txt")) continue;
      const auto files = sources(fs::relative(plugin.path(), root));
      EXPECT_TRUE(fs::exists(plugin.path() / "README.md")) << plugin.path() << " has no README.md";
      EXPECT_TRUE(fs::exists(plugin.path() / "sample.toml")) << plugin.path() << " has no sample.toml";
      EXPECT_TRUE(
          std::any_of(files.begin(), files.end(),
                      [](const fs::path& file) { return file.stem().string().find("_test") != std::string::npos; }))
          << plugin.path() << " has no test";
    }
  }
}

}  // namespace
