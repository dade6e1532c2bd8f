// The host's own keys: every section of a configuration except what stands under a plugin's `config`.
#pragma once

#include "core/config/key.hpp"

namespace risetime::core {

// The whole file as one table. The `config` of a plugin is an open table here.
Key host_keys();

// The statistics of a video that can be forecast.
const std::vector<std::string>& stat_names();

}  // namespace risetime::core
