// The run over ARC tasks without a program around it: stopped by its caller after any number of samples and continued,
// it comes to the same submission.

#include "arc/run/loop.hpp"

#include <atomic>

#include <fstream>
#include <iterator>

#include "arc/run/journals.hpp"
#include "arc/vote/submission.hpp"
#include "convert/convert.hpp"
#include "runtime/kernels/kernel_set.hpp"
#include "tests/catch.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::arc::loop_test {

const std::filesystem::path data = TRM_TEST_DATA;
const std::filesystem::path challenges = data / "dataset_arc/mini_evaluation_challenges.json";
constexpr std::size_t all_samples = 56;

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

struct Bench {
  TemporaryDirectory folder;
  Model model = load();
  Plan plan = make();

  [[nodiscard]] Model load() const {
    ConvertOptions options;
    options.checkpoint = data / "arc_model/step_1";
    options.output = folder / "model";
    options.identifiers = data / "dataset_arc/identifiers.json";
    convert(options);
    return Model::load(folder / "model", kernel_set(""));
  }
  [[nodiscard]] Plan make() const {
    auto tasks = read_challenges(challenges);
    auto views = find_views(model, "model", tasks, std::nullopt);
    return make_plan(std::move(tasks), std::move(views), 0);
  }
  // Until `most` samples are finished.
  [[nodiscard]] LoopResult run(const std::string& name, std::size_t most) const {
    const LoopOptions options{.run = {.threads = 1}, .submission = folder / name};
    Journal journal = Journal::write(folder / (name + ".journal"), journal_header(model, options.run, challenges),
                                     journal_tasks(plan.tasks), true);
    std::atomic<std::size_t> finished = 0;
    return run_loop(propose_with(model), plan, store_of(journal), options,
                    {.finished = [&] { finished += 1; }, .cancel = [&] { return finished >= most; }});
  }
};

TEST_CASE("A run that is stopped after any number of samples and continued gives the same submission") {
  const Bench bench;
  CHECK(bench.run("whole", all_samples).run == all_samples);
  for (const std::size_t most : {1U, 5U, 17U}) {
    const std::string name = "stopped" + std::to_string(most);
    std::size_t done = 0;
    for (LoopResult result{.left = all_samples}; result.left > 0;) {
      result = bench.run(name, most);
      CHECK(result.resumed == done);
      CHECK(result.run >= std::min(most, all_samples - done));
      CHECK(result.run + result.left == all_samples - done);
      done += result.run;
    }
    CHECK(done == all_samples);
    CHECK(text_of(bench.folder / name) == text_of(bench.folder / "whole"));
  }
}

TEST_CASE("A run that is cancelled at once has written a submission of placeholders") {
  const Bench bench;
  std::size_t renewed = 0;
  const LoopOptions options{.run = {.threads = 1}, .submission = bench.folder / "s"};
  Journal journal = Journal::write(bench.folder / "j", journal_header(bench.model, options.run, challenges),
                                   journal_tasks(bench.plan.tasks), false);
  const LoopResult result =
      run_loop(propose_with(bench.model), bench.plan, store_of(journal), options,
               {.renewed = [&](const LoopResult& so_far) { renewed += so_far.left; }, .cancel = [] { return true; }});
  CHECK(result.left == all_samples);
  CHECK(renewed == 2 * all_samples);  // at the start and at the end
  CHECK(unanswered(bench.plan.tasks, result.ranking).size() == bench.plan.inputs.size());
  CHECK_FALSE(text_of(bench.folder / "s").empty());
}

}  // namespace trm::arc::loop_test
