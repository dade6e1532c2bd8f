// People who want to be forgotten: what is stored about them is removed, and they are not stored again.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/pipeline/project.hpp"

namespace risetime::core {

// A person as a source stores him: "platform:person", the person being a pseudonym or, where the user wants it, a name.
using PersonId = std::string;

// Who is forgotten in all data sets of a project: a file of SHA-256 digests with a salt, so that it shows neither names
// nor pseudonyms. Whoever has the file can still tell whether a person whose id he knows is on it.
class ForgottenPeople {
 public:
  // Reads the file; one that is not there holds nobody. Throws Error(Code::input) where it is damaged: to go on without
  // it would store people who are to be forgotten.
  explicit ForgottenPeople(std::filesystem::path file);

  bool contains(std::string_view platform, std::string_view person) const;
  // The rows of `presence` that are about others.
  Batch without(Batch presence) const;

  // Whether anything changed.
  bool add(const std::vector<PersonId>& people, std::int64_t now);
  bool remove(const std::vector<PersonId>& people);
  // Throws Error(Code::io).
  void save() const;

 private:
  std::string digest_of(std::string_view platform, std::string_view person) const;

  std::filesystem::path file_;
  std::string salt_;
  std::map<std::string, std::string> people_;  // since when, by digest
};

std::filesystem::path forgotten_file(const Project& project);

struct KnownPerson {
  std::vector<PersonId> ids;  // of all sources, sorted
  struct Doubt {
    std::string source;  // which cannot say it
    std::string why;     // without the name
  };
  std::vector<Doubt> doubts;
};

// How the sources of the configuration store the person whom people know by this name. Throws Error(Code::config) where
// a source cannot be made or lacks its key.
KnownPerson known_person(Project& project, std::string_view name);

struct ForgetSummary {
  struct DataSet {
    std::string name;
    std::uint64_t presence = 0, rejects = 0, messages = 0;  // rows removed; messages: of failures, which are blanked
  };
  std::vector<DataSet> data_sets;
  std::uint64_t pages = 0;       // of the cache of HTTP answers
  std::uint64_t recordings = 0;  // files removed
  std::vector<std::string> problems;
};

// Removes what all data sets of the project hold of the person: rows, rejects and failures that mention the name or an
// id, cached pages, and, in the folder `recordings` (empty: none), recordings that mention him. Stores write their
// files anew, where they can, so that no byte is left. The project must be the only process at work in its data sets.
ForgetSummary erase_person(Project& project, std::string_view name, const std::vector<PersonId>& ids,
                           const std::filesystem::path& recordings);

}  // namespace risetime::core
