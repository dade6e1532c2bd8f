// The YouTube source: its settings are checked here, and one of its modes does the reading.
#include <algorithm>
#include <risetime/plugin.hpp>

#include "mode.hpp"

namespace risetime::youtube {

class YouTube {
 public:
  static constexpr Info info{"youtube", "1.1.0",
                             "Channels and searches of YouTube: by the Data API with a key, else by feeds or pages."};
  using Config = Options;

  YouTube(Context host, const Options& options) : mode_(mode_of(host, options)) {}

  Pull pull(std::string_view cursor, std::size_t max_rows, Rows& out) { return mode_->pull(cursor, max_rows, out); }

 private:
  static std::unique_ptr<Mode> mode_of(const Context& host, const Options& options) {
    const std::string mode = options.mode.value_or(options.api_key.empty() ? "feed" : "api");
    if (mode == "api" && options.api_key.empty())
      throw Error(Code::config, "api_key",
                  "mode \"api\" needs a key of the YouTube Data API v3, as in \"@{env:YOUTUBE_API_KEY}\"; without one, "
                  "use mode \"feed\" or \"web\"");
    if (mode == "feed" && !options.search.empty())
      throw Error(Code::config, "search", "feeds cannot be searched; use mode \"api\" or \"web\"");
    std::vector<Task> tasks = tasks_of(options);
    if (mode == "api") return make_api_mode(host, options, std::move(tasks));
    return mode == "web" ? make_web_mode(host, options, std::move(tasks))
                         : make_feed_mode(host, options, std::move(tasks));
  }

  // Each channel and query once.
  static std::vector<Task> tasks_of(const Options& options) {
    std::vector<Task> tasks;
    const auto add = [&](Task task) {
      const bool known =
          std::any_of(tasks.begin(), tasks.end(), [&](const Task& other) { return other.name() == task.name(); });
      if (!known) tasks.push_back(std::move(task));
    };
    for (std::size_t i = 0; i < options.channels.size(); ++i)
      add({Account::parse(options.channels[i], "channels[" + std::to_string(i) + "]"), ""});
    for (std::size_t i = 0; i < options.search.size(); ++i) {
      if (options.search[i].empty())
        throw Error(Code::config, "search[" + std::to_string(i) + "]", "the query is empty; write what to search for");
      add({std::nullopt, options.search[i]});
    }
    if (tasks.empty())
      throw Error(Code::config, "channels", "there is no channel in the list; write one, as in [\"@name\"]");
    return tasks;
  }

  std::unique_ptr<Mode> mode_;
};

}  // namespace risetime::youtube

RISETIME_PLUGINS(risetime::youtube::YouTube);
