// Reads exported files. A file that did not change since it was read whole is left alone; one that did is read again
// from its beginning: what it says is a new reading, at the time of the new export.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include "export_reader.hpp"
#include "item.hpp"
#include "mode.hpp"
#include "values.hpp"

namespace risetime::tiktok {
namespace {

namespace fs = std::filesystem;

// Whether a name fits a pattern in which * stands for any letters and ? for one.
bool fits(std::string_view name, std::string_view pattern) {
  std::size_t n = 0, p = 0, star = std::string_view::npos, from = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++from;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// "dataset_tiktok-scraper_2025-05-29_15-38-41-123.json", as Apify names exports: UTC. Nothing where no such time is in
// the name.
std::optional<std::int64_t> time_of_name(const std::string& name) {
  constexpr std::string_view shape = "0000-00-00_00-00-00";
  for (std::size_t at = 0; at + shape.size() <= name.size(); ++at) {
    std::string text = name.substr(at, shape.size());
    const bool is_time = std::equal(text.begin(), text.end(), shape.begin(), [](char c, char wanted) {
      return wanted == '0' ? c >= '0' && c <= '9' : c == wanted;
    });
    if (!is_time) continue;
    text[10] = 'T';
    text[13] = text[16] = ':';
    if (const auto moment = parse_time(text, 0)) return moment->time;
  }
  return std::nullopt;
}

struct ExportFile {
  std::string name;  // as the settings spell it
  std::string path;
  std::string print;             // tells whether it has changed: its size and when it was written
  std::int64_t written_at = 0;   // UTC microseconds
  std::optional<Error> problem;  // why it cannot be read
  std::string account() const { return std::string(platform) + ":export/" + name; }
};

// Looks at the file as it is now.
void look_at(ExportFile& file) {
  struct stat status {};
  if (::stat(file.path.c_str(), &status) != 0) {
    file.problem = Error(Code::io, file.path, std::string("the file cannot be read: ") + std::strerror(errno));
    return;
  }
  if (!S_ISREG(status.st_mode)) {
    file.problem = Error(Code::config, file.path, "this is no file");
    return;
  }
  file.written_at = status.st_mtim.tv_sec * std::int64_t{1'000'000} + status.st_mtim.tv_nsec / 1000;
  file.print = std::to_string(status.st_size) + " bytes of " + std::to_string(file.written_at);
}

// Where a round stands: in the middle of a file.
struct ExportCursor {
  std::string name, print;
  ExportPlace place;

  std::string text() const {
    Json json = Json::object();
    json["file"] = name;
    json["print"] = print;
    json["offset"] = place.offset;
    json["line"] = place.line;
    return json.dump();
  }
  // A text that is no such cursor is the beginning.
  static ExportCursor parse(std::string_view text) {
    ExportCursor cursor;
    if (text.empty()) return cursor;
    try {
      const Json json = Json::parse(text);
      const auto number = [&](std::string_view member) {
        const Json* found = json.find(member);
        const auto* value = found != nullptr ? found->if_integer() : nullptr;
        return value != nullptr && *value >= 0 ? static_cast<std::uint64_t>(*value) : 0;
      };
      const Json *name = json.find("file"), *print = json.find("print");
      if (name == nullptr || print == nullptr || name->if_string() == nullptr || print->if_string() == nullptr)
        return cursor;
      cursor = {*name->if_string(), *print->if_string(), {number("offset"), number("line")}};
    } catch (const Error&) {
    }
    return cursor;
  }
};

}  // namespace

class ExportMode final : public Mode {
 public:
  ExportMode(const Context& host, const Options& options) : host_(host), options_(options) {
    if (options_.exports.empty())
      throw Error(Code::config, "exports",
                  "there is nothing to read; name files, or give a token to run an actor at Apify");
    const auto zone = parse_zone(options_.timezone);
    if (!zone) throw Error(Code::config, "timezone", "it is no zone; write \"UTC\" or as in \"+07:00\"");
    zone_ = *zone;
    if (!options_.exported_at) return;
    const auto moment = parse_time(*options_.exported_at, zone_);
    if (!moment) throw Error(Code::config, "exported_at", "it is no time; write it as in \"2026-05-01T06:00:00Z\"");
    exported_at_ = moment->time;
  }

  Pull pull(std::string_view cursor_text, std::size_t max_rows, Rows& out) override {
    const std::vector<ExportFile> files = find_files();
    announce(files);
    ExportCursor cursor = ExportCursor::parse(cursor_text);
    const std::size_t most_files = std::max<std::size_t>(1, host_.accounts_per_pull());
    std::size_t at = 0, read = 0;
    // A file that is gone was left where the next one in the order of names begins.
    while (at < files.size() && files[at].name < cursor.name) ++at;
    for (; at < files.size(); ++at) {
      host_.check_cancelled();
      if (read >= most_files || out.size() >= max_rows) {
        out.cursor(ExportCursor{files[at].name, {}, {}}.text());
        return Pull::more;
      }
      if (!host_.wants_account(files[at].account())) continue;
      ++read;
      const ExportPlace from =
          files[at].name == cursor.name && files[at].print == cursor.print ? cursor.place : ExportPlace();
      if (const auto stopped_at = read_file(files[at], from, max_rows, out)) {
        out.cursor(ExportCursor{files[at].name, files[at].print, *stopped_at}.text());
        return Pull::more;
      }
    }
    out.cursor("");
    return Pull::end;
  }

 private:
  // In the order of their names, each once.
  std::vector<ExportFile> find_files() const {
    std::vector<ExportFile> files;
    for (const std::string& pattern : options_.exports) {
      const fs::path whole(pattern);
      if (whole.filename().string().find_first_of("*?") == std::string::npos) {
        files.push_back({pattern, host_.path(pattern), {}, 0, {}});
        continue;
      }
      std::error_code failure;
      std::vector<std::string> names;
      for (fs::directory_iterator entry(host_.path(whole.parent_path().string()), failure), end;
           !failure && entry != end; entry.increment(failure)) {
        const std::string name = entry->path().filename().string();
        std::error_code unknown;
        if (fits(name, whole.filename().string()) && entry->is_regular_file(unknown)) names.push_back(name);
      }
      for (const std::string& name : names) {
        const std::string spelled = (whole.parent_path() / name).string();
        files.push_back({spelled, host_.path(spelled), {}, 0, {}});
      }
      if (failure || names.empty())
        files.push_back(
            {pattern,
             host_.path(pattern),
             {},
             0,
             Error(Code::io, host_.path(pattern),
                   failure ? "the folder cannot be read: " + failure.message() : "no file fits the pattern")});
    }
    std::sort(files.begin(), files.end(), [](const ExportFile& a, const ExportFile& b) { return a.name < b.name; });
    files.erase(std::unique(files.begin(), files.end(),
                            [](const ExportFile& a, const ExportFile& b) { return a.name == b.name; }),
                files.end());
    for (ExportFile& file : files)
      if (!file.problem) look_at(file);
    return files;
  }

  // Files come and go, so they are announced anew where they did.
  void announce(const std::vector<ExportFile>& files) {
    std::vector<std::string> accounts;
    for (const ExportFile& file : files) accounts.push_back(file.account());
    if (accounts == announced_) return;
    host_.announce_accounts(accounts);
    announced_ = std::move(accounts);
  }

  // The place to go on at where the pull is full; nothing where the file is done with.
  std::optional<ExportPlace> read_file(const ExportFile& file, const ExportPlace& from, std::size_t max_rows,
                                       Rows& out) {
    const std::string key = "read " + file.name;
    try {
      if (file.problem) throw *file.problem;
      if (host_.state(key) != file.print) {
        const auto stopped_at = read_items(file, from, max_rows, out);
        if (stopped_at) return stopped_at;
        host_.set_state(key, file.print);
      }
      host_.account_done(file.account());
    } catch (const Error& error) {
      if (error.code() == Code::cancelled) throw;
      out.failed(file.account(), error);
    }
    return std::nullopt;
  }

  std::optional<ExportPlace> read_items(const ExportFile& file, const ExportPlace& from, std::size_t max_rows,
                                        Rows& out) {
    auto stream = std::make_unique<std::ifstream>(file.path, std::ios::binary);
    if (!*stream) throw Error(Code::io, file.path, std::string("the file cannot be read: ") + std::strerror(errno));
    ExportReader reader(std::move(stream), file.path);
    reader.go_to(from);
    const ItemClock clock{time_of(file), zone_};
    ItemRows rows(out);
    for (std::size_t rejects = 0;;) {
      if (out.size() >= max_rows || rejects >= max_rows) return reader.place();
      host_.check_cancelled();
      const std::optional<ExportItem> found = reader.next();
      if (!found) return std::nullopt;
      const std::string problem = add(found->item, clock, rows);
      if (problem.empty()) continue;
      ++rejects;
      out.reject(file.path + ":" + std::to_string(found->line), problem, found->item.raw);
    }
  }

  // Why the item gives no rows; empty where it does.
  static std::string add(const ListedItem& listed, const ItemClock& clock, ItemRows& rows) {
    if (!listed.record) return listed.problem;
    const std::string complaint = complaint_of(*listed.record);
    if (!complaint.empty()) return "the actor says: " + complaint;
    try {
      rows.add(read_item(*listed.record, clock));
      return {};
    } catch (const BadItem& bad) {
      return bad.what();
    }
  }

  std::int64_t time_of(const ExportFile& file) const {
    if (const auto named = time_of_name(fs::path(file.path).filename().string())) return *named;
    return exported_at_.value_or(file.written_at);
  }

  Context host_;
  Options options_;
  std::int64_t zone_ = 0;
  std::optional<std::int64_t> exported_at_;
  std::vector<std::string> announced_;
};

std::unique_ptr<Mode> make_export_mode(const Context& host, const Options& options) {
  return std::make_unique<ExportMode>(host, options);
}

}  // namespace risetime::tiktok
