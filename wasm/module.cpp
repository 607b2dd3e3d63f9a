// What JavaScript calls (js/trm.js): models, steps, puzzles. Everything that is given as a pointer lies in the module's
// memory, from allocate(). Texts that come back are replies (reply.hpp).

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "arc/model_task.hpp"
#include "models/model.hpp"
#include "puzzles/kinds.hpp"
#include "puzzles/model_board.hpp"
#include "wasm/reply.hpp"
#include "wasm/walk.hpp"

namespace trm::wasm {
namespace {

std::vector<std::int32_t> copied(const std::int32_t* tokens, std::size_t count) {
  return {tokens, tokens + count};
}

Json info_of(const Model& model) {
  const Hyperparameters& h = model.hyperparameters();
  return {{"family", h.family},
          {"type", model.type()},
          {"kernelSet", kernel_set_name(model.kernels())},
          {"task", arc::task_of(h)},
          {"cells", h.seq_len},
          {"tokens", h.tokens()},
          {"vocabulary", h.vocab_size},
          {"channels", h.hidden_size},
          {"heads", h.num_heads},
          {"layers", h.l_layers},
          {"highCycles", h.h_cycles},
          {"lowCycles", h.l_cycles},
          {"tokenMlp", h.mlp_t},
          {"maxSteps", h.halt_max_steps},
          {"puzzleIds", h.puzzle_emb_ndim > 0 ? h.num_puzzle_identifiers : 0},
          {"puzzleRows", model.puzzle_rows()},
          {"weightBytes", model.weight_bytes()}};
}

Error neither() {
  return {ErrorKind::usage,
          {.file = {},
           .place = {},
           .what = "the model reads neither sudokus nor mazes",
           .remedy = "use steps(), or arc() for a model of ARC tasks"}};
}

PuzzleKind kind_for(const Model& model) {
  auto kind = kind_of(model.hyperparameters());
  if (!kind) throw neither();
  return std::move(*kind);
}

// The board of a model; without one, `side` 0: sudokus in TRM's tokens, else mazes of so many cells a row.
ModelBoard asked_board(const Model* model, std::size_t side) {
  if (model == nullptr) return side == 0 ? sudoku_board_of({}) : ModelBoard{.side = side};
  const auto board = board_of(model->hyperparameters());
  if (!board) throw neither();
  return *board;
}

LatentNoise noise_of(const Model& model, double sigma, std::uint32_t latent) {
  return latent_noise(model.impl().family, sigma, static_cast<NoiseLatent>(latent));
}

Tokens fitting(const ModelBoard& board, const std::int32_t* tokens, std::size_t count) {
  if (count == board.cells()) return {tokens, count};
  throw Error(ErrorKind::usage, {.file = {},
                                 .place = {},
                                 .what = "a puzzle has " + std::to_string(count) + " tokens",
                                 .remedy = "give " + std::to_string(board.cells())});
}

}  // namespace

TRM_EXPORT(allocate) void* allocate(std::size_t bytes) {
  return std::malloc(bytes == 0 ? 1 : bytes);
}
TRM_EXPORT(release) void release(void* memory) {
  std::free(memory);
}

TRM_EXPORT(kernel_sets) char* kernel_sets() {
  return reply([] {
    Json names = Json::array();
    for (const KernelSet* set : available_kernel_sets()) names.insert(names.begin(), set->name);
    return names;
  });
}

// The bytes must stay until unload().
TRM_EXPORT(load) char* load(const std::byte* bytes, std::size_t length, const char* name, const char* kernels) {
  return reply([&] {
    auto model = std::make_unique<Model>(Model::load({bytes, length}, name, kernel_set(kernels)));
    Json info = info_of(*model);
    info["handle"] = handle(model.release());
    return info;
  });
}
TRM_EXPORT(unload) void unload(Model* model) {
  delete model;
}

// Seed and key of the draws, the trajectory, the noise and its latent (the number of one of NoiseLatent): as in
// RunOptions and Sample. A negative key stands for the tokens' own.
TRM_EXPORT(begin)
char* begin(const Model* model, const std::int32_t* tokens, std::size_t count, double puzzle_id, double seed,
            double key, std::uint32_t trajectory, double noise, std::uint32_t latent) {
  return reply([&] {
    auto inputs = copied(tokens, count);
    const WalkDraws draws{.place = {.seed = static_cast<std::uint64_t>(seed),
                                    .sample = key < 0 ? puzzle_key(inputs) : static_cast<std::uint64_t>(key),
                                    .trajectory = trajectory},
                          .noise = noise_of(*model, noise, latent)};
    return handle(new Walk(*model, std::move(inputs), static_cast<std::int64_t>(puzzle_id), draws));
  });
}

// Try `attempt` of a puzzle, from 1, which is the puzzle as given and has no noise.
TRM_EXPORT(begin_try)
char* begin_try(const Model* model, const std::int32_t* tokens, std::size_t count, double seed, std::uint32_t attempt,
                double noise, std::uint32_t latent) {
  return reply([&] {
    const PuzzleKind kind = kind_for(*model);
    auto question = copied(tokens, count);
    check_sample(model->impl(), {.inputs = question}, 0);
    WalkDraws draws{
        .place = {.seed = static_cast<std::uint64_t>(seed), .sample = puzzle_key(question), .trajectory = attempt},
        .noise = noise_of(*model, noise, latent)};
    if (attempt == 1) draws.noise = {};
    Variant variant = kind.variant(question, draws.place.seed, attempt);
    std::vector<std::int32_t> asked(count);  // the puzzle with a guess, in its own terms
    undo(variant.view, variant.inputs, asked);
    Json answer = {
        {"cells", variant.view.cells}, {"tokens", variant.view.tokens}, {"asked", asked}, {"shown", variant.inputs}};
    answer["handle"] = handle(new Walk(*model, kind, std::move(question), std::move(variant), draws));
    return answer;
  });
}

// How a puzzle of this model is solved where the caller does not say it; `tries`: 0 for the kind's own number.
TRM_EXPORT(solve_options) char* solve_options(const Model* model, std::size_t tries, double steps) {
  return reply([&] {
    const auto options =
        options_of(kind_for(*model), model->hyperparameters(), {.steps = static_cast<std::int64_t>(steps)}, tries);
    return Json{
        {"tries", options.tries}, {"steps", options.run.steps}, {"hopeless", static_cast<double>(options.hopeless)}};
  });
}
TRM_EXPORT(contradicts) char* contradicts(const Model* model, const std::int32_t* tokens, std::size_t count) {
  return reply([&] {
    const auto question = copied(tokens, count);
    check_sample(model->impl(), {.inputs = question}, 0);
    return kind_for(*model).contradicts(question);
  });
}

// When a walk ends before its last step: `halt` and `margin` are trm_halt and halt_margin of trm.h.
TRM_EXPORT(step) char* step(Walk* walk, std::uint32_t halt, float margin) {
  return reply([&] {
    RunOptions options{.halt = halt == 1, .halt_margin = margin};
    if (halt == 2) options.halt_residual = margin == 0 ? usual_halt_residual : margin;
    walk->step(options);
    return handle(&walk->view());
  });
}
TRM_EXPORT(end) void end(Walk* walk) {
  delete walk;
}

TRM_EXPORT(read_puzzles)
char* read_puzzles(const Model* model, std::size_t side, const char* text, std::size_t length, const char* name) {
  return reply([&] {
    Json puzzles = Json::array();
    trm::read_puzzles(asked_board(model, side), LineSource::text({text, length}, name), [&](Tokens puzzle) {
      puzzles.push_back(std::vector<std::int32_t>(puzzle.begin(), puzzle.end()));
    });
    return puzzles;
  });
}
TRM_EXPORT(write_puzzle)
char* write_puzzle(const Model* model, std::size_t side, const std::int32_t* tokens, std::size_t count) {
  return reply([&] {
    const ModelBoard board = asked_board(model, side);
    return puzzle_text(board, fitting(board, tokens, count));
  });
}
TRM_EXPORT(check_puzzle)
char* check_puzzle(const Model* model, std::size_t side, const std::int32_t* question, const std::int32_t* answer,
                   std::size_t count) {
  return reply([&] {
    const ModelBoard board = asked_board(model, side);
    return puzzle_faults(board, fitting(board, question, count), fitting(board, answer, count));
  });
}

}  // namespace trm::wasm
