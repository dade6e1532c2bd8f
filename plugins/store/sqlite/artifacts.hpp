// Artifacts: whole values by name, with a kind and a JSON document that says how they were made.
#pragma once

#include "database.hpp"

namespace risetime::sqlite {

class Artifacts {
 public:
  explicit Artifacts(Database& database) : database_(database) {}

  // In a transaction of its own, or in the one that is open. The same name again replaces.
  void put(const ArtifactInfo& info, std::string_view value);
  std::optional<Artifact> get(std::string_view name, bool with_bytes);
  std::vector<ArtifactInfo> list(std::string_view kind);  // by name; "" is every kind
  void erase(std::string_view name);                      // nothing happens where there is none

 private:
  Database& database_;
};

}  // namespace risetime::sqlite
