#include "arc/model_task.hpp"

#include "tests/catch.hpp"

namespace trm::arc {
namespace {

std::string_view task(std::int64_t cells, std::int64_t tokens) {
  Hyperparameters h;
  h.seq_len = cells;
  h.vocab_size = tokens;
  return task_of(h);
}

}  // namespace

TEST_CASE("The sizes of a model tell what it is for") {
  CHECK(task(81, 11) == "sudoku");
  CHECK(task(81, 12) == "sudoku");  // nano-trm's tokens
  CHECK(task(900, 12) == "arc");
  CHECK(task(100, 12) == "arc");  // a smaller canvas
  CHECK(task(900, 6) == "maze");
  CHECK(task(121, 6) == "maze");
  CHECK(task(1024, 12).empty());  // larger than any canvas
  CHECK(task(120, 6).empty());
  CHECK(task(81, 13).empty());
}

}  // namespace trm::arc
