// Reads the ELF note of a plugin from its program headers, which survive strip.
#include "core/plugin/note.hpp"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <risetime/error.hpp>
#include <sstream>

namespace risetime::core {

namespace {

[[noreturn]] void refuse(const std::string& where, const std::string& why) { throw Error(Code::input, where, why); }

// A struct at an offset of the file; throws if the file ends before it does.
template <class T>
T at(std::string_view elf, std::uint64_t offset, const std::string& where) {
  if (offset > elf.size() || elf.size() - offset < sizeof(T))
    refuse(where, "the file is cut short; build or copy the plugin again");
  T value;
  std::memcpy(&value, elf.data() + offset, sizeof value);
  return value;
}

Elf64_Ehdr read_header(std::string_view elf, const std::string& where) {
  if (elf.size() < SELFMAG || std::memcmp(elf.data(), ELFMAG, SELFMAG) != 0)
    refuse(where, "this is not a shared object (no ELF header)");
  const auto header = at<Elf64_Ehdr>(elf, 0, where);
#if defined(__x86_64__)
  constexpr Elf64_Half own_machine = EM_X86_64;
#elif defined(__aarch64__)
  constexpr Elf64_Half own_machine = EM_AARCH64;
#endif
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_machine != own_machine)
    refuse(where, "this shared object is for another kind of processor; build it on this machine");
  if (header.e_type != ET_DYN) refuse(where, "this ELF file is not a shared object");
  const std::uint64_t sections_end = header.e_shoff + std::uint64_t{header.e_shnum} * header.e_shentsize;
  if (sections_end > elf.size()) refuse(where, "the file is cut short; build or copy the plugin again");
  return header;
}

// Every loaded segment must be in the file whole: mapping past its end kills the process.
void check_segments(std::string_view elf, const Elf64_Ehdr& header, const std::string& where) {
  for (Elf64_Half i = 0; i < header.e_phnum; ++i) {
    const auto segment = at<Elf64_Phdr>(elf, header.e_phoff + std::uint64_t{i} * header.e_phentsize, where);
    if (segment.p_type == PT_LOAD &&
        (segment.p_offset > elf.size() || segment.p_filesz > elf.size() - segment.p_offset))
      refuse(where, "the file is cut short; build or copy the plugin again");
  }
}

constexpr std::uint64_t aligned(std::uint64_t size) { return (size + 3) & ~std::uint64_t{3}; }

std::optional<std::string> note_text(std::string_view notes) {
  while (notes.size() >= sizeof(Elf64_Nhdr)) {
    Elf64_Nhdr header;
    std::memcpy(&header, notes.data(), sizeof header);
    notes.remove_prefix(sizeof header);
    const std::uint64_t name_size = aligned(header.n_namesz);
    const std::uint64_t text_size = aligned(header.n_descsz);
    if (name_size > notes.size() || text_size > notes.size() - name_size) return std::nullopt;
    const std::string_view name = notes.substr(0, header.n_namesz);
    const std::string_view text = notes.substr(name_size, header.n_descsz);
    if (name == std::string_view("risetime\0", 9)) return std::string(text.substr(0, text.find('\0')));
    notes.remove_prefix(name_size + text_size);
  }
  return std::nullopt;
}

std::string find_text(std::string_view elf, const std::string& where) {
  const Elf64_Ehdr header = read_header(elf, where);
  check_segments(elf, header, where);
  for (Elf64_Half i = 0; i < header.e_phnum; ++i) {
    const auto segment = at<Elf64_Phdr>(elf, header.e_phoff + std::uint64_t{i} * header.e_phentsize, where);
    if (segment.p_type != PT_NOTE) continue;
    if (segment.p_offset > elf.size() || segment.p_filesz > elf.size() - segment.p_offset)
      refuse(where, "the file is cut short; build or copy the plugin again");
    if (auto text = note_text(elf.substr(segment.p_offset, segment.p_filesz))) return *text;
  }
  refuse(where,
         "this shared object is no risetime plugin (it has no .note.risetime); end one of its sources with "
         "RISETIME_PLUGINS(...)");
}

PluginNote parse(const std::string& text, const std::string& where) {
  PluginNote note;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string key;
    char point = 0;
    words >> key;
    if (key == "abi") {
      words >> note.abi_major >> point >> note.abi_minor;
    } else if (key == "minimum") {
      words >> note.minimum_major >> point >> note.minimum_minor;
    } else if (key == "compiler") {
      note.compiler = line.substr(std::min(line.size(), key.size() + 1));
    } else if (key == "library") {
      words >> note.library;
    } else if (key == "plugin") {
      NotedPlugin plugin;
      words >> plugin.id >> plugin.version;
      for (std::string capability; words >> capability;) plugin.capabilities.push_back(capability);
      note.plugins.push_back(std::move(plugin));
    } else if (key == "summary" && !note.plugins.empty()) {
      note.plugins.back().summary = line.substr(std::min(line.size(), key.size() + 1));
    }  // other lines are from newer SDKs
  }
  if (note.abi_major <= 0) refuse(where, "its .note.risetime cannot be read; build the plugin again");
  return note;
}

}  // namespace

PluginNote read_note(std::string_view elf, const std::string& where) { return parse(find_text(elf, where), where); }

PluginNote read_note(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw Error(Code::io, file.string(), std::string("it cannot be opened: ") + std::strerror(errno));
  struct stat status {};
  const bool known = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  const auto size = known ? static_cast<std::size_t>(status.st_size) : 0;
  void* mapped = size == 0 ? MAP_FAILED : ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  ::close(descriptor);
  if (mapped == MAP_FAILED) refuse(file.string(), "this is not a shared object (no ELF header)");
  struct Unmap {
    void* address;
    std::size_t size;
    ~Unmap() { ::munmap(address, size); }
  } const unmap{mapped, size};
  return read_note(std::string_view(static_cast<const char*>(mapped), size), file.string());
}

void check_compatible(const PluginNote& note, const std::string& where) {
  const auto number = [](int major, int minor) { return std::to_string(major) + "." + std::to_string(minor); };
  if (note.abi_major != RISETIME_ABI_MAJOR)
    throw Error(Code::unsupported, where,
                "it was built for version " + std::to_string(note.abi_major) +
                    " of the plugin interface, this host has " + std::to_string(RISETIME_ABI_MAJOR) +
                    "; build it against this host's SDK");
  if (note.minimum_major > RISETIME_ABI_MAJOR || note.minimum_minor > RISETIME_ABI_MINOR)
    throw Error(Code::unsupported, where,
                "it needs version " + number(note.minimum_major, note.minimum_minor) +
                    " of the plugin interface, this host has " + number(RISETIME_ABI_MAJOR, RISETIME_ABI_MINOR) +
                    "; update risetime, or build the plugin against this host's SDK");
}

}  // namespace risetime::core
