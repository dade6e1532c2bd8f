// The settings of the file source: which files hold which table, and how their columns are called.
#pragma once

#include <risetime/config.hpp>

namespace risetime::file {

struct Wide {
  std::string columns;
  std::string separator;
  std::string stat = "views";
  std::optional<Duration> step, first;
  bool increments = false;

  static constexpr auto fields = risetime::fields(
      risetime::field("columns", &Wide::columns,
                      "The columns with the readings, in the order of time: a name with * and ? for any letters, as in "
                      "\"day_*\". One column, where its cells hold a list.",
                      risetime::required()),
      risetime::field("separator", &Wide::separator,
                      "What stands between the readings where one cell holds them all, as in \" \"."),
      risetime::field("stat", &Wide::stat, "Which count the readings are.",
                      risetime::one_of("views", "likes", "comments", "shares", "viewers")),
      risetime::field("step", &Wide::step,
                      "Time from a reading to the next; observed_at is then when the series begins. Without it the "
                      "names of the columns are the times of their readings (behind the letters before the *)."),
      risetime::field("first", &Wide::first, "Time from observed_at to the first reading; a step if left out."),
      risetime::field("increments", &Wide::increments,
                      "true: a cell is what was added since the reading before; false: it is the total."));
};

struct Part {
  std::string path;
  std::map<std::string, std::string> columns, defaults;
  std::vector<std::string> header;
  std::string delimiter;
  bool quotes = true;

  static constexpr auto fields = risetime::fields(
      risetime::field(
          "path", &Part::path,
          "A file, or several by * and ?, from the folder of the configuration file. CSV, TSV, JSON Lines or "
          "a JSON array; plain, gzip or zstd.",
          risetime::required()),
      risetime::field("columns", &Part::columns,
                      "What the file calls a column: ours = \"theirs\". Names that agree need no entry; \"\" leaves a "
                      "column out. In JSON \"a.b\" is member b of a."),
      risetime::field("defaults", &Part::defaults,
                      "What a column holds where the file lacks it or a cell is empty: ours = \"text\"."),
      risetime::field("header", &Part::header, "The names of the columns, where the file has no header line."),
      risetime::field("delimiter", &Part::delimiter,
                      "What stands between columns: one letter. Recognized among comma, tab, semicolon and bar if left "
                      "out."),
      risetime::field("quotes", &Part::quotes,
                      "Whether a quote at the beginning of a field encloses it; false: quotes are letters."));
};

struct ObservationPart : Part {
  std::optional<Wide> wide;

  static constexpr auto fields = std::tuple_cat(
      Part::fields,
      risetime::fields(risetime::field("wide", &ObservationPart::wide,
                                       "Where a row holds a whole series, a column a step, rather than one reading.")));
};

struct Pictures {
  std::string path;
  std::string name = "{video_id}.*";

  static constexpr auto fields = risetime::fields(
      risetime::field("path", &Pictures::path,
                      "A folder of images, with the folders in it; several by * and ?. JPEG, PNG, WebP, GIF.",
                      risetime::required()),
      risetime::field("name", &Pictures::name,
                      "How a file's name tells the video: {video_id} stands for it (as few letters as will do), * for "
                      "any letters, as in \"{video_id}___*\"."));
};

struct Options {
  std::string platform;
  std::string timezone = "UTC";
  std::string epoch = "auto";
  std::string tag_separator;
  std::optional<Part> channels, videos;
  std::optional<ObservationPart> observations;
  std::optional<Pictures> thumbnails;

  static constexpr auto fields = risetime::fields(
      risetime::field("platform", &Options::platform,
                      "The platform of the videos, as in \"youtube\"; needed where the files have no such column."),
      risetime::field("timezone", &Options::timezone, "The zone of times that name none: \"UTC\" or as in \"+07:00\"."),
      risetime::field("epoch", &Options::epoch,
                      "The unit of times that are plain numbers since 1970; auto tells it by their size.",
                      risetime::one_of("auto", "s", "ms", "us")),
      risetime::field("tag_separator", &Options::tag_separator,
                      "What stands between tags; if left out: | where a cell has one, else a comma."),
      risetime::field("channels", &Options::channels, "Files of channels: followers over time."),
      risetime::field("videos", &Options::videos, "Files of videos: what they are."),
      risetime::field("observations", &Options::observations, "Files of readings: counts over time."),
      risetime::field("thumbnails", &Options::thumbnails, "Folders of images, a file a video."));
};

}  // namespace risetime::file
