// What docs/embedding.md tells of the sources in your tree: solves a sudoku with the bundled model.

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "models/model.hpp"

int main(int argc, char** argv) {
  const std::string puzzle = argc > 2 ? argv[2] : "";
  try {
    const trm::Model model = trm::Model::load(argc > 1 ? argv[1] : "sudoku.gguf", trm::kernel_set());
    std::vector<std::int32_t> cells;  // token: digit + 1, a blank is 1
    for (const char c : puzzle) cells.push_back(c == '.' ? 1 : c - '0' + 1);
    const std::vector<trm::Sample> samples = {{.inputs = cells}};
    trm::run(model, samples, {.steps = 16}, [&](const trm::StepResult& result) {
      std::vector<std::int32_t> tokens(cells.size());
      trm::argmax(result.logits, model.hyperparameters().vocab_size, tokens);
      for (const std::int32_t token : tokens) std::putchar('0' + token - 1);
      std::printf("  after %d steps\n", static_cast<int>(result.step));
    });
  } catch (const trm::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
