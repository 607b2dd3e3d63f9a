#pragma once
// What every fuzz target has in common: bad input may throw Error(input), nothing else.

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/error.hpp"

namespace trm {

template <class Action>
int fuzz(const std::uint8_t* data, std::size_t size, Action action) {
  try {
    action(std::as_bytes(std::span(data, size)));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::input) throw;
  }
  return 0;
}

}  // namespace trm
