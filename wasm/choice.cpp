// The choice among the answers of several samples with one puzzle. JavaScript walks them, one after another.

#include <string>
#include <vector>

#include "models/family.hpp"
#include "puzzles/choice.hpp"
#include "wasm/reply.hpp"
#include "wasm/walk.hpp"

namespace trm::wasm {
namespace {

struct Choices {
  Best best;
  std::vector<std::vector<std::int32_t>> answers{};  // what `given` looks at
  std::vector<TrajectoryAnswer> given{};
};

}  // namespace

// `best`: the number of one of Best. So many samples without any randomness would be equal.
TRM_EXPORT(choice_begin)
char* choice_begin(const Model* model, double samples, double noise, std::uint32_t best) {
  return reply([&] {
    if (samples > 1 && noise == 0 && !draws_random_numbers(model->hyperparameters())) {
      throw Error(ErrorKind::usage, {.file = {},
                                     .place = "samples " + std::to_string(static_cast<std::int64_t>(samples)),
                                     .what = "without noise they give as many equal answers",
                                     .remedy = "give noise, the standard deviation, too"});
    }
    return handle(new Choices{static_cast<Best>(best)});
  });
}
TRM_EXPORT(choice_end) void choice_end(Choices* choices) {
  delete choices;
}

// Another sample has walked to its end. Returns which one of those so far is chosen, from 0, and how many agree with
// it.
TRM_EXPORT(choice_add) char* choice_add(Choices* choices, const Walk* walk) {
  return reply([&] {
    const Hyperparameters& h = walk->model().hyperparameters();
    const auto cells = static_cast<std::size_t>(h.seq_len);
    const StepView& last = walk->view();
    choices->answers.emplace_back(last.answer, last.answer + cells);
    TrajectoryAnswer answer{choices->answers.back(), last.q_halt, walk->measure().residual()};
    if (choices->best == Best::confidence) {
      answer.confidence =
          mean_top_probability({last.logits, cells * static_cast<std::size_t>(h.vocab_size)}, h.vocab_size);
    }
    choices->given.push_back(answer);
    const Choice choice = choose(choices->given, choices->best);
    return Json{{"index", choice.index}, {"agreeing", choice.agreeing}};
  });
}

}  // namespace trm::wasm
