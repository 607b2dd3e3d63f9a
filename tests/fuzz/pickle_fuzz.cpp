// The pickle machine and the walk over what it made.

#include "convert/checkpoint/pickle.hpp"

#include <string>

#include "convert/checkpoint/torch_state.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return trm::fuzz(data, size, [](std::span<const std::byte> bytes) {
    const std::string name = "fuzz";
    (void)trm::list_tensors(trm::pickle::parse(bytes, name), name);
  });
}
