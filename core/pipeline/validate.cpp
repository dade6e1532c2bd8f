// The checks, column by column where nothing is wrong.
#include "core/pipeline/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <risetime/json.hpp>
#include <risetime/presence.hpp>

#include "core/base/text.hpp"
#include "core/base/time.hpp"
#include "core/pipeline/rows.hpp"

namespace risetime::core {
namespace {

constexpr std::int64_t greatest_count = 1'000'000'000'000'000;
constexpr std::int64_t greatest_lead = day;  // of a reading's time before now: clocks and time zones differ
constexpr std::size_t most_rows_to_look_up = 5'000;
constexpr std::size_t most_videos_remembered = 1'000'000;
constexpr const char* totals[] = {"views", "likes", "comments", "shares"};

Json value_of(const Column& column, std::size_t row) {
  return json_of(column, row, [](std::string_view bytes) { return std::to_string(bytes.size()) + " bytes"; });
}

const Table* table_named(const std::string& name) {
  static const std::vector<Table> known = {tables::channel(), tables::video(), tables::observation(),
                                           tables::thumbnail(), tables::presence()};
  const auto found = std::find_if(known.begin(), known.end(), [&](const Table& table) { return table.name == name; });
  return found == known.end() ? nullptr : &*found;
}

// "observation youtube abc 2026-01-01T00:00:00Z": the table and the row's key.
std::string place_of(const Table& table, const Batch& rows, std::size_t row) {
  std::string place = table.name;
  for (const std::string& key : table.keys) {
    const Json value = value_of(*rows.find(key), row);
    place += " " + (value.if_string() != nullptr ? *value.if_string() : value.dump());
  }
  return place;
}

void set_problem(std::string& problem, std::string what) {
  if (problem.empty()) problem = std::move(what);
}

// Numbers and texts that no table may hold, whatever the settings.
std::string wrong_value(const Field& field, const Column& column, std::size_t row, bool may_not_be_empty) {
  switch (field.type.id) {
    case Type::timestamp:
      return column.int64(row) < 0 ? field.name + " is before 1970" : "";
    case Type::int64:
      if (column.int64(row) < 0) return field.name + " is negative";
      return column.int64(row) > greatest_count ? field.name + " is above 10^15" : "";
    case Type::float64:
      return std::isfinite(column.float64(row)) && column.float64(row) >= 0 ? ""
                                                                            : field.name + " is no number from 0 on";
    case Type::utf8:
      return may_not_be_empty && column.text(row).empty() ? field.name + " is empty" : "";
    default:
      return "";
  }
}

}  // namespace

Batch Validator::check(const std::string& name, Batch rows, std::int64_t now, std::vector<Reject>& rejects) {
  const Table* const table = table_named(name);
  if (table == nullptr) return rows;
  check_columns(*table, rows);
  Problems problems(rows.rows());
  check_values(*table, rows, problems);
  check_times(rows, now, problems);
  if (name == "video") remember_videos(rows, problems);
  if (name == "observation") check_readings(rows, problems);
  if (std::all_of(problems.begin(), problems.end(), [](const std::string& problem) { return problem.empty(); }))
    return rows;

  const std::vector<Field> fields = arrow::import_fields(rows.schema());
  BatchBuilder kept(fields);
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    if (problems[row].empty()) {
      for (std::size_t i = 0; i < fields.size(); ++i) copy_value(kept[i], *rows.find(fields[i].name), row);
      continue;
    }
    Json raw = Json::object();
    for (const Field& field : fields) raw[field.name] = value_of(*rows.find(field.name), row);
    rejects.push_back({source_, place_of(*table, rows, row), problems[row], raw.dump().substr(0, 4096), 0});
  }
  return kept.finish();
}

void Validator::check_columns(const Table& table, const Batch& rows) const {
  for (const Field& field : table.fields) {
    const Column* column = rows.find(field.name);
    const std::string where = table.name + "." + field.name;
    if (column == nullptr && field.nullable) continue;
    if (column == nullptr) throw Error(Code::input, where, "the plugin " + source_ + " left the column out");
    if (column->type().id != field.type.id)
      throw Error(Code::input, where, "the plugin " + source_ + " gave a column of another type");
  }
}

void Validator::check_values(const Table& table, const Batch& rows, Problems& problems) const {
  for (const Field& field : table.fields) {
    const Column* column = rows.find(field.name);
    const bool is_asked = std::find(settings_.required.begin(), settings_.required.end(),
                                    table.name + "." + field.name) != settings_.required.end();
    const bool is_required = is_asked || !field.nullable;
    const bool is_key = std::find(table.keys.begin(), table.keys.end(), field.name) != table.keys.end();
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      if (column == nullptr || column->is_null(row)) {
        if (is_required) set_problem(problems[row], field.name + " is missing");
        continue;
      }
      std::string what = wrong_value(field, *column, row, is_key || is_asked);
      if (!what.empty()) set_problem(problems[row], std::move(what));
    }
  }
}

// A reading from the future would be the last one for ever: nothing could be forecast or learnt beyond it.
void Validator::check_times(const Batch& rows, std::int64_t now, Problems& problems) const {
  const Column* times = rows.find("observed_at");
  if (times == nullptr) return;
  for (std::size_t row = 0; row < rows.rows(); ++row)
    if (!times->is_null(row) && times->int64(row) > now + greatest_lead)
      set_problem(problems[row], "observed_at is in the future: this machine's clock says " + format_time(now));
}

Validator::Seen& Validator::seen(const std::string& platform, const std::string& video_id, bool look_up) {
  if (seen_.size() > most_videos_remembered) seen_.clear();
  Seen& known = seen_[platform + "\n" + video_id];
  if (!look_up || known.is_looked_up) return known;
  known.is_looked_up = true;
  const std::vector<Filter> same = {Filter::equals("platform", platform), Filter::equals("video_id", video_id)};
  if (!known.published_at)
    for_each_batch(catalog_.store(), {"video", {"published_at"}, same}, [&](const Batch& batch) {
      if (batch.rows() > 0) known.published_at = batch.column("published_at", Type::timestamp).int64(0);
    });
  if (known.last) return known;
  for_each_batch(catalog_.store(), {"observation", {"observed_at", "views", "likes", "comments", "shares"}, same},
                 [&](const Batch& batch) {
                   if (batch.rows() == 0) return;
                   const std::size_t latest = batch.rows() - 1;  // rows come in the order of their keys
                   Reading reading{batch.column("observed_at", Type::timestamp).int64(latest)};
                   for (std::size_t i = 0; i < 4; ++i)
                     reading.totals[i] = batch.column(totals[i], Type::int64).maybe_int64(latest).value_or(-1);
                   known.last = reading;
                 });
  return known;
}

void Validator::remember_videos(const Batch& rows, const Problems& problems) {
  const Column& platforms = rows.column("platform", Type::utf8);
  const Column& ids = rows.column("video_id", Type::utf8);
  const Column& published = rows.column("published_at", Type::timestamp);
  for (std::size_t row = 0; row < rows.rows(); ++row)
    if (problems[row].empty())
      seen(std::string(platforms.text(row)), std::string(ids.text(row)), false).published_at = published.int64(row);
}

void Validator::check_readings(const Batch& rows, Problems& problems) {
  const bool is_small = rows.rows() <= most_rows_to_look_up;
  const Column* const views = rows.find("views");
  if (settings_.minimum_views > 0 && views != nullptr)
    for (std::size_t row = 0; row < rows.rows(); ++row)
      if (!views->is_null(row) && views->int64(row) < settings_.minimum_views)
        set_problem(problems[row], fmt::format("views are fewer than {}", group_digits(settings_.minimum_views)));
  if (!is_small && settings_.maximum_age == INT64_MAX && !settings_.reject_corrections) return;

  const Column& platforms = rows.column("platform", Type::utf8);
  const Column& ids = rows.column("video_id", Type::utf8);
  const Column& times = rows.column("observed_at", Type::timestamp);
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    if (!problems[row].empty()) continue;
    Seen& video = seen(std::string(platforms.text(row)), std::string(ids.text(row)), is_small);
    Reading now{times.int64(row)};
    for (std::size_t i = 0; i < 4; ++i)
      if (const Column* column = rows.find(totals[i])) now.totals[i] = column->maybe_int64(row).value_or(-1);
    if (video.published_at && now.observed_at < *video.published_at - day)
      set_problem(problems[row], "it was read before the video was published, at " + format_time(*video.published_at));
    if (video.published_at && settings_.maximum_age != INT64_MAX &&
        now.observed_at - *video.published_at > settings_.maximum_age)
      set_problem(problems[row], "the video is older than " + format_duration(settings_.maximum_age));
    if (video.last && video.last->observed_at < now.observed_at) {
      std::string lower;
      for (std::size_t i = 0; i < 4; ++i)
        if (now.totals[i] >= 0 && now.totals[i] < video.last->totals[i]) lower = totals[i];
      if (!lower.empty()) ++corrections_;
      if (!lower.empty() && settings_.reject_corrections)
        set_problem(problems[row], lower + " are fewer than at " + format_time(video.last->observed_at));
    }
    if (!problems[row].empty() || (video.last && video.last->observed_at >= now.observed_at)) continue;
    for (std::size_t i = 0; video.last && i < 4; ++i)
      if (now.totals[i] < 0) now.totals[i] = video.last->totals[i];
    video.last = now;
  }
}

}  // namespace risetime::core
