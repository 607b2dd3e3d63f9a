// Solutions of two tasks that are given.

#include <cstdlib>
#include <string_view>

#include "arc/challenges.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto tasks = trm::arc::parse_challenges(
      R"({"a": {"train": [], "test": [{"input": [[1]]}]}, "b": {"train": [], "test": [{"input": [[2]]}, {"input": [[3]]}]}})",
      "tasks");
  return trm::fuzz(data, size, [](std::span<const std::byte> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const auto solutions = trm::arc::parse_solutions(text, "fuzz", tasks);
    if (solutions.size() != 2 || solutions[0].size() != 1 || solutions[1].size() != 2) std::abort();
  });
}
