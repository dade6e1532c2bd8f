// Fuzzes the reader of exported files: whatever the bytes, it ends with items or an Error, and a reader that goes on
// from any place reads the same as one that read on.
#include <cstdlib>
#include <risetime/error.hpp>
#include <sstream>

#include "export_reader.hpp"

namespace {

using namespace risetime::tiktok;

void require(bool holds) {
  if (!holds) std::abort();
}

ExportReader reader_of(const std::string& text) { return {std::make_unique<std::istringstream>(text), "fuzz"}; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    ExportReader reader = reader_of(text);
    std::uint64_t line = 0;
    for (std::uint64_t before = 0;;) {
      const ExportPlace place = reader.place();
      require(place.offset <= text.size());
      const auto found = reader.next();
      if (!found) break;
      require(found->item.record.has_value() == found->item.problem.empty());
      require(found->line >= line && reader.place().offset > before);
      line = found->line;
      before = reader.place().offset;
      ExportReader other = reader_of(text);
      other.go_to(place);
      const auto same = other.next();
      require(same && same->line == found->line && same->item.problem == found->item.problem);
      require(other.place().offset == reader.place().offset);
    }
  } catch (const risetime::Error& error) {
    require(error.code() == risetime::Code::input);
  }
  return 0;
}
