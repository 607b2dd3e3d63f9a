#pragma once
// The compression function of SHA-256, portable and with the SHA extensions of x86-64. The tests compare them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace trm::sha256 {

// Adds whole blocks of 64 bytes to a state.
using AddBlocks = void (*)(std::array<std::uint32_t, 8>& state, std::span<const std::byte> blocks);

void add_blocks_portable(std::array<std::uint32_t, 8>& state, std::span<const std::byte> blocks);
// nullptr where this processor, or the architecture, has no such instructions.
[[nodiscard]] AddBlocks processors_own();
[[nodiscard]] inline AddBlocks fastest() {
  const AddBlocks own = processors_own();
  return own != nullptr ? own : add_blocks_portable;
}

}  // namespace trm::sha256
