// Rounds and their cursors.
#include "mode.hpp"

#include <risetime/json.hpp>

#include "facts.hpp"

namespace risetime::youtube {
namespace {

std::string text_in(const Json& json, const char* name) {
  const Json* found = json.find(name);
  return found != nullptr && found->if_string() != nullptr ? *found->if_string() : std::string();
}

std::int64_t number_in(const Json& json, const char* name) {
  const Json* found = json.find(name);
  return found != nullptr && found->if_integer() != nullptr && *found->if_integer() > 0 ? *found->if_integer() : 0;
}

}  // namespace

std::string RoundCursor::text() const {
  Json json = Json::object();
  const std::pair<const char*, const std::string*> texts[] = {
      {"at", &at}, {"after", &after}, {"playlist", &playlist}, {"page", &page}};
  for (const auto& [name, value] : texts)
    if (!value->empty()) json[name] = *value;
  if (seen > 0) json["seen"] = seen;
  if (units > 0) json["units"] = units;
  return json.if_object()->empty() ? "" : json.dump();
}

RoundCursor RoundCursor::parse(std::string_view text) {
  RoundCursor cursor;
  if (text.empty() || text.front() != '{') {
    cursor.at = text;  // of mode "feed"
    return cursor;
  }
  try {
    const Json json = Json::parse(text);
    cursor.at = text_in(json, "at");
    cursor.after = text_in(json, "after");
    cursor.playlist = text_in(json, "playlist");
    cursor.page = text_in(json, "page");
    cursor.seen = number_in(json, "seen");
    cursor.units = number_in(json, "units");
  } catch (const Error&) {
    return {};
  }
  return cursor;
}

std::string Round::account(std::size_t number) const { return std::string(platform) + ":" + tasks_[number].name(); }

std::size_t Round::position_of(std::string_view name) const {
  for (std::size_t i = 0; i < tasks_.size(); ++i)
    if (tasks_[i].name() == name) return i;
  return 0;
}

void Round::begin_pull() {
  if (announced_) return;
  std::vector<std::string> accounts;
  for (std::size_t i = 0; i < tasks_.size(); ++i) accounts.push_back(account(i));
  host_.announce_accounts(accounts);
  announced_ = true;
}

}  // namespace risetime::youtube
