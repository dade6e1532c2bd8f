// From a record of a file to a row of a table.
#include "mapping.hpp"

#include <algorithm>
#include <array>

#include "names.hpp"

namespace risetime::file {
namespace {

constexpr std::array<const char*, 5> stats = {"views", "likes", "comments", "shares", "viewers"};
// Where a file of videos has no channel_id: the channel's title tells channels apart, too.
constexpr std::array<const char*, 3> channel_titles = {"channel_title", "channel_name", "channel"};

std::vector<std::string> table_columns(TableKind kind) {
  switch (kind) {
    case TableKind::channels:
      return {"platform", "channel_id", "observed_at", "name", "followers", "account"};
    case TableKind::videos:
      return {"platform", "video_id", "channel_id", "published_at", "title",         "description",
              "tags",     "category", "language",   "duration_s",   "thumbnail_url", "extra"};
    case TableKind::observations:
      return {"platform", "video_id", "observed_at", "views", "likes", "comments", "shares", "viewers"};
  }
  return {};
}

// What a file calls a column of ours; empty if it is left out.
std::string their_name(const Part& part, const std::string& ours) {
  const auto mapped = part.columns.find(ours);
  return mapped == part.columns.end() ? ours : mapped->second;
}

// A column of ours in one file.
struct Slot {
  std::string label;     // what the file calls it
  int index = -1;        // in a record; -1: not there
  std::string fallback;  // what an empty or absent cell means
};

constexpr std::size_t longest_shown = 80;
std::string shown(std::string_view value) {
  return "\"" + std::string(value.substr(0, longest_shown)) + (value.size() > longest_shown ? "..." : "") + "\"";
}

constexpr std::size_t longest_raw = std::size_t{64} << 10;

// Finds the columns of one file and reads cells.
class TableMapper : public Mapper {
 protected:
  TableMapper(TableKind kind, const Part& part, const MappingRules& rules, const Layout& layout)
      : part_(part), rules_(rules), layout_(layout), kind_(kind) {
    for (const auto& [ours, theirs] : part.columns)
      if (!theirs.empty() && !layout.has(theirs)) missing(theirs, "which " + setting("columns." + ours) + " names");
    platform_ = slot("platform");
    if (platform_.fallback.empty()) platform_.fallback = rules.platform;
    if (platform_.index < 0 && platform_.fallback.empty())
      throw Error(
          Code::config, "platform",
          "say which platform the videos are of, as in platform = \"youtube\": " + layout.name + " has no such column");
  }

  Slot slot(const std::string& ours) const {
    Slot found;
    found.label = their_name(part_, ours);
    const auto at = std::find(layout_.columns.begin(), layout_.columns.end(), found.label);
    if (!found.label.empty() && at != layout_.columns.end())
      found.index = static_cast<int>(at - layout_.columns.begin());
    const auto fallback = part_.defaults.find(ours);
    if (fallback != part_.defaults.end()) found.fallback = fallback->second;
    return found;
  }
  Slot needed(const std::string& ours) const {
    Slot found = slot(ours);
    if (found.fallback.empty() && (found.index < 0 || !layout_.has(found.label)))
      missing(ours, "which " + std::string(name_of(kind_)) + " need; if the file calls it otherwise, say " +
                        setting("columns") + " = { " + ours + " = \"its name\" }");
    return found;
  }
  std::string setting(const std::string& name) const { return std::string(name_of(kind_)) + "." + name; }
  [[noreturn]] void missing(const std::string& column, const std::string& why) const {
    throw Error(
        Code::input, layout_.name,
        "there is no column \"" + column + "\", " + why + did_you_mean(column, layout_.columns) +
            (layout_.columns.empty() ? " It has no columns at all" : " Its columns: " + list_names(layout_.columns)));
  }

  void begin(const Record& record, Rows& out) {
    record_ = &record;
    out_ = &out;
  }
  std::string_view cell(const Slot& slot) const {
    return slot.index < 0 ? std::string_view() : record_->fields[static_cast<std::size_t>(slot.index)];
  }
  bool reject(const std::string& label, const std::string& reason) {
    std::string where = layout_.name + ":" + std::to_string(record_->line);
    if (!label.empty()) where += ":" + label;
    out_->reject(where, reason, record_->raw.substr(0, longest_raw));
    return false;
  }

  // Text as it is, the fallback for none. False, and rejected, if it is not UTF-8.
  bool read_text(const Slot& slot, std::string_view& to) {
    to = cell(slot);
    if (to.empty()) to = slot.fallback;
    return arrow::is_utf8(to) || reject(slot.label, "this is not UTF-8; convert the file (iconv -t UTF-8)");
  }
  bool read_key(const Slot& slot, std::string_view& to) {
    if (!read_text(slot, to)) return false;
    to = trim(to);
    return !to.empty() || reject(slot.label, "this is empty");
  }
  bool read_optional_text(const Slot& slot, std::optional<std::string>& to) {
    std::string_view text;
    if (!read_text(slot, text)) return false;
    text.empty() ? to.reset() : static_cast<void>(to.emplace(text));
    return true;
  }
  // The trimmed cell, the fallback for a missing value.
  std::string_view value(const Slot& slot) const {
    const std::string_view text = trim(cell(slot));
    return is_missing(text) ? std::string_view(slot.fallback) : text;
  }
  bool read_time(const Slot& slot, std::int64_t& to) {
    const std::string_view text = value(slot);
    if (text.empty()) return reject(slot.label, "the time is missing");
    const auto time = parse_time(text, rules_.time);
    if (!time)
      return reject(slot.label, shown(text) + " is no time (as in 2026-05-01T06:30:00Z, or seconds since 1970)");
    to = *time;
    return true;
  }
  bool read_count(const Slot& slot, std::optional<std::int64_t>& to) {
    to.reset();
    if (slot.index < 0 && slot.fallback.empty()) return true;
    const std::string_view text = value(slot);
    if (text.empty()) return true;
    to = parse_count(text);
    return to || reject(slot.label, shown(text) + " is no count (as in 1234567, 1,234,567 or 1.2M; never negative)");
  }

  Part part_;
  MappingRules rules_;
  Layout layout_;
  TableKind kind_;
  Slot platform_;
  const Record* record_ = nullptr;
  Rows* out_ = nullptr;
};

class ChannelMapper final : public TableMapper {
 public:
  ChannelMapper(const Part& part, const MappingRules& rules, const Layout& layout)
      : TableMapper(TableKind::channels, part, rules, layout),
        channel_id_(needed("channel_id")),
        observed_at_(needed("observed_at")),
        name_(slot("name")),
        followers_(slot("followers")),
        account_(slot("account")) {}

  void add(const Record& record, Rows& out) override {
    begin(record, out);
    std::string_view platform, channel_id, name;
    if (!read_key(platform_, platform) || !read_key(channel_id_, channel_id) || !read_text(name_, name) ||
        !read_time(observed_at_, row_.observed_at) || !read_count(followers_, row_.followers) ||
        !read_optional_text(account_, row_.account))
      return;
    row_.platform = platform;
    row_.channel_id = channel_id;
    row_.name = name.empty() ? channel_id : name;
    out.add(row_);
  }

 private:
  Slot channel_id_, observed_at_, name_, followers_, account_;
  Channel row_;
};

class VideoMapper final : public TableMapper {
 public:
  VideoMapper(const Part& part, const MappingRules& rules, const Layout& layout)
      : TableMapper(TableKind::videos, part, rules, layout),
        video_id_(needed("video_id")),
        published_at_(needed("published_at")),
        channel_id_(slot("channel_id")),
        title_(slot("title")),
        description_(slot("description")),
        tags_(slot("tags")),
        category_(slot("category")),
        language_(slot("language")),
        duration_(slot("duration_s")),
        thumbnail_url_(slot("thumbnail_url")),
        extra_(slot("extra")) {
    for (const char* title : channel_titles)
      if (channel_id_.index < 0 || !layout_.has(channel_id_.label)) use_channel_title(title);
  }

  void add(const Record& record, Rows& out) override {
    begin(record, out);
    std::string_view platform, video_id, channel_id, title, tags;
    if (!read_key(platform_, platform) || !read_key(video_id_, video_id) || !read_text(channel_id_, channel_id) ||
        !read_time(published_at_, row_.published_at) || !read_text(title_, title) ||
        !read_optional_text(description_, row_.description) || !read_text(tags_, tags) ||
        !read_optional_text(category_, row_.category) || !read_optional_text(language_, row_.language) ||
        !read_duration() || !read_optional_text(thumbnail_url_, row_.thumbnail_url) || !read_extra())
      return;
    row_.platform = platform;
    row_.video_id = video_id;
    row_.channel_id = trim(channel_id);
    row_.title = title;
    row_.tags = split_tags(tags, rules_.tag_separator);
    out.add(row_);
  }

 private:
  void use_channel_title(const char* title) {
    if (part_.columns.count("channel_id") > 0 || !layout_.has(title)) return;
    const std::string fallback = channel_id_.fallback;
    channel_id_ = slot(title);
    channel_id_.fallback = fallback;
  }
  bool read_duration() {
    row_.duration_s.reset();
    const std::string_view text = value(duration_);
    if (text.empty()) return true;
    row_.duration_s = parse_duration(text);
    return row_.duration_s || reject(duration_.label, shown(text) + " is no duration (as in 62, 01:02 or PT1M2S)");
  }
  bool read_extra() {
    if (!read_optional_text(extra_, row_.extra)) return false;
    if (!row_.extra) return true;
    try {
      if (Json::parse(*row_.extra).if_object() != nullptr) return true;
    } catch (const Error&) {
      // said below
    }
    return reject(extra_.label, "this must be a JSON object");
  }

  Slot video_id_, published_at_, channel_id_, title_, description_, tags_, category_, language_, duration_,
      thumbnail_url_, extra_;
  Video row_;
};

std::optional<std::int64_t>& stat_of(ObservationView& row, std::size_t stat) {
  switch (stat) {
    case 0:
      return row.views;
    case 1:
      return row.likes;
    case 2:
      return row.comments;
    case 3:
      return row.shares;
    default:
      return row.viewers;
  }
}

// A reading a row.
class ObservationMapper final : public TableMapper {
 public:
  ObservationMapper(const Part& part, const MappingRules& rules, const Layout& layout)
      : TableMapper(TableKind::observations, part, rules, layout),
        video_id_(needed("video_id")),
        observed_at_(needed("observed_at")) {
    bool any = false;
    for (std::size_t i = 0; i < stats.size(); ++i) {
      stats_[i] = slot(stats[i]);
      any = any || (stats_[i].index >= 0 && layout_.has(stats_[i].label)) || !stats_[i].fallback.empty();
    }
    if (!any)
      missing("views",
              "and none of likes, comments, shares, viewers either: map one, as in observations.columns = "
              "{ views = \"its name\" }");
  }

  void add(const Record& record, Rows& out) override {
    begin(record, out);
    ObservationView row;
    if (!read_key(platform_, row.platform) || !read_key(video_id_, row.video_id) ||
        !read_time(observed_at_, row.observed_at))
      return;
    bool any = false;
    for (std::size_t i = 0; i < stats_.size(); ++i) {
      std::optional<std::int64_t>& count = stat_of(row, i);
      if (!read_count(stats_[i], count)) return;
      any = any || count.has_value();
    }
    if (!any) {
      reject("", "there is no count in this row");
      return;
    }
    out.add(row);
  }

 private:
  Slot video_id_, observed_at_;
  std::array<Slot, stats.size()> stats_;
};

// A series a row: a column a reading, or a list of readings in one cell.
class WideMapper final : public TableMapper {
 public:
  WideMapper(const Part& part, const Wide& wide, const MappingRules& rules, const Layout& layout)
      : TableMapper(TableKind::observations, part, rules, layout), wide_(wide), video_id_(needed("video_id")) {
    if (wide.step) observed_at_ = needed("observed_at");
    find_columns();
    if (!wide.step) read_column_times();
    for (std::size_t i = 0; i < stats.size(); ++i)
      if (wide.stat == stats[i]) stat_ = i;
  }

  void add(const Record& record, Rows& out) override {
    begin(record, out);
    ObservationView row;
    if (!read_key(platform_, row.platform) || !read_key(video_id_, row.video_id)) return;
    std::int64_t start = 0;
    if (wide_.step && !read_time(observed_at_, start)) return;
    total_ = 0;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string_view text = record.fields[columns_[i]];
      if (columns_.size() == 1 && (!wide_.separator.empty() || text.find(list_mark) != std::string_view::npos)) {
        add_list(row, text, start);
      } else if (!add_reading(row, text, i, start)) {
        return;
      }
    }
  }

 private:
  void find_columns() {
    const std::string video_id = video_id_.label, platform = platform_.label, observed_at = observed_at_.label;
    for (std::size_t i = 0; i < layout_.columns.size(); ++i) {
      const std::string& name = layout_.columns[i];
      if (name == video_id || name == platform || (name == observed_at && wide_.step)) continue;
      if (!matches(wide_.columns, name) || !layout_.has(name)) continue;
      if (i >= layout_.carried)
        throw Error(Code::config, setting("wide.columns"),
                    "a pattern does not go with JSON (" + layout_.name + "): name the member that holds the list");
      columns_.push_back(i);
    }
    if (columns_.empty()) missing(wide_.columns, "which " + setting("wide.columns") + " names");
    if (columns_.size() > 1 && !wide_.separator.empty())
      throw Error(Code::config, setting("wide.separator"),
                  "a separator goes with one column, and " + setting("wide.columns") + " fits " +
                      std::to_string(columns_.size()) + " of " + layout_.name);
  }
  // Without a step, the letters behind the fixed beginning of the pattern are the time of a column.
  void read_column_times() {
    const std::size_t fixed = wide_.columns.find_first_of("*?");
    const bool strip = fixed != std::string::npos && fixed > 0 && wide_.columns[fixed - 1] != '1' &&
                       wide_.columns[fixed - 1] != '2' && wide_.columns[fixed - 1] != '0';
    for (const std::size_t index : columns_) {
      const std::string& name = layout_.columns[index];
      std::optional<std::int64_t> time = parse_time(name, rules_.time);
      if (!time && strip) time = parse_time(std::string_view(name).substr(fixed), rules_.time);
      if (!time)
        throw Error(Code::config, setting("wide.step"),
                    "the column \"" + name + "\" of " + layout_.name +
                        " is no time; say how far its readings are apart, as in step = \"1d\"");
      times_.push_back(*time);
    }
  }

  void add_list(ObservationView& row, std::string_view text, std::int64_t start) {
    constexpr std::string_view mark(&list_mark, 1);
    const bool is_list = text.find(list_mark) != std::string_view::npos;
    const std::string_view separator = is_list ? mark : std::string_view(wide_.separator);
    if (is_list) text.remove_suffix(1);  // the mark behind the last item
    if (separator == " ") text = trim(text);
    if (text.empty()) return;
    for (std::size_t i = 0;; ++i) {
      const std::size_t end = text.find(separator);
      if (!add_reading(row, text.substr(0, end), i, start)) return;
      if (end == std::string_view::npos) return;
      text.remove_prefix(end + separator.size());
      while (separator == " " && !text.empty() && text.front() == ' ') text.remove_prefix(1);
    }
  }
  // False where the rest of the row cannot be used.
  bool add_reading(ObservationView& row, std::string_view text, std::size_t i, std::int64_t start) {
    if (is_missing(text)) return true;
    const auto count = parse_count(text);
    const std::string& label = layout_.columns[columns_[columns_.size() == 1 ? 0 : i]];
    if (!count) {
      const std::string which = columns_.size() == 1 ? "reading " + std::to_string(i + 1) + ", " : "";
      reject(label, which + shown(text) + " is no count" +
                        (wide_.increments ? "; the readings behind it are left out, as their totals need it" : ""));
      return !wide_.increments;
    }
    std::int64_t total = *count;
    if (wide_.increments && __builtin_add_overflow(total_, *count, &total))
      return reject(label, "the total is too large");
    total_ = total;
    if (!time_of(i, start, row.observed_at)) return reject(label, "the time of this reading is too large");
    stat_of(row, stat_) = total;
    out_->add(row);
    return true;
  }
  bool time_of(std::size_t i, std::int64_t start, std::int64_t& to) const {
    if (!wide_.step) {
      if (i >= times_.size()) return false;
      to = times_[i];
      return true;
    }
    const std::int64_t first = wide_.first ? wide_.first->us : wide_.step->us;
    std::int64_t since = 0;
    return !__builtin_mul_overflow(static_cast<std::int64_t>(i), wide_.step->us, &since) &&
           !__builtin_add_overflow(since, first, &since) && !__builtin_add_overflow(start, since, &to);
  }

  Wide wide_;
  Slot video_id_, observed_at_;
  std::vector<std::size_t> columns_;
  std::vector<std::int64_t> times_;
  std::size_t stat_ = 0;
  std::int64_t total_ = 0;
};

}  // namespace

const char* name_of(TableKind kind) {
  return kind == TableKind::channels ? "channels" : kind == TableKind::videos ? "videos" : "observations";
}

void check_part(TableKind kind, const Part& part, const Wide* wide) {
  const std::vector<std::string> known = table_columns(kind);
  const std::string setting = name_of(kind);
  const auto check = [&](const std::string& option, const std::string& ours) {
    if (std::find(known.begin(), known.end(), ours) == known.end())
      throw Error(Code::config, setting + "." + option + "." + ours,
                  "our table has no such column (write ours = \"theirs\")" + did_you_mean(ours, known) +
                      " It has: " + list_names(known));
  };
  for (const auto& [ours, theirs] : part.columns) check("columns", ours);
  for (const auto& [ours, text] : part.defaults) {
    check("defaults", ours);
    if (!arrow::is_utf8(text)) throw Error(Code::config, setting + ".defaults." + ours, "this is not UTF-8");
  }
  if (part.path.empty()) throw Error(Code::config, setting + ".path", "say which file");
  if (part.delimiter.size() > 1 || part.delimiter == "\"" || part.delimiter == "\n" || part.delimiter == "\r")
    throw Error(Code::config, setting + ".delimiter", "a delimiter is one letter, and no quote or end of line");
  if (wide != nullptr && wide->step && wide->step->us <= 0)
    throw Error(Code::config, setting + ".wide.step", "a step must be longer than nothing");
  if (wide != nullptr && wide->columns.empty()) throw Error(Code::config, setting + ".wide.columns", "say which");
}

std::vector<std::string> wanted_columns(TableKind kind, const Part& part, const Wide* wide) {
  std::vector<std::string> names;
  const auto want = [&](const std::string& name) {
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const std::string& ours : table_columns(kind)) want(their_name(part, ours));
  if (kind == TableKind::videos)
    for (const char* title : channel_titles) want(title);
  if (wide != nullptr && !has_wildcard(wide->columns)) want(wide->columns);
  return names;
}

std::unique_ptr<Mapper> make_mapper(TableKind kind, const Part& part, const Wide* wide, const MappingRules& rules,
                                    const Layout& layout) {
  if (kind == TableKind::channels) return std::make_unique<ChannelMapper>(part, rules, layout);
  if (kind == TableKind::videos) return std::make_unique<VideoMapper>(part, rules, layout);
  if (wide != nullptr) return std::make_unique<WideMapper>(part, *wide, rules, layout);
  return std::make_unique<ObservationMapper>(part, rules, layout);
}

void reject_record(const Record& record, const std::string& file, const std::vector<std::string>& columns, Rows& out) {
  std::string where = file + ":" + std::to_string(record.problem_line);
  if (record.problem_field < columns.size()) where += ":" + columns[record.problem_field];
  out.reject(where, record.problem, record.raw.substr(0, longest_raw));
}

}  // namespace risetime::file
