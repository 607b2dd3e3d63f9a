// Watches a model think: watch MODEL PUZZLE prints its answer after every step. C++17.
#include <cstdio>
#include <exception>
#include <trm.hpp>

struct Watched {
  trm::Puzzles sudokus{TRM_SUDOKU};
  std::vector<std::int32_t> question;
};

static int print_step(void* context, const trm_solve_step* step) {
  const auto& watched = *static_cast<const Watched*>(context);
  std::printf("try %d, step %2d: %s, %d faults\n", static_cast<int>(step->attempt), static_cast<int>(step->step),
              watched.sudokus.write(step->answer).c_str(), static_cast<int>(step->faults));
  return 0;
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    Watched watched;
    watched.question = watched.sudokus.read(argv[2]);
    const auto model = trm::Model::load(argv[1]);
    trm::Session session(model);
    auto options = trm::make<trm_solve_options>();
    options.on_step = print_step;
    options.context = &watched;
    return session.solve(watched.question, options).solved(0) ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
