// A few numbers by name in one file that all processes of a project share: what politeness and quotas count with.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace risetime::core {

// The file is mapped, a change holds a lock on it, and the kernel frees the lock of a process that dies. Each number is
// stored whole or not at all, in the order of the array; owners must bear a change that stops between two of them.
// Where more than 16 names fall on the same place, the one that was changed longest ago gives way. Any thread may call.
class SharedTable {
 public:
  static constexpr std::size_t number_count = 8;
  using Numbers = std::array<std::int64_t, number_count>;

  // An empty path keeps the table in memory. Throws Error(Code::io), also where the disk has no room.
  explicit SharedTable(const std::filesystem::path& file = {});
  SharedTable(const SharedTable&) = delete;
  SharedTable& operator=(const SharedTable&) = delete;
  ~SharedTable();

  // Runs body on the numbers of a name (zeros for a new one) and keeps what it leaves, unless it throws. `now` orders
  // names by use. durable: on disk before this returns. Names longer than 160 bytes are cut.
  void change(std::string_view name, std::int64_t now, bool durable, const std::function<void(Numbers&)>& body);
  // Every name with its numbers, in no order.
  void each(const std::function<void(std::string_view, const Numbers&)>& visit);

 private:
  struct Slot;
  class Locked;
  Slot& find(std::string_view name, std::int64_t now);

  std::string file_;
  int descriptor_ = -1;
  Slot* slots_ = nullptr;
  std::mutex mutex_;
};

}  // namespace risetime::core
