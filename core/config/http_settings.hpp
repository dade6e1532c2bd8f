// The section [http] of a checked configuration.
#pragma once

#include "core/config/key.hpp"
#include "core/config/settings.hpp"

namespace risetime::core {

// From the checked section (null where the file has none), with the defaults of its keys; a host of its own has those
// of the section.
HttpSettings http_settings(const Json* from, const Key& section);

}  // namespace risetime::core
