// The one error type of risetime: what happened, where, and what to do; it crosses the boundary as risetime_error.
#pragma once

#include <risetime/abi.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

namespace risetime {

enum class Code : std::int32_t {
  config = RISETIME_ERROR_CONFIG,            // a setting is wrong: the user must change it
  input = RISETIME_ERROR_INPUT,              // data is not as promised
  state = RISETIME_ERROR_STATE,              // called out of order, or a saved state does not fit
  io = RISETIME_ERROR_IO,                    // disk or network: may pass
  limited = RISETIME_ERROR_LIMITED,          // told to slow down
  cancelled = RISETIME_ERROR_CANCELLED,      // the host asked to stop
  unsupported = RISETIME_ERROR_UNSUPPORTED,  // not offered here
  internal = RISETIME_ERROR_INTERNAL,        // a defect
};

class Error : public std::runtime_error {
 public:
  // `where` is a config path, file:line:column, column or URL (without secrets); empty where there is none.
  // retry_after_ms >= 0 says that trying again after that time may work.
  Error(Code code, std::string where, std::string message, std::int64_t retry_after_ms = -1)
      : std::runtime_error(where.empty() ? message : where + ": " + message),
        code_(code),
        where_(std::move(where)),
        message_(std::move(message)),
        retry_after_ms_(retry_after_ms) {}

  Code code() const noexcept { return code_; }
  const std::string& where() const noexcept { return where_; }
  const std::string& message() const noexcept { return message_; }
  std::int64_t retry_after_ms() const noexcept { return retry_after_ms_; }

 private:
  Code code_;
  std::string where_;
  std::string message_;
  std::int64_t retry_after_ms_;
};

inline const char* name_of(Code code) noexcept {
  switch (code) {
    case Code::config:
      return "config";
    case Code::input:
      return "input";
    case Code::state:
      return "state";
    case Code::io:
      return "io";
    case Code::limited:
      return "limited";
    case Code::cancelled:
      return "cancelled";
    case Code::unsupported:
      return "unsupported";
    case Code::internal:
      return "internal";
  }
  return "unknown";
}

namespace abi {

// Copies as much as fits, never cutting a UTF-8 sequence in two, and ends with NUL.
template <std::size_t Size>
void copy_text(char (&to)[Size], std::string_view from) noexcept {
  std::size_t length = std::min(from.size(), Size - 1);
  if (length < from.size()) {
    while (length > 0 && (static_cast<unsigned char>(from[length]) & 0xC0U) == 0x80U) --length;
  }
  if (length > 0) std::memcpy(to, from.data(), length);
  to[length] = '\0';
}

inline risetime_error empty_error() noexcept {
  risetime_error error{};
  error.size = sizeof(risetime_error);
  error.retry_after_ms = -1;
  return error;
}

inline risetime_status fill(risetime_error* out, Code code, std::string_view where, std::string_view message,
                            std::int64_t retry_after_ms = -1) noexcept {
  if (out != nullptr && out->size >= sizeof(risetime_error)) {
    out->code = static_cast<std::int32_t>(code);
    out->retry_after_ms = retry_after_ms;
    copy_text(out->where, where);
    copy_text(out->message, message);
  }
  return static_cast<risetime_status>(code);
}

// Turns the exception being handled into a status; call inside catch (...).
inline risetime_status fill_from_exception(risetime_error* out) noexcept {
  try {
    throw;
  } catch (const Error& error) {
    return fill(out, error.code(), error.where(), error.message(), error.retry_after_ms());
  } catch (const std::bad_alloc&) {
    return fill(out, Code::internal, "", "out of memory");
  } catch (const std::exception& error) {
    return fill(out, Code::internal, "", error.what());
  } catch (...) {
    return fill(out, Code::internal, "", "an exception that is no std::exception");
  }
}

// Runs body and turns what it throws into a status. body returns risetime_status or nothing.
template <class Body>
risetime_status guarded(risetime_error* error, Body&& body) noexcept {
  try {
    if constexpr (std::is_void_v<decltype(body())>) {
      body();
      return RISETIME_OK;
    } else {
      return body();
    }
  } catch (...) {
    return fill_from_exception(error);
  }
}

// Throws what the other side reported; gives back a status >= 0 as it is.
inline risetime_status check(risetime_status status, const risetime_error& error) {
  if (status >= 0) return status;
  const auto known = status >= RISETIME_ERROR_INTERNAL ? static_cast<Code>(status) : Code::internal;
  std::string message(error.message, strnlen(error.message, sizeof error.message));
  std::string where(error.where, strnlen(error.where, sizeof error.where));
  if (message.empty()) message = "failed without saying why (status " + std::to_string(status) + ")";
  throw Error(known, std::move(where), std::move(message), error.retry_after_ms);
}

inline risetime_text text(std::string_view value) noexcept { return {value.data(), value.size()}; }
inline risetime_bytes bytes(std::string_view value) noexcept { return {value.data(), value.size()}; }
inline std::string_view view(risetime_text value) noexcept {
  return value.size == 0 ? std::string_view() : std::string_view(value.data, value.size);
}
inline std::string_view view(risetime_bytes value) noexcept {
  return value.size == 0 ? std::string_view() : std::string_view(static_cast<const char*>(value.data), value.size);
}

// A sink that appends to a string.
inline risetime_sink string_sink(std::string& to) noexcept {
  return {sizeof(risetime_sink), &to, [](void* context, risetime_bytes bytes, risetime_error* error) {
            return guarded(error, [&] { static_cast<std::string*>(context)->append(view(bytes)); });
          }};
}

// Writes all of value to a sink that the other side gave.
inline void write(const risetime_sink& sink, std::string_view value) {
  auto error = empty_error();
  check(sink.write(sink.context, bytes(value), &error), error);
}

}  // namespace abi
}  // namespace risetime
