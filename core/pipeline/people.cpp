// Asks sources how they store a person, and goes through all that a project keeps.
#include "core/pipeline/people.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "core/base/files.hpp"
#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/pipeline/collect.hpp"
#include "core/pipeline/rows.hpp"

namespace risetime::core {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_file = std::size_t{512} << 20U;  // more than a recording may have
constexpr const char* blanked = "(removed, because it named a person who is forgotten)";

std::string random_salt() {
  std::array<unsigned char, 32> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw Error(Code::internal, "forgotten.json", "the system gives no random bytes to make a salt from");
  return sha256_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::pair<std::string_view, std::string_view> parts_of(std::string_view id) {
  const std::size_t colon = id.find(':');
  return {id.substr(0, colon), colon == std::string_view::npos ? std::string_view() : id.substr(colon + 1)};
}

// The name, and the persons of the ids without their platforms: what no text may mention.
std::vector<std::string> words_of(std::string_view name, const std::vector<PersonId>& ids) {
  std::vector<std::string> words = {std::string(name)};
  for (const PersonId& id : ids) words.emplace_back(parts_of(id).second);
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

bool mentions_any(std::string_view text, const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) { return mentions(text, word); });
}

// Files of exchanges below the folder that mention the person, whole. How many.
std::uint64_t remove_exchanges(const fs::path& folder, const std::vector<std::string>& words) {
  std::vector<fs::path> gone;
  std::error_code failed;
  for (fs::recursive_directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    const fs::path& file = at->path();
    std::error_code unknown;
    const bool is_exchange = file.string().find(".http") != std::string::npos || file.extension() == ".lines";
    if (is_exchange && at->is_regular_file(unknown) && mentions_any(read_file(file, largest_file), words))
      gone.push_back(file);
  }
  if (failed && failed != std::errc::no_such_file_or_directory)
    throw Error(Code::io, folder.string(), "the folder cannot be read: " + failed.message());
  for (const fs::path& file : gone)
    if (!fs::remove(file, failed)) throw Error(Code::io, file.string(), "cannot be removed: " + failed.message());
  return gone.size();
}

// Rejects and their file.
std::uint64_t erase_rejects(Project& project, const std::vector<std::string>& words) {
  std::vector<std::vector<Filter>> gone;
  std::vector<std::string> sources;
  for_each_batch(project.catalog().store(), {"reject"}, [&](const Batch& batch) {
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      const auto text = [&](const char* name) { return batch.column(name, Type::utf8).text(row); };
      if (!mentions_any(text("where"), words) && !mentions_any(text("reason"), words) &&
          !mentions_any(text("raw"), words))
        continue;
      std::vector<Filter> key;
      for (const char* name : {"source", "where", "reason"})
        key.push_back(Filter::equals(name, std::string(text(name))));
      gone.push_back(std::move(key));
      sources.emplace_back(text("source"));
    }
  });
  if (gone.empty()) return 0;
  project.catalog().transaction([&] {
    for (const auto& key : gone) project.catalog().erase("reject", key);
  });
  std::sort(sources.begin(), sources.end());
  sources.erase(std::unique(sources.begin(), sources.end()), sources.end());
  for (const std::string& source : sources) write_reject_file(project, source);
  return gone.size();
}

std::uint64_t blank_messages(Catalog& catalog, const std::vector<std::string>& words) {
  std::vector<Progress> changed;
  for (Progress& each : catalog.progress()) {
    if (!mentions_any(each.message, words)) continue;
    each.message = blanked;
    changed.push_back(std::move(each));
  }
  if (!changed.empty()) catalog.transaction([&] { catalog.set_progress(changed); });
  return changed.size();
}

// The platforms of which there are rows of presence, each found by one step into the key.
std::vector<std::string> platforms_of(client::Store& store) {
  std::vector<std::string> platforms;
  for (std::optional<std::string> from = ""; from;) {
    Scan scan{"presence", {"platform"}, {{"platform", Compare::at_least, *from, 0}}, 1};
    const auto first = store.scan(scan)->next();
    from.reset();
    if (!first || first->rows() == 0) break;
    platforms.emplace_back(first->column("platform", Type::utf8).text(0));
    from = platforms.back() + '\x01';
  }
  return platforms;
}

void note_doubts(Project& project, const std::string& where, const std::vector<PersonId>& ids,
                 const std::vector<std::string>& words, std::vector<std::string>& problems) {
  for (const std::string& platform : platforms_of(project.catalog().store()))
    if (std::none_of(ids.begin(), ids.end(), [&](const PersonId& id) { return parts_of(id).first == platform; }))
      problems.push_back(where + "there are people of " + platform +
                         ", but no source of the configuration says how it stores them: put the source that read them "
                         "back, with its settings for people, and run this again");
  std::vector<std::string> channels;
  for_each_batch(project.catalog().store(), {"channel", {"platform", "channel_id", "name", "account"}},
                 [&](const Batch& batch) {
                   const Column& account = batch.column("account", Type::utf8);
                   for (std::size_t row = 0; row < batch.rows(); ++row) {
                     const auto is_his = [&](std::string_view text) {
                       return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
                         return text.size() == word.size() && mentions(text, word);
                       });
                     };
                     if (!is_his(batch.column("name", Type::utf8).text(row)) &&
                         (account.is_null(row) || !is_his(account.text(row))))
                       continue;
                     channels.push_back(std::string(batch.column("platform", Type::utf8).text(row)) + ":" +
                                        std::string(batch.column("channel_id", Type::utf8).text(row)));
                   }
                 });
  std::sort(channels.begin(), channels.end());
  channels.erase(std::unique(channels.begin(), channels.end()), channels.end());
  for (const std::string& channel : channels)
    problems.push_back(where + "a channel bears the name (" + channel +
                       "): what it published is read as a channel's and stays; to end that, take it out of the "
                       "configuration and start a new data set");
}

ForgetSummary::DataSet erase_in(Project& project, std::string_view name, const std::vector<PersonId>& ids,
                                std::vector<std::string>& problems) {
  ForgetSummary::DataSet erased;
  erased.name = project.settings().project.dataset;
  const std::string where = erased.name.empty() ? "" : "data set " + erased.name + ": ";
  Catalog& catalog = project.catalog();
  const std::vector<std::string> words = words_of(name, ids);
  note_doubts(project, where, ids, words, problems);
  if (catalog.count("presence") > 0)
    catalog.transaction([&] {
      for (const PersonId& id : ids) {
        const auto [platform, person] = parts_of(id);
        erased.presence += catalog.erase("presence", {Filter::equals("platform", std::string(platform)),
                                                      Filter::equals("person", std::string(person))});
      }
    });
  erased.rejects = erase_rejects(project, words);
  erased.messages = blank_messages(catalog, words);
  if (catalog.store().can_purge())
    catalog.store().purge();
  else
    problems.push_back(where +
                       "the store cannot clean its files of what was erased: the rows are gone, but their bytes "
                       "may stay on its disk until they are written over");
  return erased;
}

}  // namespace

// ---- the list

ForgottenPeople::ForgottenPeople(fs::path file) : file_(std::move(file)) {
  std::error_code missing;
  if (!fs::exists(file_, missing)) return;
  try {
    const Json all = Json::parse(read_file(file_));
    const auto text = [](const Json& in, const char* name) {
      const Json* found = in.find(name);
      if (found == nullptr || found->if_string() == nullptr) throw Error(Code::input, name, "a text is missing");
      return *found->if_string();
    };
    salt_ = text(all, "salt");
    const Json* people = all.find("people");
    if (people == nullptr || people->if_array() == nullptr) throw Error(Code::input, "people", "the list is missing");
    for (const Json& each : *people->if_array()) people_[text(each, "digest")] = text(each, "since");
  } catch (const Error& error) {
    throw Error(Code::input, file_.string(),
                "the list of people who are forgotten is damaged (" + std::string(error.what()) +
                    "): put a copy back, or remove the file and forget them again");
  }
}

std::string ForgottenPeople::digest_of(std::string_view platform, std::string_view person) const {
  return Fingerprint().add(salt_).add(platform).add(person).hex();
}

bool ForgottenPeople::contains(std::string_view platform, std::string_view person) const {
  return !people_.empty() && people_.count(digest_of(platform, person)) > 0;
}

Batch ForgottenPeople::without(Batch presence) const {
  const Column* platform = presence.find("platform");
  const Column* person = presence.find("person");
  const auto is_text = [](const Column* column) { return column != nullptr && column->type().id == Type::utf8; };
  if (people_.empty() || !is_text(platform) || !is_text(person)) return presence;
  std::vector<bool> stays(presence.rows(), true);
  for (std::size_t row = 0; row < presence.rows(); ++row)
    if (!platform->is_null(row) && !person->is_null(row))
      stays[row] = !contains(platform->text(row), person->text(row));
  if (std::find(stays.begin(), stays.end(), false) == stays.end()) return presence;
  BatchBuilder others(presence.fields());
  for (std::size_t row = 0; row < presence.rows(); ++row)
    if (stays[row]) copy_row(others, presence, row);
  return others.finish();
}

bool ForgottenPeople::add(const std::vector<PersonId>& people, std::int64_t now) {
  if (salt_.empty()) salt_ = random_salt();
  bool any = false;
  for (const PersonId& id : people) {
    const auto [platform, person] = parts_of(id);
    any = people_.try_emplace(digest_of(platform, person), format_time(now)).second || any;
  }
  return any;
}

bool ForgottenPeople::remove(const std::vector<PersonId>& people) {
  bool any = false;
  for (const PersonId& id : people) {
    const auto [platform, person] = parts_of(id);
    any = people_.erase(digest_of(platform, person)) > 0 || any;
  }
  return any;
}

void ForgottenPeople::save() const {
  Json all = Json::object();
  all["salt"] = salt_;
  all["people"] = Json::array();
  for (const auto& [digest, since] : people_) {
    Json each = Json::object();
    each["digest"] = digest;
    each["since"] = since;
    all["people"].push_back(std::move(each));
  }
  make_folders(file_.parent_path());
  write_file(file_, all.dump(2) + "\n");
}

fs::path forgotten_file(const Project& project) { return project.root() / "forgotten.json"; }

// ---- the person

KnownPerson known_person(Project& project, std::string_view name) {
  KnownPerson known;
  for (const SourceSettings& source : project.settings().sources) {
    if (!project.runtime().plugins.has(source.plugin, RISETIME_PEOPLE_ID)) continue;
    try {
      const OpenPlugin plugin = project.open(source, "source/" + source.id);
      for (std::string& id : client::People(*plugin).ids(name)) known.ids.push_back(std::move(id));
    } catch (const Error& error) {
      if (error.code() != Code::input) throw;
      known.doubts.push_back({source.id, project.runtime().secrets.redact(error.message())});
    }
  }
  std::sort(known.ids.begin(), known.ids.end());
  known.ids.erase(std::unique(known.ids.begin(), known.ids.end()), known.ids.end());
  return known;
}

ForgetSummary erase_person(Project& project, std::string_view name, const std::vector<PersonId>& ids,
                           const fs::path& recordings) {
  ForgetSummary summary;
  summary.data_sets.push_back(erase_in(project, name, ids, summary.problems));
  for (const std::string& other : datasets_in(project.root())) {
    const fs::path folder = other.empty() ? project.root() : project.root() / "datasets" / other;
    if (other == project.settings().project.dataset || !fs::exists(folder / "risetime.lock")) continue;
    Settings settings = project.settings();
    settings.project.data = project.root();
    settings.project.dataset = other;
    Project beside(std::move(settings), project.runtime());
    summary.data_sets.push_back(erase_in(beside, name, ids, summary.problems));
  }
  const std::vector<std::string> words = words_of(name, ids);
  summary.pages = remove_exchanges(project.root() / "http", words);
  if (!recordings.empty()) summary.recordings = remove_exchanges(recordings, words);
  return summary;
}

}  // namespace risetime::core
