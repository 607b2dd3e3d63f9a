// Challenges, and the same bytes as solutions; a grid that is read must survive being written and read again.

#include "arc/challenges.hpp"

#include <cstdlib>
#include <string_view>

#include "arc/grid_json.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return trm::fuzz(data, size, [](std::span<const std::byte> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const auto tasks = trm::arc::parse_challenges(text, "fuzz");
    for (const auto& task : tasks) {
      const std::string again = "{" + trm::arc::json_string(task.name) + R"(: {"train": [], "test": [{"input": )" +
                                trm::arc::to_json(task.test.front()) + "}]}}";
      const auto read = trm::arc::parse_challenges(again, "again");
      if (read.size() != 1 || read[0].name != task.name || read[0].test[0] != task.test.front()) std::abort();
    }
    (void)trm::arc::parse_solutions(text, "fuzz", tasks);
  });
}
