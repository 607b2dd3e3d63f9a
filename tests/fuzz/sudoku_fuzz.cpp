// Sudoku texts of every layout; what is read must survive being written and read again.

#include "puzzles/sudoku.hpp"

#include <cstdlib>
#include <string_view>

#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return trm::fuzz(data, size, [](std::span<const std::byte> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    for (const auto& puzzle : trm::sudoku::parse(text, "fuzz")) {
      const auto again = trm::sudoku::parse(trm::sudoku::to_line(puzzle.question), "again");
      if (again.size() != 1 || again[0].question != puzzle.question) std::abort();
      (void)trm::sudoku::faults(puzzle.question, puzzle.answer.value_or(puzzle.question));
    }
  });
}
