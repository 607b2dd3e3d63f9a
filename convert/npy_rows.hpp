#pragma once
// Rows of a large integer .npy [N, columns], read as they are needed, so that a
// data set larger than memory can be worked through.

#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>

#include "convert/byte_source.hpp"
#include "convert/npy.hpp"

namespace trm {

class NpyRows {
 public:
  // Throws Error(input) unless the file is a C-order integer array of two axes that it holds wholly.
  [[nodiscard]] static NpyRows open(const std::filesystem::path& path);

  [[nodiscard]] std::int64_t rows() const { return header_.shape[0]; }
  [[nodiscard]] std::int64_t columns() const { return header_.shape[1]; }
  // Rows from `first` on, as many as fill `out` [n, columns].
  void read(std::int64_t first, std::span<std::int32_t> out) const;

 private:
  NpyRows(ByteSource source, NpyHeader header) : source_(std::move(source)), header_(std::move(header)) {}

  ByteSource source_;
  NpyHeader header_;
};

}  // namespace trm
