#include "convert/npy_rows.hpp"

#include <utility>

#include "runtime/error.hpp"

namespace trm {

NpyRows NpyRows::open(const std::filesystem::path& path) {
  ByteSource source = ByteSource::open(path);
  NpyHeader header = read_npy_header(source);
  if (header.shape.size() != 2 || header.fortran_order) {
    throw input_error(source.name(), "npy header",
                      "has " + std::to_string(header.shape.size()) + (header.shape.size() == 1 ? " axis" : " axes") +
                          (header.fortran_order ? " in Fortran order" : ""),
                      "[examples, cells] in C order is needed");
  }
  return {std::move(source), std::move(header)};
}

void NpyRows::read(std::int64_t first, std::span<std::int32_t> out) const {
  read_npy_elements<std::int32_t>(source_, header_, first * columns(), out);
}

}  // namespace trm
