// How far a source of files has come: per file the last record that was handed over, and what the file looked like
// then.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "stream.hpp"

namespace risetime::file {

enum class Progress { reading, done, failed };

struct FileProgress {
  std::string settings;  // fingerprint of the settings it was read with: others mean reading it again
  FileState state;       // when it was opened
  std::string head;      // fingerprint of its first head_bytes
  std::int64_t head_bytes = 0;
  Progress progress = Progress::reading;
  std::string failed_at, failure;  // where and why, if it failed
  // The last record: read again before going on, so that a file that was replaced, or a line that was only half
  // written, is noticed. Nothing was handed over while `last` is empty.
  std::uint64_t offset = 0, line = 0;
  std::uint64_t length = 0;  // of the record
  std::string last;          // its fingerprint
  bool terminated = true;    // it had an end of line
};

struct PictureProgress {
  std::string settings;
  std::string listing;        // fingerprint of names, sizes and times of the sweep that is on, or was last
  std::string after;          // the last name handed over; empty: the sweep is over
  std::int64_t seen_us = 0;   // changes up to this time were handed over by earlier sweeps
  std::int64_t sweep_us = 0;  // the latest change when this sweep began
};

struct Cursor {
  std::map<std::string, FileProgress> files;  // by "part:name"
  PictureProgress pictures;

  std::string dump() const;
  // Empty text is the beginning. Throws Error(Code::state) if it is no cursor of this source.
  static Cursor parse(std::string_view text);
};

}  // namespace risetime::file
