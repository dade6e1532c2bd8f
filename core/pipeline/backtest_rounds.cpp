// Folds by video, channel, time and date, a list of test videos, a cutoff.
#include "core/pipeline/backtest_rounds.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <sstream>

#include "core/base/files.hpp"
#include "core/base/hash.hpp"
#include "core/base/time.hpp"

namespace risetime::core {

namespace {

using Entry = SeriesLibrary::Entry;

// Who learns and who is tested, before it is known where the tested ones stand.
struct Division {
  std::string name;
  std::int64_t fold = 0;
  std::int64_t until = INT64_MAX;
  Chooser trains, tests;
};

std::set<std::string> read_list(const std::filesystem::path& file) {
  std::set<std::string> ids;
  std::istringstream lines(read_file(file));
  for (std::string line; std::getline(lines, line);) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (!line.empty()) ids.insert(line);
  }
  return ids;
}

// A fold is FNV-1a-64 of the id modulo the number of folds. A video without a channel stands for itself.
std::int64_t fold_of(const Entry& entry, FoldsBy by, std::int64_t folds) {
  const bool by_channel = by == FoldsBy::channel && !entry.channel_id.empty();
  return static_cast<std::int64_t>(fnv1a_64(by_channel ? entry.channel_id : entry.video_id) %
                                   static_cast<std::uint64_t>(folds));
}

std::vector<Division> divide_by_hash(FoldsBy by, std::int64_t folds) {
  std::vector<Division> divisions;
  for (std::int64_t fold = 0; fold < folds; ++fold) {
    divisions.push_back({"fold " + std::to_string(fold), fold, INT64_MAX,
                         [=](const Entry& entry) { return fold_of(entry, by, folds) != fold; },
                         [=](const Entry& entry) { return fold_of(entry, by, folds) == fold; }});
  }
  return divisions;
}

// The times of publication are cut into folds + 1 stretches of equally many videos. Each but the first is a test of
// what was learnt before it began.
std::vector<Division> divide_by_time(std::int64_t folds, const SeriesLibrary& library) {
  std::vector<std::int64_t> published;
  for (std::size_t i = 0; i < library.size(); ++i) published.push_back(library.entry(i).published_at);
  std::sort(published.begin(), published.end());
  std::vector<Division> divisions;
  const auto begin_of = [&](std::int64_t stretch) {
    const auto place = published.size() * static_cast<std::size_t>(stretch) / static_cast<std::size_t>(folds + 1);
    return place < published.size() ? published[place] : INT64_MAX;
  };
  for (std::int64_t fold = 0; fold < folds; ++fold) {
    const std::int64_t from = begin_of(fold + 1), to = begin_of(fold + 2);
    divisions.push_back({"fold " + std::to_string(fold) + ", from " + format_time(from), fold, from,
                         [=](const Entry& entry) { return entry.published_at < from; },
                         [=](const Entry& entry) { return from <= entry.published_at && entry.published_at < to; }});
  }
  return divisions;
}

std::vector<Division> divide(const BacktestSettings& settings, const SeriesLibrary& library) {
  if (settings.cutoff) {
    const std::int64_t cutoff = *settings.cutoff;
    return {{"cutoff " + format_time(cutoff), 0, cutoff,
             [=](const Entry& entry) { return entry.published_at < cutoff; },
             [=](const Entry& entry) { return entry.published_at >= cutoff; }}};
  }
  if (settings.test_videos) {
    const auto listed = std::make_shared<const std::set<std::string>>(read_list(*settings.test_videos));
    return {{"test videos", 0, INT64_MAX, [=](const Entry& entry) { return listed->count(entry.video_id) == 0; },
             [=](const Entry& entry) { return listed->count(entry.video_id) != 0; }}};
  }
  const auto all = [](const Entry&) { return true; };
  if (settings.folds_by == FoldsBy::date) return {{"all videos", 0, INT64_MAX, all, all}};
  if (settings.folds_by == FoldsBy::time) return divide_by_time(settings.folds, library);
  return divide_by_hash(settings.folds_by, settings.folds);
}

// Whoever stands at a date has learnt from nothing later, so a division has a round for each end of what is learnt
// from.
std::vector<BacktestRound> stand_at_origins(const Division& division, const std::vector<Origin>& origins) {
  std::map<std::int64_t, std::vector<Origin>, std::greater<>> by_end;  // ages, which bring no end of their own, first
  for (const Origin& origin : origins) {
    const std::int64_t end = origin.kind == Origin::Kind::date ? origin.value + 1 : INT64_MAX;
    by_end[std::min(end, division.until)].push_back(origin);
  }
  std::vector<BacktestRound> rounds;
  for (const auto& [until, standing] : by_end)
    rounds.push_back(
        {division.name, division.fold, until, division.trains, {{division.name, standing, division.tests}}});
  std::sort(rounds.begin(), rounds.end(), [](const BacktestRound& a, const BacktestRound& b) {
    return std::pair(a.until != INT64_MAX, a.until) < std::pair(b.until != INT64_MAX, b.until);
  });
  return rounds;
}

// Without refitting, what was fitted first answers for everything later that it may answer for: later dates of the same
// videos, and later stretches of time.
std::vector<BacktestRound> fit_once(std::vector<BacktestRound> rounds, bool across_folds) {
  std::vector<BacktestRound> kept;
  for (BacktestRound& round : rounds) {
    BacktestRound* earlier = nullptr;
    for (BacktestRound& each : kept)
      if ((across_folds || each.fold == round.fold) && each.until <= round.until && round.until != INT64_MAX)
        earlier = &each;
    if (earlier == nullptr)
      kept.push_back(std::move(round));
    else
      earlier->stands.insert(earlier->stands.end(), round.stands.begin(), round.stands.end());
  }
  return kept;
}

bool any(const SeriesLibrary& library, const Chooser& chooser) {
  for (std::size_t i = 0; i < library.size(); ++i)
    if (chooser(library.entry(i))) return true;
  return false;
}

}  // namespace

std::vector<BacktestRound> make_rounds(const BacktestSettings& settings, const SeriesLibrary& library) {
  std::vector<BacktestRound> rounds;
  for (const Division& division : divide(settings, library)) {
    for (BacktestRound& round : stand_at_origins(division, settings.origins)) rounds.push_back(std::move(round));
  }
  std::erase_if(rounds, [&](const BacktestRound& round) {
    const auto trains = [&](const Entry& entry) { return round.trains(entry) && entry.published_at < round.until; };
    return !any(library, trains) || !any(library, round.stands.front().tests);
  });
  if (!settings.refit) rounds = fit_once(std::move(rounds), settings.folds_by == FoldsBy::time && !settings.cutoff);
  return rounds;
}

}  // namespace risetime::core
