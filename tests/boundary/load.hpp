// Loads the plugins that were built for these tests, as the host does.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <risetime/testing.hpp>

#include "core/plugin/library.hpp"

namespace risetime::boundary {

inline std::filesystem::path plugin_file(const std::string& name) {
  return std::filesystem::path(RISETIME_BOUNDARY_PLUGINS) / (name + ".so");
}

// A plugin behind the boundary with its library and host.
struct Loaded {
  Loaded(const std::string& file, const std::string& id, const std::string& config) : library(plugin_file(file)) {
    const risetime_plugin* plugin = library.find(id);
    if (plugin == nullptr) throw Error(Code::input, file, "the library has no plugin " + id);
    instance = std::make_unique<client::Instance>(*plugin, host.raw(), config);
  }
  core::PluginLibrary library;
  testkit::FakeHost host;
  std::unique_ptr<client::Instance> instance;
};

// The error that body throws; fails the test where it throws none.
template <class Body>
Error error_of(const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return Error(Code::internal, "", "");
}

}  // namespace risetime::boundary
