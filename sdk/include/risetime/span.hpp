// A view of consecutive values: C++17's missing std::span, read-only by default.
#pragma once

#include <cstddef>
#include <type_traits>
#include <vector>

namespace risetime {

template <class T>
class Span {
 public:
  constexpr Span() noexcept = default;
  constexpr Span(T* data, std::size_t size) noexcept : data_(data), size_(size) {}
  Span(const std::vector<std::remove_const_t<T>>& values) noexcept : data_(values.data()), size_(values.size()) {}

  constexpr T* data() const noexcept { return data_; }
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr bool empty() const noexcept { return size_ == 0; }
  constexpr T& operator[](std::size_t index) const noexcept { return data_[index]; }
  constexpr T* begin() const noexcept { return data_; }
  constexpr T* end() const noexcept { return data_ + size_; }
  constexpr T& front() const noexcept { return data_[0]; }
  constexpr T& back() const noexcept { return data_[size_ - 1]; }
  constexpr Span first(std::size_t count) const noexcept { return {data_, count}; }
  constexpr Span subspan(std::size_t from) const noexcept { return {data_ + from, size_ - from}; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace risetime
