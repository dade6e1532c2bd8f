// The file source: rows of channels, videos, observations and thumbnails out of files that lie on disk.
//
// A round reads what is new: files in the order channels, videos, observations, thumbnails, each from where its last
// record was handed over. What a cursor holds is in cursor.hpp.
#include <algorithm>
#include <filesystem>
#include <risetime/plugin.hpp>

#include "csv.hpp"
#include "json_records.hpp"
#include "mapping.hpp"
#include "names.hpp"
#include "paths.hpp"
#include "pictures.hpp"

namespace risetime::file {
namespace {

// So much of a file is read in one pull at most, whatever the number of rows: it bounds the memory of a batch.
constexpr std::uint64_t bytes_per_pull = std::uint64_t{64} << 20;

std::int64_t zone_of(const std::string& text) {
  const auto zone = parse_zone(text);
  if (!zone) throw Error(Code::config, "timezone", "\"" + text + "\" is no zone: write \"UTC\" or as in \"+07:00\"");
  return *zone;
}

EpochUnit epoch_of(const std::string& text) {
  return text == "s"    ? EpochUnit::seconds
         : text == "ms" ? EpochUnit::milliseconds
         : text == "us" ? EpochUnit::microseconds
                        : EpochUnit::automatic;
}

// One file of one part of the settings.
struct Job {
  TableKind kind;
  const Part* part;
  const Wide* wide;
  FoundFile file;
  std::string key;       // in the cursor
  std::string settings;  // fingerprint
};

// What the cursor keeps of the record that was handed over last, once the reader has gone on.
struct LastRecord {
  std::string raw;
  std::uint64_t offset = 0, end = 0, line = 0;
  bool terminated = true;

  void take(const Record& record) {
    raw.assign(record.raw);
    offset = record.offset;
    end = record.end;
    line = record.line;
    terminated = record.terminated;
  }
};

// A file that is being read.
struct OpenJob {
  OpenFile file;
  std::unique_ptr<RecordReader> reader;
  std::unique_ptr<Mapper> mapper;
};

}  // namespace

class FileSource {
 public:
  static constexpr Info info{"file", "1.0.0", "CSV, TSV and JSON files, plain, gzip or zstd, and folders of images."};
  using Config = Options;

  FileSource(Context host, Options options) : host_(std::move(host)), options_(std::move(options)) {
    rules_ = {options_.platform, {zone_of(options_.timezone), epoch_of(options_.epoch)}, options_.tag_separator};
    for (const Table& table : tables()) check_part(table.kind, *table.part, table.wide);
    if (tables().empty() && !options_.thumbnails)
      throw Error(Code::config, "", "say what to read: channels, videos, observations or thumbnails");
    if (options_.thumbnails && options_.thumbnails->name.find("{video_id}") == std::string::npos)
      throw Error(Code::config, "thumbnails.name", "it must hold {video_id}, as in \"{video_id}.jpg\"");
    if (options_.thumbnails && options_.platform.empty())
      throw Error(Code::config, "platform", "say which platform the thumbnails are of, as in platform = \"youtube\"");
  }

  Pull pull(std::string_view cursor, std::size_t max_rows, Rows& out) {
    // After an error, or when the host goes back to an older cursor, what was read ahead does not count.
    const bool goes_on = in_round_ && cursor == handed_over_;
    in_round_ = false;
    if (!goes_on) begin_round(cursor, out);
    rows_left_ = std::max<std::size_t>(1, max_rows);
    bytes_left_ = bytes_per_pull;
    const bool more = read_files(out) || read_pictures(out);
    in_round_ = more;
    handed_over_ = cursor_.dump();
    out.cursor(handed_over_);
    if (more) return Pull::more;
    jobs_.clear();
    pictures_.reset();
    return Pull::end;
  }

 private:
  struct Table {
    TableKind kind;
    const Part* part;
    const Wide* wide;
  };
  std::vector<Table> tables() const {
    std::vector<Table> all;
    if (options_.channels) all.push_back({TableKind::channels, &*options_.channels, nullptr});
    if (options_.videos) all.push_back({TableKind::videos, &*options_.videos, nullptr});
    if (options_.observations) {
      const ObservationPart& part = *options_.observations;
      all.push_back({TableKind::observations, &part, part.wide ? &*part.wide : nullptr});
    }
    return all;
  }

  // Settings that change what a file's rows are: when they change, it is read again.
  std::string settings_of(const Table& table) const {
    Json json = Json::object();
    json["shared"].push_back(options_.platform);
    json["shared"].push_back(options_.timezone);
    json["shared"].push_back(options_.epoch);
    json["shared"].push_back(options_.tag_separator);
    const Part& part = *table.part;
    for (const auto& [ours, theirs] : part.columns) json["columns"][ours] = theirs;
    for (const auto& [ours, text] : part.defaults) json["defaults"][ours] = text;
    for (const std::string& name : part.header) json["header"].push_back(name);
    json["delimiter"] = part.delimiter;
    json["quotes"] = part.quotes;
    if (const Wide* wide = table.wide) {
      Json& to = json["wide"];
      to["columns"] = wide->columns;
      to["separator"] = wide->separator;
      to["stat"] = wide->stat;
      to["increments"] = wide->increments;
      if (wide->step) to["step"] = wide->step->us;
      if (wide->first) to["first"] = wide->first->us;
    }
    return fingerprint(json.dump());
  }

  // Finds the files and looks at the head of each that will be read, so that a wrong name is told before, not after,
  // the files in front of it were read. Files that failed and have not changed since are reported again.
  void begin_round(std::string_view cursor, Rows& out) {
    cursor_ = Cursor::parse(cursor);
    open_.reset();
    pictures_.reset();
    jobs_.clear();
    at_ = 0;
    Cursor kept;
    kept.pictures = cursor_.pictures;
    for (const Table& table : tables()) plan(table, kept, out);
    cursor_ = std::move(kept);
    if (options_.thumbnails) pictures_.emplace(host_, *options_.thumbnails, options_.platform, cursor_.pictures);
  }

  // The files of one table. Of several, one that cannot be read fails alone; if none can, the first says why.
  void plan(const Table& table, Cursor& kept, Rows& out) {
    const std::string kind = name_of(table.kind), settings = settings_of(table);
    const std::vector<FoundFile> files = find_files(table.part->path, host_.path(table.part->path), kind + ".path");
    std::optional<Error> first_error;
    bool any_fits = false;
    for (const FoundFile& file : files) {
      Job job{table.kind, table.part, table.wide, file, kind + ":", settings};
      job.key += arrow::is_utf8(file.name) ? file.name : fingerprint(file.name);
      const auto known = cursor_.files.find(job.key);
      if (known != cursor_.files.end()) kept.files[job.key] = known->second;
      FileProgress& progress = kept.files[job.key];
      try {
        if (is_unchanged(job, progress) && progress.progress != Progress::reading) {
          if (progress.progress == Progress::failed) report_failure(job, progress, out);
        } else {
          check_head(job);
          jobs_.push_back(std::move(job));
        }
        any_fits = true;
      } catch (const Error& error) {
        if (files.size() == 1 || !is_of_one_file(error)) throw;
        if (!first_error) first_error = error;
        note_failure(job, progress, error, out);
      }
    }
    if (!any_fits) throw *first_error;
  }
  static bool is_of_one_file(const Error& error) { return error.code() == Code::input || error.code() == Code::io; }

  static bool is_unchanged(const Job& job, const FileProgress& progress) {
    if (progress.settings != job.settings) return false;
    const FileState now = state_of(job.file.path, job.file.name);
    return now.size == progress.state.size && now.modified_us == progress.state.modified_us;
  }
  void report_failure(const Job& job, const FileProgress& progress, Rows& out) const {
    out.failed("file:" + job.file.name, Error(Code::input, progress.failed_at, progress.failure));
  }
  void note_failure(const Job& job, FileProgress& progress, const Error& error, Rows& out) const {
    progress.settings = job.settings;
    progress.progress = Progress::failed;
    progress.failed_at = error.where();
    progress.failure = error.message();
    std::error_code gone;
    progress.state = FileState();
    if (open_)
      progress.state = open_->file.state;
    else if (error.code() == Code::input && std::filesystem::exists(job.file.path, gone))
      progress.state = state_of(job.file.path, job.file.name);
    report_failure(job, progress, out);
  }
  // A file that cannot be decompressed fails when its turn comes, alone; wrong columns are told now.
  void check_head(const Job& job) const {
    try {
      open_job(job, -1);
    } catch (const Damage&) {
      return;
    }
  }

  OpenJob open_job(const Job& job, std::int64_t head_bytes) const {
    OpenJob open;
    open.file = open_file(job.file.path, job.file.name, head_bytes);
    Window window(std::move(open.file.bytes), 0);
    const std::vector<std::string> wanted = wanted_columns(job.kind, *job.part, job.wide);
    Layout layout;
    layout.name = job.file.name;
    if (job.part->header.empty() && job.part->delimiter.empty() && looks_like_json(window.sample(4096))) {
      auto reader = std::make_unique<JsonReader>(std::move(window), wanted, job.file.name);
      const std::vector<std::string> seen = reader->seen();
      layout.carried = wanted.size();
      layout.has = [seen](const std::string& name) {
        return seen.empty() || std::find(seen.begin(), seen.end(), name) != seen.end();
      };
      open.reader = std::move(reader);
    } else {
      CsvRules rules;
      rules.header = job.part->header;
      rules.known = wanted;
      if (!job.part->delimiter.empty()) rules.delimiter = job.part->delimiter.front();
      rules.quotes = job.part->quotes;
      open.reader = std::make_unique<CsvReader>(std::move(window), rules, job.file.name);
      const std::vector<std::string>& columns = open.reader->columns();
      layout.carried = columns.size();
      layout.has = [columns](const std::string& name) {
        return std::find(columns.begin(), columns.end(), name) != columns.end();
      };
    }
    layout.columns = open.reader->columns();
    open.mapper = make_mapper(job.kind, *job.part, job.wide, rules_, layout);
    return open;
  }

  // True while there is more to read than this pull may.
  bool read_files(Rows& out) {
    for (; at_ < jobs_.size(); ++at_) {
      const Job& job = jobs_[at_];
      FileProgress& progress = cursor_.files[job.key];
      try {
        if (!open_) resume(job, progress, out);
        if (read_records(job, progress, out)) return true;
        progress.progress = Progress::done;
      } catch (const Damage& damage) {
        note_failure(job, progress, damage, out);
      }
      open_.reset();
      if (rows_left_ == 0 || bytes_left_ == 0) {
        ++at_;
        return at_ < jobs_.size() || options_.thumbnails.has_value();
      }
    }
    return false;
  }

  // Opens a file where its progress stands, or at its beginning if it is another one than then.
  void resume(const Job& job, FileProgress& progress, Rows& out) {
    const bool known = progress.settings == job.settings && !progress.last.empty();
    open_ = open_job(job, known ? progress.head_bytes : -1);
    const FileState now = open_->file.state;
    const bool grown = now.size > progress.state.size;
    const bool same = now.size == progress.state.size && now.modified_us == progress.state.modified_us;
    if (known && (grown || same) && open_->file.head == progress.head && find_last(progress, out)) {
      progress.state = now;
      progress.progress = Progress::reading;
      return;
    }
    if (known) {
      host_.info(job.file.name + " was replaced or changed before line " + std::to_string(progress.line) +
                 "; it is read again from its beginning");
    }
    open_ = open_job(job, -1);
    progress = FileProgress();
    progress.settings = job.settings;
    progress.state = now;
    progress.head = open_->file.head;
    progress.head_bytes = open_->file.head_bytes;
  }

  // Goes behind the last record that was handed over, if it is still there. A last line that had no end and has grown
  // since was only half written: it is handed over as it is now.
  bool find_last(const FileProgress& progress, Rows& out) {
    RecordReader& reader = *open_->reader;
    if (!reader.skip_to(progress.offset, progress.line) || !reader.next(record_)) return false;
    if (fingerprint(record_.raw) == progress.last && record_.raw.size() == progress.length) return true;
    const bool goes_on = !progress.terminated && record_.raw.size() > progress.length &&
                         fingerprint(record_.raw.substr(0, progress.length)) == progress.last;
    if (goes_on) add_record(out);
    return goes_on;
  }

  bool read_records(const Job& job, FileProgress& progress, Rows& out) {
    RecordReader& reader = *open_->reader;
    const std::size_t before = out.size();
    std::size_t records = 0;
    std::uint64_t first = 0;
    bool any = false, more = false;
    const auto keep_place = [&] {
      if (any) note_last(progress);
      host_.progress(job.file.name, static_cast<double>(reader.raw_offset()),
                     static_cast<double>(open_->file.state.size));
    };
    try {
      while (reader.next(record_)) {
        if (!any) first = record_.offset;
        any = true;
        add_record(out);
        last_.take(record_);
        more = std::max(++records, out.size() - before) >= rows_left_ || last_.end - first >= bytes_left_;
        if (more) break;
        if (records % 4096 == 0) host_.check_cancelled();
      }
    } catch (const Damage&) {
      keep_place();
      throw;
    }
    keep_place();
    const std::size_t rows = std::max(records, out.size() - before);
    rows_left_ -= std::min(rows_left_, rows);
    bytes_left_ -= any ? std::min(bytes_left_, last_.end - first) : 0;
    return more;
  }

  void add_record(Rows& out) {
    if (record_.problem.empty()) {
      open_->mapper->add(record_, out);
    } else {
      reject_record(record_, jobs_[at_].file.name, open_->reader->columns(), out);
    }
  }
  void note_last(FileProgress& progress) const {
    progress.offset = last_.offset;
    progress.line = last_.line;
    progress.length = last_.raw.size();
    progress.last = fingerprint(last_.raw);
    progress.terminated = last_.terminated;
  }
  bool read_pictures(Rows& out) {
    if (!pictures_) return false;
    if (rows_left_ == 0 || bytes_left_ == 0) return true;
    return pictures_->pull(rows_left_, out, cursor_.pictures);
  }

  Context host_;
  Options options_;
  MappingRules rules_;
  Cursor cursor_;
  std::string handed_over_;  // the cursor that was given last
  bool in_round_ = false;
  std::vector<Job> jobs_;
  std::size_t at_ = 0;
  std::optional<OpenJob> open_;
  std::optional<PictureSweep> pictures_;
  Record record_;
  LastRecord last_;
  std::size_t rows_left_ = 0;
  std::uint64_t bytes_left_ = 0;
};

}  // namespace risetime::file

RISETIME_PLUGINS(risetime::file::FileSource);
