#include "convert/small_file.hpp"

#include <span>

#include "convert/byte_source.hpp"
#include "runtime/error.hpp"

namespace trm {

std::string read_small_file(const std::filesystem::path& path, std::uint64_t limit) {
  const ByteSource source = ByteSource::open(path);
  if (source.size() > limit) {
    throw input_error(path.string(), "",
                      "has " + std::to_string(source.size()) + " bytes, far more than such a file has",
                      "check that it is the right file");
  }
  std::string text(source.size(), '\0');
  source.read(0, std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace trm
