// torch.save's format from before 2020: five pickles, then the storages.

#include "tests/fuzz/checkpoint_fuzz.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 32 || data[0] != 0x80) return -1;  // another container's business
  return trm::fuzz(data, size, trm::open_and_read);
}
