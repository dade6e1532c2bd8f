// risetime calibration | champion
#include "core/pipeline/live.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "core/base/text.hpp"
#include "core/cli/command.hpp"
#include "core/cli/json_lines.hpp"
#include "core/pipeline/forecast.hpp"
#include "core/report/html.hpp"
#include "core/report/table.hpp"

namespace risetime::core {

namespace {

std::string name_of(const ChannelKey& channel) { return channel.first + ":" + channel.second; }

Tone tone_of(CoverageVerdict verdict) {
  return verdict == CoverageVerdict::too_few       ? Tone::dim
         : verdict == CoverageVerdict::as_promised ? Tone::good
                                                   : Tone::warn;
}

// ---- calibration

struct CalibrationArguments {
  bool is_detailed = false;
  std::string channel;  // empty: all
};

int show_calibration(Session& session, const CalibrationArguments& arguments) {
  Project& project = session.project();
  CoverageCount count;
  for_each_due(project, *open_library(project), [&](const LiveForecast& live) {
    if (arguments.channel.empty() || arguments.channel == name_of({live.forecast.platform, live.forecast.channel_id}))
      count.add(live);
  });
  const auto coverages = arguments.is_detailed ? count.of_horizons() : count.of_channels();
  std::vector<TableColumn> columns = {{"Channel", Align::left, 40, true}, {"Model", Align::left, 24}};
  if (arguments.is_detailed) columns.insert(columns.end(), {{"Stat"}, {"Horizon", Align::right}});
  columns.insert(columns.end(), {{"Videos", Align::right},
                                 {"Forecasts", Align::right},
                                 {"in 80 %", Align::right},
                                 {"give or take", Align::right},
                                 {"in 95 %", Align::right},
                                 {"MAE-log2", Align::right},
                                 {"80 % interval is"}});
  TextTable table(columns);
  Json document = Json::array();
  for (const auto& [key, coverage] : coverages) {
    const CoverageVerdict verdict = verdict_of(coverage);
    std::vector<Cell> row = {Cell(name_of(key.channel)), Cell(key.model)};
    if (arguments.is_detailed) {
      row.emplace_back(key.stat);
      row.emplace_back(fmt::format("+{} h", key.hours));
    }
    for (const std::string& text : {group_digits(static_cast<std::int64_t>(coverage.videos)),
                                    group_digits(static_cast<std::int64_t>(coverage.forecasts)),
                                    format_percent(coverage.inside80, 1), format_percent(coverage.give80, 1),
                                    format_percent(coverage.inside95, 1), fmt::format("{:.3f}", coverage.mae_log2)})
      row.emplace_back(text);
    row.emplace_back(words_of(verdict), tone_of(verdict));
    table.add(std::move(row));
    document.push_back(coverage_json(key, coverage));
  }
  if (coverages.empty())
    session.print(
        "No forecast has come due yet: none of the target times of `risetime forecast` has been read since.\n");
  else
    session.print(table.print(style_of(STDOUT_FILENO)));
  session.json(document);
  return exit_done;
}

// ---- champion

struct ChampionArguments {
  bool promotes = false;
  std::string forgets;  // a channel
  std::string channel;  // empty: all
};

// What the configuration says for a channel, by its id or a name that its source told.
std::string configured_model(const Settings& settings, const Followers& names, const ChannelKey& channel) {
  const ChannelSettings* section =
      section_of(settings, channel.first, channel.second, names.accounts(channel.first, channel.second));
  return section != nullptr ? section->model : settings.forecast.model;
}

std::string promote(Project& project, const Followers& names, const Contender& contender) {
  const std::string channel = name_of(contender.channel);
  if (configured_model(project.settings(), names, contender.channel) == auto_model) {
    promote_model(project.catalog(), contender.channel, contender.challenger);
    return fmt::format("{}: {} forecasts from now on, until `risetime champion --forget {}`\n", channel,
                       contender.challenger, channel);
  }
  return fmt::format(
      "{}: the configuration names its model, and only you change that. In {}:\n\n    [[channel]]\n    id = \"{}\"\n"
      "    model = \"{}\"\n\n",
      channel, project.settings().file.string(), channel, contender.challenger);
}

ChannelKey split(const std::string& channel) {
  const std::size_t colon = channel.find(':');
  if (colon == std::string::npos)
    throw Error(Code::config, channel,
                "this is no channel: write \"platform:channel id\" as `risetime champion` shows");
  return {channel.substr(0, colon), channel.substr(colon + 1)};
}

int show_champions(Session& session, const ChampionArguments& arguments) {
  Project& project = session.project();
  if (!arguments.forgets.empty()) {
    promote_model(project.catalog(), split(arguments.forgets), "");
    session.print(fmt::format("{}: the backtest chooses again\n", arguments.forgets));
    return exit_done;
  }
  std::vector<LiveForecast> forecasts;
  for_each_due(project, *open_library(project), [&](LiveForecast&& live) {
    if (arguments.channel.empty() || arguments.channel == name_of({live.forecast.platform, live.forecast.channel_id}))
      forecasts.push_back(std::move(live));
  });
  const Followers names(project.catalog().store(), {});
  TextTable table({{"Channel", Align::left, 40, true},
                   {"Champion", Align::left, 24},
                   {"Challenger", Align::left, 24},
                   {"Videos", Align::right},
                   {"Champion's MAE-log2", Align::right},
                   {"Challenger's", Align::right},
                   {"Difference (95 %)"},
                   {"Challenger is"}});
  Json document = Json::array();
  std::string promotions;
  for (const Contender& each : compare_shadows(forecasts)) {
    const Difference& found = each.difference;
    const char* verdict = found.videos < fewest_videos_to_judge ? "not known yet"
                          : each.is_better()                    ? "better"
                          : found.low > 0                       ? "worse"
                                                                : "no different";
    table.add({Cell(name_of(each.channel)), Cell(each.champion), Cell(each.challenger),
               Cell(group_digits(static_cast<std::int64_t>(found.videos))), Cell(fmt::format("{:.3f}", found.second)),
               Cell(fmt::format("{:.3f}", found.first)),
               Cell(fmt::format("{:+.3f} ({:+.3f} to {:+.3f})", found.difference, found.low, found.high)),
               Cell(verdict, each.is_better() ? Tone::good : Tone::plain)});
    document.push_back(contender_json(each));
    if (arguments.promotes && each.is_better()) promotions += promote(project, names, each);
  }
  if (table.size() == 0)
    session.print(
        "No shadow can be judged yet: give a [[channel]] shadow = [\"model\"], and wait until what it forecast has "
        "come "
        "due.\n");
  else
    session.print(table.print(style_of(STDOUT_FILENO)));
  if (arguments.promotes) session.print(promotions.empty() ? "\nNo challenger is better.\n" : "\n" + promotions);
  session.json(document);
  return exit_done;
}

}  // namespace

void add_live_commands(CLI::App& app, Run& chosen) {
  auto calibration = std::make_shared<CalibrationArguments>();
  CLI::App* intervals = app.add_subcommand(
      "calibration", "Whether the intervals that were promised have held, on readings that came in since");
  intervals->add_flag("--detail", calibration->is_detailed, "Each stat and horizon by itself");
  intervals->add_option("--channel", calibration->channel, "Only this channel, as platform:id");
  intervals->callback([&chosen, calibration] {
    chosen = [calibration](Session& session) { return show_calibration(session, *calibration); };
  });
  auto champion = std::make_shared<ChampionArguments>();
  CLI::App* shadows =
      app.add_subcommand("champion", "How shadow models do against those that are published, on readings since");
  shadows->add_flag(
      "--promote", champion->promotes,
      "Let challengers that are better forecast for channels whose model is \"auto\"; for others show what "
      "to write");
  shadows->add_option("--forget", champion->forgets, "Take a promotion back, of a channel given as platform:id");
  shadows->add_option("--channel", champion->channel, "Only this channel, as platform:id");
  shadows->callback(
      [&chosen, champion] { chosen = [champion](Session& session) { return show_champions(session, *champion); }; });
}

}  // namespace risetime::core
