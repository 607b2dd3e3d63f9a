// ARC tasks: which samples there are, and their votes. JavaScript walks the samples itself.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "arc/run/plan.hpp"
#include "arc/tokens.hpp"
#include "arc/vote/ranking.hpp"
#include "wasm/reply.hpp"
#include "wasm/walk.hpp"

namespace trm::wasm {
namespace {

struct ArcRun {
  const Model& model;
  arc::Plan plan;
  std::vector<std::vector<arc::Prediction>> predictions;  // of each test input
};

Json json_of(const arc::Grid& grid) {
  Json rows = Json::array();
  for (std::int64_t r = 0; r < grid.rows; ++r) {
    const auto* row = grid.cells.data() + r * grid.cols;
    rows.push_back(std::vector<int>(row, row + grid.cols));
  }
  return rows;
}

Json json_of(const std::vector<arc::Candidate>& ranking) {
  Json candidates = Json::array();
  for (const arc::Candidate& candidate : ranking) {
    candidates.push_back(
        {{"grid", json_of(candidate.grid)}, {"votes", candidate.votes}, {"confidence", candidate.confidence}});
  }
  return candidates;
}

}  // namespace

// The tasks, their test inputs and how many samples each has.
TRM_EXPORT(arc_begin)
char* arc_begin(const Model* model, const char* json, std::size_t length, const char* name, std::size_t samples) {
  return reply([&] {
    auto tasks = arc::parse_challenges({json, length}, name);
    arc::fit_tasks(*model, "the model", tasks);
    auto run = std::make_unique<ArcRun>(
        ArcRun{*model, arc::plan_of(*model, "the model", std::move(tasks), std::nullopt, samples), {}});
    run->predictions.resize(run->plan.inputs.size());
    Json inputs = Json::array();
    for (std::size_t i = 0; i < run->plan.inputs.size(); ++i) {
      const auto& [task, test] = run->plan.inputs[i];
      const arc::Task& its = run->plan.tasks[task];
      inputs.push_back({{"task", its.name},
                        {"test", test},
                        {"fault", its.fault},
                        {"samples", run->plan.samples[i]},
                        {"grid", json_of(its.test[test])}});
    }
    return Json{{"handle", handle(run.release())}, {"inputs", std::move(inputs)}};
  });
}
TRM_EXPORT(arc_end) void arc_end(ArcRun* run) {
  delete run;
}

// A walk with one sample; `seed` is that of a random start.
TRM_EXPORT(arc_walk) char* arc_walk(const ArcRun* run, std::size_t input, std::size_t view, double seed) {
  return reply([&] {
    const arc::ScheduledSample sample{.input = input, .view = view};
    std::vector<std::int32_t> tokens(run->plan.canvas);
    const Sample one = arc::make_sample(run->plan, sample, tokens);
    const WalkDraws draws{.place = {.seed = static_cast<std::uint64_t>(seed), .sample = one.noise_key}};
    return handle(new Walk(run->model, std::move(tokens), one.puzzle_id, draws));
  });
}

// The walk's answer becomes a vote. Returns the prediction and all candidates of the test input, the best first.
TRM_EXPORT(arc_vote) char* arc_vote(ArcRun* run, std::size_t input, std::size_t view, const Walk* walk) {
  return reply([&] {
    const StepView& last = walk->view();
    std::vector<std::uint8_t> tokens(last.answer, last.answer + run->plan.canvas);  // ARC's 12 tokens fit a byte
    const auto& augmentation = run->plan.view_of({.input = input, .view = view}).augmentation;
    arc::Grid grid = arc::undo(arc::crop(tokens), augmentation);
    Json prediction = json_of(grid);
    auto& all = run->predictions[input];
    all.push_back({.grid = std::move(grid), .q_halt = last.q_halt});
    return Json{{"prediction", std::move(prediction)}, {"candidates", json_of(arc::rank(all))}};
  });
}

}  // namespace trm::wasm
