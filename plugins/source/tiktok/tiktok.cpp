// The TikTok source: its settings choose one of two modes, which does the reading.
#include <risetime/plugin.hpp>

#include "mode.hpp"

namespace risetime::tiktok {

class TikTok {
 public:
  static constexpr Info info{"tiktok", "1.0.0",
                             "Videos of TikTok, by Apify's actors, or from their exports and other scrapes."};
  using Config = Options;

  TikTok(Context host, const Options& options) : mode_(mode_of(host, options)) {}

  Pull pull(std::string_view cursor, std::size_t max_rows, Rows& out) { return mode_->pull(cursor, max_rows, out); }

 private:
  static std::unique_ptr<Mode> mode_of(const Context& host, const Options& options) {
    const std::string mode = options.mode.value_or(options.token.empty() ? "export" : "apify");
    return mode == "apify" ? make_apify_mode(host, options) : make_export_mode(host, options);
  }

  std::unique_ptr<Mode> mode_;
};

}  // namespace risetime::tiktok

RISETIME_PLUGINS(risetime::tiktok::TikTok);
