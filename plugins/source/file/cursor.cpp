// A cursor as JSON text.
#include "cursor.hpp"

#include <risetime/json.hpp>

namespace risetime::file {
namespace {

constexpr std::int64_t version = 1;

Json to_json(const FileProgress& file) {
  Json json = Json::object();
  json["settings"] = file.settings;
  json["size"] = file.state.size;
  json["modified"] = file.state.modified_us;
  json["head"] = file.head;
  json["head_bytes"] = file.head_bytes;
  json["progress"] = file.progress == Progress::done     ? "done"
                     : file.progress == Progress::failed ? "failed"
                                                         : "reading";
  if (file.progress == Progress::failed) {
    json["failed_at"] = file.failed_at;
    json["failure"] = file.failure;
  }
  if (file.last.empty()) return json;
  json["offset"] = file.offset;
  json["line"] = file.line;
  json["length"] = file.length;
  json["last"] = file.last;
  json["terminated"] = file.terminated;
  return json;
}

const Json& member(const Json& json, const char* name) {
  static const Json nothing;
  const Json* found = json.find(name);
  return found == nullptr ? nothing : *found;
}
std::string text(const Json& json, const char* name) {
  const auto* value = member(json, name).if_string();
  return value == nullptr ? std::string() : *value;
}
std::int64_t number(const Json& json, const char* name) {
  const auto* value = member(json, name).if_integer();
  return value == nullptr ? 0 : *value;
}
bool flag(const Json& json, const char* name, bool otherwise) {
  const auto* value = member(json, name).if_bool();
  return value == nullptr ? otherwise : *value;
}

FileProgress file_from(const Json& json) {
  FileProgress file;
  file.settings = text(json, "settings");
  file.state = {number(json, "size"), number(json, "modified")};
  file.head = text(json, "head");
  file.head_bytes = number(json, "head_bytes");
  const std::string progress = text(json, "progress");
  file.progress = progress == "done" ? Progress::done : progress == "failed" ? Progress::failed : Progress::reading;
  file.failed_at = text(json, "failed_at");
  file.failure = text(json, "failure");
  file.offset = static_cast<std::uint64_t>(number(json, "offset"));
  file.line = static_cast<std::uint64_t>(number(json, "line"));
  file.length = static_cast<std::uint64_t>(number(json, "length"));
  file.last = text(json, "last");
  file.terminated = flag(json, "terminated", true);
  return file;
}

}  // namespace

std::string Cursor::dump() const {
  Json json = Json::object();
  json["version"] = version;
  json["files"] = Json::object();
  for (const auto& [name, file] : files) json["files"][name] = to_json(file);
  if (!pictures.settings.empty()) {
    Json& sweep = json["thumbnails"];
    sweep["settings"] = pictures.settings;
    sweep["listing"] = pictures.listing;
    sweep["after"] = pictures.after;
    sweep["seen"] = pictures.seen_us;
    sweep["sweep"] = pictures.sweep_us;
  }
  return json.dump();
}

Cursor Cursor::parse(std::string_view bytes) {
  Cursor cursor;
  if (bytes.empty()) return cursor;
  Json json;
  try {
    json = Json::parse(bytes);
  } catch (const Error&) {
    throw Error(Code::state, "cursor",
                "this is no cursor of the file source; reset the source to read its files again");
  }
  if (number(json, "version") != version)
    throw Error(
        Code::state, "cursor",
        "the cursor was written by another version of the file source; reset the source to read its files again");
  if (const auto* files = member(json, "files").if_object())
    for (const auto& [name, file] : *files) cursor.files[name] = file_from(file);
  if (const Json* sweep = json.find("thumbnails"))
    cursor.pictures = {text(*sweep, "settings"), text(*sweep, "listing"), text(*sweep, "after"), number(*sweep, "seen"),
                       number(*sweep, "sweep")};
  return cursor;
}

}  // namespace risetime::file
