// The mapped file: a header slot, then slots in groups that a name's hash chooses.
#include "core/http/shared_table.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <risetime/error.hpp>

#include "core/base/files.hpp"
#include "core/base/hash.hpp"

namespace risetime::core {
namespace {

constexpr std::size_t groups = 256;
constexpr std::size_t slots_per_group = 16;
constexpr std::size_t slot_count = 1 + groups * slots_per_group;  // the first holds the mark of the format
constexpr std::size_t longest_name = 160;
constexpr std::string_view format_mark = "risetime shared table 1";

[[noreturn]] void fail(const std::string& file, const char* what, int reason) {
  throw Error(Code::io, file, std::string(what) + ": " + std::strerror(reason));
}

}  // namespace

struct SharedTable::Slot {
  std::int64_t used_at;
  std::uint64_t name_size;  // 0: free
  char name[longest_name];
  std::int64_t numbers[number_count];

  std::string_view view() const { return {name, std::min<std::size_t>(name_size, longest_name)}; }
};

// The lock of one change, against other threads and other processes.
class SharedTable::Locked {
 public:
  explicit Locked(SharedTable& table) : guard_(table.mutex_), descriptor_(table.descriptor_) {
    if (descriptor_ < 0) return;
    while (::flock(descriptor_, LOCK_EX) != 0)
      if (errno != EINTR) fail(table.file_, "cannot be locked", errno);
  }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;
  ~Locked() {
    if (descriptor_ >= 0) ::flock(descriptor_, LOCK_UN);
  }

 private:
  std::lock_guard<std::mutex> guard_;
  int descriptor_;
};

SharedTable::SharedTable(const std::filesystem::path& file) : file_(file.string()) {
  constexpr std::size_t bytes = slot_count * sizeof(Slot);
  if (!file_.empty()) {
    make_folders(file.parent_path());
    descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail(file_, "cannot be opened", errno);
    // Room is taken at once: a mapped page that finds none later would end the process.
    const int refused = ::posix_fallocate(descriptor_, 0, static_cast<off_t>(bytes));
    if (refused != 0) {
      ::close(descriptor_);
      fail(file_, "there is no room for it", refused);
    }
  }
  const int flags = descriptor_ >= 0 ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS;
  void* const mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, descriptor_, 0);
  if (mapped == MAP_FAILED) {
    const int reason = errno;
    if (descriptor_ >= 0) ::close(descriptor_);
    fail(file_, "cannot be mapped", reason);
  }
  slots_ = static_cast<Slot*>(mapped);
  const Locked lock(*this);
  if (slots_[0].view() == format_mark) return;
  std::memset(mapped, 0, bytes);  // new, or of another format: counting begins anew
  std::copy(format_mark.begin(), format_mark.end(), slots_[0].name);
  slots_[0].name_size = format_mark.size();
}

SharedTable::~SharedTable() {
  ::munmap(slots_, slot_count * sizeof(Slot));
  if (descriptor_ >= 0) ::close(descriptor_);
}

SharedTable::Slot& SharedTable::find(std::string_view name, std::int64_t now) {
  Slot* const group = slots_ + 1 + fnv1a_64(name) % groups * slots_per_group;
  Slot* chosen = group;
  for (Slot* slot = group; slot != group + slots_per_group; ++slot) {
    if (slot->name_size != 0 && slot->view() == name) {
      slot->used_at = now;
      return *slot;
    }
    const bool better = chosen->name_size != 0 && (slot->name_size == 0 || slot->used_at < chosen->used_at);
    if (better) chosen = slot;
  }
  chosen->name_size = 0;  // free until its name stands
  std::fill(std::begin(chosen->numbers), std::end(chosen->numbers), 0);
  std::copy(name.begin(), name.end(), chosen->name);
  chosen->used_at = now;
  chosen->name_size = name.size();
  return *chosen;
}

void SharedTable::change(std::string_view name, std::int64_t now, bool durable,
                         const std::function<void(Numbers&)>& body) {
  const Locked lock(*this);
  Slot& slot = find(name.substr(0, longest_name), now);
  Numbers numbers;
  std::copy(std::begin(slot.numbers), std::end(slot.numbers), numbers.begin());
  body(numbers);
  for (std::size_t i = 0; i < number_count; ++i)
    *static_cast<volatile std::int64_t*>(&slot.numbers[i]) = numbers[i];  // in this order, each whole
  if (durable && descriptor_ >= 0 && ::fdatasync(descriptor_) != 0) fail(file_, "cannot be synced to disk", errno);
}

void SharedTable::each(const std::function<void(std::string_view, const Numbers&)>& visit) {
  const Locked lock(*this);
  for (std::size_t i = 1; i < slot_count; ++i) {
    if (slots_[i].name_size == 0) continue;
    Numbers numbers;
    std::copy(std::begin(slots_[i].numbers), std::end(slots_[i].numbers), numbers.begin());
    visit(slots_[i].view(), numbers);
  }
}

}  // namespace risetime::core
