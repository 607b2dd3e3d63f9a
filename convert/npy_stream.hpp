#pragma once
// A float32 .npy that is written in pieces, in any order and from any thread,
// because it may be larger than memory. It appears whole or not at all.

#include <cstdint>
#include <filesystem>
#include <span>

#include "models/atomic_file.hpp"

namespace trm {

class NpyStream {
 public:
  NpyStream(const std::filesystem::path& path, std::span<const std::int64_t> shape);

  // Values from element `first` on, in C order. What is never written is zero.
  void write(std::int64_t first, std::span<const float> values);
  void commit();  // once, at the end

 private:
  AtomicFile file_;
  std::uint64_t data_offset_ = 0;
};

}  // namespace trm
