// .npy arrays, read as floats and as integers.

#include "io/npy.hpp"

#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  trm::fuzz(data, size,
            [](std::span<const std::byte> bytes) { (void)trm::read_npy<float>(trm::ByteSource::view(bytes, "fuzz")); });
  return trm::fuzz(data, size, [](std::span<const std::byte> bytes) {
    (void)trm::read_npy<std::int32_t>(trm::ByteSource::view(bytes, "fuzz"));
  });
}
