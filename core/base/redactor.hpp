// Secret values: memory that is wiped, and the filter that takes them out of every text that leaves the process.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace risetime::core {

// A text whose memory is overwritten before it is freed; it neither copies nor moves, so that no stray copy is left.
class SecretText {
 public:
  explicit SecretText(std::string_view value);
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;
  ~SecretText();

  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::size_t size_;
  std::unique_ptr<char[]> bytes_;
};

// Overwrites what a string holds, in a way that the compiler keeps.
void wipe(std::string& text) noexcept;

// Replaces registered values by "***", as they are and as they stand percent-encoded in a URL or escaped in JSON.
// Every function may be called from any thread.
class Redactor {
 public:
  // An empty value is ignored: it would match everywhere.
  void add(std::string_view value);
  std::string redact(std::string_view text) const;

 private:
  void add_form(std::string_view form);

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<SecretText>> forms_;  // longest first, so that a value inside another leaves no rest
};

}  // namespace risetime::core
