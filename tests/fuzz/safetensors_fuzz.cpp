// .safetensors: the header, the checks on it, reading.

#include "tests/fuzz/checkpoint_fuzz.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 9 || data[0] == 'P' || data[0] == 0x80) return -1;  // another container's business
  return trm::fuzz(data, size, trm::open_and_read);
}
