// The two ways to read TikTok.
#pragma once

#include <memory>
#include <risetime/host.hpp>
#include <risetime/source.hpp>

#include "options.hpp"

namespace risetime::tiktok {

class Mode {
 public:
  Mode() = default;
  Mode(const Mode&) = delete;
  Mode& operator=(const Mode&) = delete;
  virtual ~Mode() = default;
  // As the plugin's pull.
  virtual Pull pull(std::string_view cursor, std::size_t max_rows, Rows& out) = 0;
};

// Throw Error(Code::config) for settings that make no sense.
std::unique_ptr<Mode> make_apify_mode(const Context& host, const Options& options);
std::unique_ptr<Mode> make_export_mode(const Context& host, const Options& options);

}  // namespace risetime::tiktok
