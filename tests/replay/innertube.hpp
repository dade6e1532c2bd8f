// Turns exchanges as the test data keeps them (JSON, one exchange a file) into recordings that --replay reads.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <risetime/json.hpp>
#include <string>

#include "core/base/files.hpp"
#include "core/http/recording.hpp"

namespace risetime::replay {

// The folder with the exchanges of www.youtube.com; empty where there is none. RISETIME_TEST_DATA names the data,
// else it stands beside the repository.
inline std::filesystem::path innertube_folder() {
  const char* data = std::getenv("RISETIME_TEST_DATA");
  const auto folder = std::filesystem::path(data != nullptr ? data : "../shared/data") / "youtube-innertube";
  return std::filesystem::is_directory(folder) ? folder : std::filesystem::path();
}

inline const Json& member(const Json& json, std::string_view name) {
  const Json* found = json.find(name);
  if (found == nullptr) throw Error(Code::input, std::string(name), "the exchange has no such member");
  return *found;
}

// Reads one exchange. `url` takes the place of the recorded one, where it is not empty.
inline core::Exchange read_innertube(const std::filesystem::path& file, const std::string& url = "") {
  const Json json = Json::parse(core::read_file(file));
  const Json& request = member(json, "request");
  const Json& response = member(json, "response");
  core::Exchange exchange;
  exchange.request.method = *member(request, "httpMethod").if_string();
  exchange.request.url = url.empty() ? *member(request, "url").if_string() : url;
  exchange.response.status = *member(response, "responseCode").if_integer();
  exchange.response.url = exchange.request.url;
  exchange.response.body = *member(response, "responseBody").if_string();
  for (const auto& [name, values] : *member(response, "responseHeaders").if_object())
    for (const Json& value : *values.if_array()) exchange.response.headers.push_back({name, *value.if_string()});
  return exchange;
}

// Writes an exchange where a replay looks for it.
inline void write_recording(const std::filesystem::path& folder, const core::Exchange& exchange) {
  core::make_folders(folder);
  core::write_file(folder / (core::exchange_name(exchange.request) + ".http"), core::format_exchange(exchange));
}

}  // namespace risetime::replay
