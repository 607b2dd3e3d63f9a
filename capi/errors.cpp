// trm_error: from an exception to one line of UTF-8 whose parts can be told apart.

#include <exception>
#include <filesystem>
#include <new>
#include <string_view>
#include <system_error>

#include "capi/guard.hpp"

namespace trm::capi {
namespace {

// The length of the UTF-8 character at the start of `text`; 0: there is none.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = byte(0) < 0x80                       ? 1
                             : byte(0) >= 0xc2 && byte(0) <= 0xdf ? 2
                             : byte(0) >= 0xe0 && byte(0) <= 0xef ? 3
                             : byte(0) >= 0xf0 && byte(0) <= 0xf4 ? 4
                                                                  : 0;
  if (length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  if (length >= 3 && ((byte(0) == 0xe0 && byte(1) < 0xa0) || (byte(0) == 0xed && byte(1) > 0x9f))) return 0;
  if (length == 4 && ((byte(0) == 0xf0 && byte(1) < 0x90) || (byte(0) == 0xf4 && byte(1) > 0x8f))) return 0;
  return length;
}

// Appends to the message of a trm_error while there is room for whole characters and the final NUL.
class Message {
 public:
  explicit Message(trm_error& error) : error_(error) {}

  trm_span append(std::string_view text) {
    const auto begin = static_cast<std::uint32_t>(used_);
    while (!full_ && !text.empty()) {
      const std::size_t length = character_length(text);
      const bool shown = length > 1 || (length == 1 && static_cast<unsigned char>(text.front()) >= ' ');
      put(shown ? text.substr(0, length) : length == 1 ? " " : "?");  // one line, whatever a file's name holds
      text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return {begin, static_cast<std::uint32_t>(used_) - begin};
  }
  [[nodiscard]] bool empty() const { return used_ == 0; }

 private:
  void put(std::string_view character) {
    full_ = used_ + character.size() >= sizeof(error_.message);
    if (full_) return;
    std::memcpy(error_.message + used_, character.data(), character.size());
    used_ += character.size();
    error_.message[used_] = '\0';
  }

  trm_error& error_;
  std::size_t used_ = 0;
  bool full_ = false;
};

// The options structs of the C interface call a few settings by other names than those of C++.
std::string_view c_name(std::string_view setting) {
  if (setting == "task") return {};  // the program's way to say seq_len
  if (setting == "seq_len") return "cells";
  if (setting == "isa") return "kernel_set";
  return setting;
}

// "FILE: PLACE: WHAT; REMEDY", as to_text() of base/error.hpp.
trm_status write(trm_error* error, trm_status status, const ErrorParts& parts) {
  if (error == nullptr) return status;
  error->status = status;
  error->message[0] = '\0';
  Message message(*error);
  const auto part = [&](const char* separator, const std::string& text) {
    if (!text.empty() && !message.empty()) message.append(separator);
    return message.append(text);
  };
  error->file = part(": ", parts.file);
  error->place = part(": ", parts.place);
  error->what = part(": ", parts.what);
  error->remedy = part("; ", parts.remedy);
  return status;
}

// Allocates nothing: no memory is left where this is called.
trm_status write_plain(trm_error* error, trm_status status, std::string_view what) {
  if (error == nullptr) return status;
  error->status = status;
  error->message[0] = '\0';
  error->file = error->place = error->remedy = {0, 0};
  error->what = Message(*error).append(what);
  return status;
}

trm_status status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::work:
      return TRM_ERROR_WORK;
    case ErrorKind::usage:
      return TRM_ERROR_USAGE;
    case ErrorKind::input:
      return TRM_ERROR_INPUT;
    case ErrorKind::io:
      return TRM_ERROR_IO;
  }
  return TRM_ERROR_WORK;
}

trm_status report_throwing(trm_error* error) {
  try {
    throw;
  } catch (const Cancelled&) {
    return write_plain(error, TRM_CANCELLED, "a callback stopped the call");
  } catch (const Error& failure) {
    return write(error, status_of(failure.kind()), with_settings(failure, c_name));
  } catch (const std::bad_alloc&) {
    return write_plain(error, TRM_ERROR_MEMORY, "not enough memory");
  } catch (const std::length_error&) {
    return write_plain(error, TRM_ERROR_MEMORY, "more memory is needed than any process can have");
  } catch (const std::filesystem::filesystem_error& failure) {
    return write_plain(error, TRM_ERROR_IO, failure.what());
  } catch (const std::system_error& failure) {  // of a thread that cannot be started
    return write_plain(error, TRM_ERROR_MEMORY, failure.what());
  } catch (const std::exception& failure) {
    return write_plain(error, TRM_ERROR_WORK, failure.what());
  } catch (...) {
    return write_plain(error, TRM_ERROR_WORK, "a callback threw an exception");
  }
}

}  // namespace

trm_status report(trm_error* error) noexcept {
  try {
    return report_throwing(error);
  } catch (...) {  // no memory for the words
    return write_plain(error, TRM_ERROR_MEMORY, "not enough memory");
  }
}

void refuse(std::string name, std::string what, std::string remedy) {
  throw Error(
      ErrorKind::usage,
      {.file = {}, .place = std::move(name), .what = std::move(what), .remedy = std::move(remedy), .settings = {}});
}

void refuse_size(const char* name, std::size_t given, std::size_t least) {
  refuse(std::string(name) + ".size",
         std::to_string(given) + " is the size of no such struct, which has " + std::to_string(least) + " bytes",
         "set it to sizeof of the struct");
}

void write_text(const std::string& text, char* buffer, std::size_t capacity, std::size_t* length) {
  if (length != nullptr) *length = text.size();
  if (buffer == nullptr || capacity == 0) return;
  const std::size_t written = std::min(text.size(), capacity - 1);
  std::memcpy(buffer, text.data(), written);
  buffer[written] = '\0';
}

}  // namespace trm::capi
