// Maze texts, of a side that the first byte picks; what is read must survive being
// written and read again, and its verdict must not fail.

#include "puzzles/maze.hpp"

#include <cstdlib>
#include <string_view>

#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t side = 2 + data[0] % 6;
  return trm::fuzz(data + 1, size - 1, [&](std::span<const std::byte> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    for (const auto& puzzle : trm::maze::parse(text, "fuzz", side)) {
      const auto again = trm::maze::parse(trm::maze::to_text(puzzle.question), "again", side);
      if (again.size() != 1 || again[0].question != puzzle.question) std::abort();
      (void)trm::maze::check(puzzle.question, puzzle.answer.value_or(puzzle.question));
    }
  });
}
