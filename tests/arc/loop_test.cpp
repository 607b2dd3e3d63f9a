// The run over ARC tasks without a program around it: stopped by its caller after any number of samples and continued,
// it comes to the same submission.

#include "arc/run/loop.hpp"

#include <atomic>

#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <set>

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
  std::string checkpoint = "arc_model";
  TemporaryDirectory folder{};
  Model model = load();
  Plan plan = make();

  [[nodiscard]] Model load() const {
    ConvertOptions options;
    options.checkpoint = data / checkpoint / "step_1";
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

std::vector<std::string> keys_of(const JournalHeader& header) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : header) keys.push_back(key);
  return keys;
}

// Journals of earlier versions have no seed: with one, no run could go on with them.
TEST_CASE("The seed belongs to a run only where the model draws random numbers") {
  const std::vector<std::string> keys{"challenges", "type", "steps", "halt", "model"};
  CHECK(keys_of(journal_header(Bench{}.model, {}, challenges)) == keys);
  const Bench random{.checkpoint = "arc_fprm"};
  const JournalHeader header = journal_header(random.model, {.seed = 7}, challenges);
  CHECK(header.size() == keys.size() + 1);
  CHECK(header.back() == std::pair<std::string, std::string>{"seed", "7"});
}

TEST_CASE("Samples of equal tokens start alike, others differently, whatever runs beside them") {
  const Bench bench{.checkpoint = "arc_fprm"};
  std::vector<ScheduledSample> all;
  for (std::size_t input = 0; input < bench.plan.inputs.size(); ++input) {
    for (std::size_t view = 0; view < bench.plan.samples[input]; ++view) all.push_back({input, view});
  }
  std::map<std::vector<std::int32_t>, std::uint64_t> keys;
  std::vector<std::int32_t> tokens(bench.plan.canvas);
  for (const ScheduledSample& sample : all) {
    const Sample made = make_sample(bench.plan, sample, tokens);
    CHECK(keys.try_emplace(tokens, made.noise_key).first->second == made.noise_key);
  }
  std::set<std::uint64_t> different;
  for (const auto& [inputs, key] : keys) different.insert(key);
  CHECK(different.size() == keys.size());
  CHECK(keys.size() > all.size() / 2);

  std::mutex mutex;
  using Results = std::map<std::pair<std::string, std::int64_t>, std::pair<std::vector<std::uint8_t>, float>>;
  const auto run = [&](std::span<const ScheduledSample> samples, int threads, Results& results) {
    run_samples(propose_with(bench.model), bench.plan, samples, {.threads = threads, .seed = 3}, memory_store(),
                [&](std::size_t, const FinishedSample& sample) {
                  const std::lock_guard lock(mutex);
                  results[{sample.name, sample.test}] = {sample.prediction, sample.q_halt};
                },
                {});
  };
  Results together, alone;
  run(all, 3, together);
  CHECK(together.size() == all.size());
  for (std::size_t i = all.size(); i-- > 0;) run({&all[i], 1}, 1, alone);
  CHECK(alone == together);
}

}  // namespace trm::arc::loop_test
