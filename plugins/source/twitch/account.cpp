// Spellings of channels.
#include "account.hpp"

#include <algorithm>
#include <risetime/error.hpp>

namespace risetime::twitch {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_login(std::string_view text) {
  return !text.empty() && text.size() <= 25 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_';
  });
}

void drop(std::string& text, std::string_view beginning) {
  if (text.compare(0, beginning.size(), beginning) == 0) text.erase(0, beginning.size());
}

}  // namespace

Account Account::parse(std::string_view given, const std::string& where) {
  std::string text(given);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (const char* beginning : {"https://", "http://", "www.", "m.", "twitch.tv/", "@"}) drop(text, beginning);
  text.resize(std::min(text.size(), text.find_first_of("/?#")));
  const bool is_id = text.compare(0, 3, "id:") == 0;
  const std::string_view number = is_id ? std::string_view(text).substr(3) : std::string_view();
  const bool is_number = !number.empty() && number.size() <= 20 && std::all_of(number.begin(), number.end(), is_digit);
  if (is_id ? is_number : is_login(text)) return Account(std::move(text));
  throw Error(
      Code::config, where,
      "\"" + std::string(given) +
          "\" is no channel of Twitch; write its name as in its address (letters, digits and _), or \"id:\" and "
          "its number");
}

}  // namespace risetime::twitch
