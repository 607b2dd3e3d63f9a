// all_config.yaml, and a data set's dataset.json.

#include "convert/model_config.hpp"

#include <string>

#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  trm::fuzz(data, size, [&](std::span<const std::byte> /*bytes*/) {
    (void)trm::read_model_config({"fuzz.yaml", text}, {}, {.families = {trm::all_families()[0]}});
  });
  return trm::fuzz(data, size,
                   [&](std::span<const std::byte> /*bytes*/) { (void)trm::parse_data_set_sizes(text, "fuzz.json"); });
}
