// The data that a page of YouTube carries in its scripts, and what it means where a page came without.
#pragma once

#include <risetime/error.hpp>
#include <string>
#include <string_view>

#include "json_tree.hpp"

namespace risetime::youtube {

// The JSON object that a script of the page assigns to `name` ("ytInitialData", "ytInitialPlayerResponse"), written as
// an object or as JSON.parse('...'); empty where the page assigns none.
std::string assigned_object(std::string_view page, std::string_view name);

// The same as a tree; where `answer` is JSON itself, as of the youtubei addresses, that. Throws what refusal_of gives
// where there is neither.
JsonTree tree_of_answer(std::string_view answer, std::string_view name, const std::string& url);

// Why a page lacks its data: Code::limited with the time to rest. YouTube answers with status 200 also where it asks
// for consent, takes the asker for a robot, or just leaves the data out.
Error refusal_of(std::string_view page, const std::string& url);

// The error for data that is there, but holds nothing of what was asked for.
Error refusal_without(std::string_view what, const std::string& url);

// The first quoted text behind "name": in the page's settings; empty where there is none.
std::string setting_of(std::string_view page, std::string_view name);

}  // namespace risetime::youtube
