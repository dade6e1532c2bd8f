// Writing and reading forecasts.csv and scores.csv.
#include "core/pipeline/forecasts_csv.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <risetime/error.hpp>
#include <string>

#include "core/base/text.hpp"
#include "core/base/time.hpp"

namespace risetime::core {
namespace {

constexpr std::array<std::string_view, 16> column_names = {
    "platform", "video_id", "model", "stat", "issued_at", "target_at", "last", "mean",
    "q025",     "q100",     "q250",  "q500", "q750",      "q900",      "q975", "actual"};
constexpr std::array<std::string_view, 5> later_names = {"origin", "channel_id", "category", "size_tenth", "scale"};
enum Column : size_t { platform, video_id, model, stat, issued_at, target_at, last, mean, first_quantile, actual = 15 };

void add_text(std::string& line, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    line += text;
    return;
  }
  line += '"';
  for (const char letter : text) {
    if (letter == '"') line += '"';
    line += letter;
  }
  line += '"';
}

// The shortest digits that give the same double again; nothing for NaN.
void add_number(std::string& line, double value) {
  if (std::isnan(value)) return;
  std::array<char, 32> digits{};
  const auto [end, problem] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  line.append(digits.data(), end);
}

// Records of a CSV file (RFC 4180): fields may be quoted, quoted fields may hold line ends.
class Records {
 public:
  Records(std::istream& in, std::string_view name) : in_(in), name_(name) {}

  // False at the end of the file. Empty lines are passed over.
  bool next(std::vector<std::string>& fields) {
    do {
      ++line_;
      if (!std::getline(in_, text_)) return false;
      if (!text_.empty() && text_.back() == '\r') text_.pop_back();
    } while (text_.empty());
    first_line_ = line_;
    size_t count = 0, at = 0;
    for (bool more = true; more; ++count) {
      if (fields.size() <= count) fields.emplace_back();
      fields[count].clear();
      more = at < text_.size() && text_[at] == '"' ? quoted(fields[count], at) : plain(fields[count], at);
    }
    fields.resize(count);
    return true;
  }

  [[noreturn]] void fail(std::string_view column, const std::string& message) const {
    std::string where = name_ + ":" + std::to_string(first_line_);
    if (!column.empty()) where += ": column " + std::string(column);
    throw Error(Code::input, where, message);
  }

 private:
  // Both return whether another field follows on this record.
  bool plain(std::string& field, size_t& at) {
    const size_t end = std::min(text_.find(',', at), text_.size());
    field.assign(text_, at, end - at);
    at = end + 1;
    return end < text_.size();
  }
  bool quoted(std::string& field, size_t& at) {
    for (++at;; ++at) {
      while (at >= text_.size()) {
        ++line_;
        if (!std::getline(in_, text_)) fail("", "a quoted field has no end; look for a missing \" from this line on");
        field += '\n';
        at = 0;
      }
      if (text_[at] != '"') {
        field += text_[at];
      } else if (at + 1 < text_.size() && text_[at + 1] == '"') {
        field += text_[at++];
      } else {
        break;
      }
    }
    ++at;
    if (at < text_.size() && text_[at] == '\r' && at + 1 == text_.size()) ++at;
    if (at < text_.size() && text_[at] != ',') fail("", "text follows the closing quote of a field");
    return at++ < text_.size();
  }

  std::istream& in_;
  std::string name_, text_;
  size_t line_ = 0, first_line_ = 0;
};

std::array<size_t, column_names.size()> find_columns(const Records& records, const std::vector<std::string>& header) {
  std::array<size_t, column_names.size()> places{};
  for (size_t c = 0; c < column_names.size(); ++c) {
    const auto found = std::find(header.begin(), header.end(), column_names[c]);
    if (found == header.end()) {
      const auto near = did_you_mean(column_names[c], header);
      records.fail(column_names[c], "is missing" + (near ? "; the file has \"" + *near + "\"" : std::string()));
    }
    places[c] = static_cast<size_t>(found - header.begin());
  }
  return places;
}

double number_of(const Records& records, std::string_view column, const std::string& text) {
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size())
    records.fail(column, "\"" + terminal_safe(shorten(text, 40)) + "\" is not a number");
  return value;
}

int tenth_of(const Records& records, const std::string& text) {
  if (text.empty()) return 0;
  const double tenth = number_of(records, "size_tenth", text);
  if (!(tenth >= 1 && tenth <= 10)) records.fail("size_tenth", "is not from 1 to 10");
  return static_cast<int>(tenth);
}

int64_t time_of(const Records& records, size_t column, const std::string& text) {
  const std::optional<int64_t> time = parse_time(text);
  if (!time)
    records.fail(column_names[column],
                 "\"" + terminal_safe(shorten(text, 40)) + "\" is not a time; write it as 2026-05-01T00:00:00Z");
  return *time;
}

}  // namespace

void write_forecasts_header(std::ostream& out) {
  for (size_t c = 0; c < column_names.size(); ++c) out << (c == 0 ? "" : ",") << column_names[c];
  for (const std::string_view name : later_names) out << "," << name;
  out << '\n';
}

void write_forecasts(std::ostream& out, std::string_view origin, std::span<const ScoredForecast> forecasts) {
  std::string line;
  for (const ScoredForecast& forecast : forecasts) {
    line.clear();
    for (const std::string* text : {&forecast.platform, &forecast.video_id, &forecast.model, &forecast.stat}) {
      add_text(line, *text);
      line += ',';
    }
    line += format_time(forecast.issued_at) + "," + format_time(forecast.target_at) + ",";
    add_number(line, forecast.last);
    line += ',';
    add_number(line, forecast.mean);
    for (const double quantile : forecast.q) {
      line += ',';
      add_number(line, quantile);
    }
    line += ',';
    add_number(line, forecast.actual);
    for (const std::string_view text :
         {origin, std::string_view(forecast.channel_id), std::string_view(forecast.category)}) {
      line += ',';
      add_text(line, text);
    }
    line += ',';
    if (forecast.size_tenth != 0) line += std::to_string(forecast.size_tenth);
    line += ',';
    add_number(line, forecast.scale);
    line += '\n';
    out << line;
  }
}

void read_forecasts(std::istream& in, std::string_view name, const std::function<void(ScoredForecast&&)>& take) {
  Records records(in, name);
  std::vector<std::string> fields;
  if (!records.next(fields))
    throw Error(Code::input, std::string(name), "is empty; its first line must name the columns");
  if (fields[0].starts_with("\xEF\xBB\xBF")) fields[0].erase(0, 3);
  const size_t width = fields.size();
  const auto places = find_columns(records, fields);
  const auto place_of = [&](std::string_view column) -> std::optional<size_t> {
    const auto found = std::find(fields.begin(), fields.end(), column);
    return found == fields.end() ? std::nullopt : std::optional(static_cast<size_t>(found - fields.begin()));
  };
  const auto channel = place_of("channel_id"), category = place_of("category"), scale = place_of("scale"),
             size_tenth = place_of("size_tenth");
  while (records.next(fields)) {
    if (fields.size() != width)
      records.fail("", "has " + std::to_string(fields.size()) + " fields, the first line has " + std::to_string(width));
    const auto number = [&](size_t column) { return number_of(records, column_names[column], fields[places[column]]); };
    ScoredForecast forecast;
    forecast.platform = fields[places[platform]];
    forecast.video_id = fields[places[video_id]];
    forecast.model = fields[places[model]];
    forecast.stat = fields[places[stat]];
    forecast.issued_at = time_of(records, issued_at, fields[places[issued_at]]);
    forecast.target_at = time_of(records, target_at, fields[places[target_at]]);
    forecast.last = number(last);
    forecast.mean = number(mean);
    for (size_t k = 0; k < forecast.q.size(); ++k) forecast.q[k] = number(first_quantile + k);
    forecast.actual = fields[places[actual]].empty() ? std::numeric_limits<double>::quiet_NaN() : number(actual);
    if (channel) forecast.channel_id = fields[*channel];
    if (category) forecast.category = fields[*category];
    if (size_tenth) forecast.size_tenth = tenth_of(records, fields[*size_tenth]);
    if (scale && !fields[*scale].empty()) forecast.scale = number_of(records, "scale", fields[*scale]);
    take(std::move(forecast));
  }
}

namespace {

constexpr const char* score_columns =
    "model,stat,hours,videos,APE,APE_median,MAE_log2,SRC,mRSE,sMAPE,WQL,cover80,factor80,cover95,factor95,crossed,"
    "below_last\n";

void add_score(std::string& line, const Score& score) {
  add_text(line, score.model);
  line += ',';
  add_text(line, score.stat);
  line += "," + std::to_string(score.hours) + "," + std::to_string(score.videos);
  for (const double value : {score.ape, score.ape_median, score.mae_log2, score.src, score.mrse, score.smape, score.wql,
                             score.cover80, score.factor80, score.cover95, score.factor95}) {
    line += ',';
    add_number(line, value);
  }
  line += "," + std::to_string(score.crossed) + "," + std::to_string(score.below_last) + "\n";
}

const char* name_of(Part part) {
  return part == Part::channel ? "channel" : part == Part::category ? "category" : "size_tenth";
}

}  // namespace

void write_scores(std::ostream& out, std::span<const Score> scores) {
  std::string text = score_columns;
  for (const Score& score : scores) add_score(text, score);
  out << text;
}

void write_part_scores_header(std::ostream& out) { out << "by,value," << score_columns; }

void write_part_scores(std::ostream& out, Part part, std::span<const PartScore> scores) {
  std::string line;
  for (const PartScore& each : scores) {
    line = std::string(name_of(part)) + ",";
    add_text(line, each.value);
    line += ',';
    add_score(line, each.score);
    out << line;
  }
}

void write_path_scores(std::ostream& out, std::span<const PathScore> scores) {
  std::string text = "model,stat,paths,sMAPE,MASE\n";
  for (const PathScore& score : scores) {
    add_text(text, score.model);
    text += ',';
    add_text(text, score.stat);
    text += "," + std::to_string(score.paths) + ",";
    add_number(text, score.smape);
    text += ',';
    add_number(text, score.mase);
    text += '\n';
  }
  out << text;
}

}  // namespace risetime::core
