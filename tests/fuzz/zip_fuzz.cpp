// torch.save zips and .npz: the zip's directory, the pickle in the archive, arrays' headers, reading.

#include "tests/fuzz/checkpoint_fuzz.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || data[0] != 'P' || data[1] != 'K') return -1;  // another container's business
  return trm::fuzz(data, size, trm::open_and_read);
}
