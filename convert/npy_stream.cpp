#include "convert/npy_stream.hpp"

#include "convert/npy_header.hpp"
#include "convert/strides.hpp"

namespace trm {

NpyStream::NpyStream(const std::filesystem::path& path, std::span<const std::int64_t> shape) : file_(path) {
  file_.write(npy_header("<f4", shape));
  data_offset_ = file_.size();
  const auto bytes = static_cast<std::uint64_t>(*element_count(shape)) * sizeof(float);
  // The last byte fixes the file's length; what lies before it is zero until written.
  if (bytes > 0) file_.overwrite(data_offset_ + bytes - 1, std::as_bytes(std::span("", 1)));
}

void NpyStream::write(std::int64_t first, std::span<const float> values) {
  file_.overwrite(data_offset_ + static_cast<std::uint64_t>(first) * sizeof(float), std::as_bytes(values));
}

void NpyStream::commit() {
  file_.commit();
}

}  // namespace trm
