#pragma once
// What every function of trm.h does first and last: it reads the caller's structs by their sizes, and turns exceptions
// into a status and a trm_error.

#include <trm.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>

#include "base/error.hpp"

namespace trm::capi {

// Thrown where a callback of the caller stops a call.
struct Cancelled {};

// The exception that is being handled becomes a status, and `error` says it in words; null: nobody asked.
[[nodiscard]] trm_status report(trm_error* error) noexcept;

// Runs `body`, which may throw anything.
template <class Body>
[[nodiscard]] trm_status guarded(trm_error* error, const Body& body) noexcept {
  if (error != nullptr && error->size < sizeof(trm_error)) return TRM_ERROR_USAGE;  // there is no room for a word
  try {
    body();
    return TRM_OK;
  } catch (...) {
    return report(error);
  }
}

// An argument, or a field of a struct, that no call can have.
[[noreturn]] void refuse(std::string name, std::string what, std::string remedy = {});

template <class T>
T& required(T* pointer, const char* name) {
  if (pointer == nullptr) refuse(name, "is NULL");
  return *pointer;
}

// The number that an enumeration of the caller holds. As a value of its C++ type it might be none that the type can
// have.
template <class Enumeration>
[[nodiscard]] int number_of(const Enumeration& value) {
  static_assert(sizeof value == sizeof(int));
  int number = 0;
  std::memcpy(&number, &value, sizeof number);
  return number;
}

// The size that a struct had in the first release that has it: the least that a caller can have compiled. When a struct
// grows, this is specialised.
template <class T>
inline constexpr std::size_t first_size = sizeof(T);

// A longer struct of a later release is welcome while all that this release does not know is zero. Sizes beyond this
// bound are no sizes of any release, but memory that nobody initialised.
inline constexpr std::size_t most_size = 4096;

[[noreturn]] void refuse_size(const char* name, std::size_t given, std::size_t least);

template <class T>
void check_size(const T& given, const char* name) {
  if (given.size < first_size<T> || given.size > most_size) refuse_size(name, given.size, sizeof(T));
}

// A struct that the caller filled; null: all defaults.
template <class T>
[[nodiscard]] T read_struct(const T* given, const char* name) {
  T known{};
  if (given == nullptr) return known;
  check_size(*given, name);
  std::memcpy(static_cast<void*>(&known), given, std::min(given->size, sizeof(T)));
  const auto* bytes = reinterpret_cast<const unsigned char*>(given);
  for (std::size_t i = sizeof(T); i < given->size; ++i) {
    if (bytes[i] != 0) refuse(name, "sets a field that this release does not know", "use a newer release of libtrm");
  }
  return known;
}

// A struct for the caller, as much of it as the caller knows.
template <class T>
void write_struct(T* given, T value, const char* name) {
  T& out = required(given, name);
  check_size(out, name);
  value.size = out.size;
  std::memcpy(static_cast<void*>(&out), &value, std::min(out.size, sizeof(T)));
}

// A text for a buffer of `capacity` bytes: cut at its end, always with its NUL. `*length` is that of the whole text.
void write_text(const std::string& text, char* buffer, std::size_t capacity, std::size_t* length);

// An element of an array of the caller's, if it is wanted.
template <class T>
void write_value(T* array, std::size_t index, T value) {
  if (array != nullptr) array[index] = value;
}

}  // namespace trm::capi
