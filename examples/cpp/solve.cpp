// Solves sudokus: solve MODEL PUZZLE. C++17.
#include <cstdio>
#include <exception>
#include <trm.hpp>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    const auto model = trm::Model::load(argv[1]);
    trm::Session session(model);
    const trm::Puzzles sudokus(TRM_SUDOKU);
    const auto solutions = session.solve(sudokus.read(argv[2]));
    std::puts(sudokus.write(solutions.answers.data()).c_str());
    return solutions.solved(0) ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 3;
  }
}
