// The state as JSON.
#include "run_state.hpp"

#include <risetime/error.hpp>

namespace risetime::tiktok {
namespace {

constexpr std::size_t most_earlier = 20;

template <class Texts>
Json list_of(const Texts& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push_back(text);
  return list;
}

std::string text_at(const Json& json, std::string_view name) {
  const Json* found = json.find(name);
  return found != nullptr && found->if_string() != nullptr ? *found->if_string() : std::string();
}
std::int64_t number_at(const Json& json, std::string_view name) {
  const Json* found = json.find(name);
  return found != nullptr && found->if_integer() != nullptr ? *found->if_integer() : 0;
}
std::vector<std::string> texts_at(const Json& json, std::string_view name) {
  std::vector<std::string> texts;
  const Json* found = json.find(name);
  if (found == nullptr || found->if_array() == nullptr) return texts;
  for (const Json& item : *found->if_array())
    if (item.if_string() != nullptr) texts.push_back(*item.if_string());
  return texts;
}

}  // namespace

void RunState::close() {
  std::vector<std::string> ids = std::move(earlier);
  if (!id.empty()) ids.push_back(id);
  if (ids.size() > most_earlier) ids.erase(ids.begin());
  *this = {};
  earlier = std::move(ids);
}

std::string RunState::text() const {
  Json json = Json::object();
  json["earlier"] = list_of(earlier);
  if (!is_open()) return json.dump();
  json["asked_at"] = asked_at;
  json["input"] = input;
  json["units"] = list_of(units);
  json["max_items"] = max_items;
  json["id"] = id;
  json["dataset"] = dataset;
  json["status"] = status;
  json["message"] = message;
  json["finished_at"] = finished_at;
  json["offset"] = offset;
  json["seen"] = list_of(seen);
  json["failed"] = list_of(failed);
  return json.dump();
}

RunState RunState::parse(const std::string& text) {
  RunState state;
  try {
    const Json json = Json::parse(text);
    state.asked_at = number_at(json, "asked_at");
    state.input = text_at(json, "input");
    state.units = texts_at(json, "units");
    state.max_items = number_at(json, "max_items");
    state.id = text_at(json, "id");
    state.dataset = text_at(json, "dataset");
    state.status = text_at(json, "status");
    state.message = text_at(json, "message");
    state.finished_at = number_at(json, "finished_at");
    state.offset = number_at(json, "offset");
    for (std::string& name : texts_at(json, "seen")) state.seen.insert(std::move(name));
    for (std::string& name : texts_at(json, "failed")) state.failed.insert(std::move(name));
    state.earlier = texts_at(json, "earlier");
  } catch (const Error& error) {
    throw Error(Code::state, "run", std::string("the kept state of the run cannot be read: ") + error.what());
  }
  return state;
}

}  // namespace risetime::tiktok
