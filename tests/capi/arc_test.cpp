// trm_arc_solve votes as the program does, byte for byte.

#include <fstream>
#include <iterator>

#include "arc/run/journals.hpp"
#include "arc/run/loop.hpp"
#include "arc/vote/submission.hpp"
#include "convert/convert.hpp"
#include "tests/capi/handles.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::capi_test::arc_test {
namespace {

const std::filesystem::path data = TRM_TEST_DATA;
const std::filesystem::path challenges = data / "dataset_arc/mini_evaluation_challenges.json";

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// "arc_fprm": its samples start at random.
std::string make_model(const TemporaryDirectory& folder, const std::string& checkpoint = "arc_model") {
  ConvertOptions options;
  options.checkpoint = data / checkpoint / "step_1";
  options.output = folder / "model.gguf";
  options.identifiers = data / "dataset_arc/identifiers.json";
  convert(options);
  return options.output.string();
}

// What the program computes: through a journal, on one thread.
struct Expected {
  std::string submission;
  std::string ranking;
};

Expected compute(const TemporaryDirectory& folder, const std::string& file, arc::UntilDecided until_decided) {
  const Model model = Model::load(std::filesystem::path(file), kernel_set());
  auto tasks = arc::read_challenges(challenges);
  auto views = arc::find_views(model, "model", tasks, std::nullopt);
  const arc::Plan plan = make_plan(std::move(tasks), std::move(views), 0);
  arc::LoopOptions options{.run = {}, .until_decided = until_decided};
  options.run.threads = 1;
  arc::Journal journal = arc::Journal::write(folder / "journal", arc::journal_header(model, options.run, challenges),
                                             arc::journal_tasks(plan.tasks), false);
  const auto result = run_loop(propose_with(model), plan, store_of(journal), options, {});
  return {submission_text(plan.tasks, result.ranking), ranking_text(plan.tasks, result.ranking)};
}

struct Progress {
  std::size_t done = 0;
  std::size_t all = 0;
  std::size_t most = 1000;  // stop there
};
int watch(void* context, std::size_t done, std::size_t all) {
  auto& progress = *static_cast<Progress*>(context);
  progress.done = std::max(progress.done, done);
  progress.all = all;
  return done >= progress.most ? 1 : 0;
}

std::string json_of(trm_ranking* ranking, decltype(trm_ranking_json)* function) {
  const char* json = nullptr;
  std::size_t length = 0;
  REQUIRE(function(ranking, &json, &length, nullptr) == TRM_OK);
  return {json, length};
}

}  // namespace

TEST_CASE("The rankings of tasks are those of a run with a journal, with and without early decisions") {
  for (const auto& [checkpoint, until_decided] :
       {std::pair{"arc_model", 0}, {"arc_model", 1}, {"arc_model", 2}, {"arc_fprm", 0}}) {
    const TemporaryDirectory folder;
    const std::string file = make_model(folder, checkpoint);
    const auto expected = compute(folder, file, static_cast<arc::UntilDecided>(until_decided));
    const auto model = load(file);
    const auto session = open(model.get(), 2);
    const std::string json = text_of(challenges);
    Progress progress;
    auto options = make<trm_arc_options>();
    options.until_decided = until_decided;
    options.on_progress = watch;
    options.context = &progress;
    auto error = make<trm_error>();
    trm_ranking* handle = nullptr;
    const auto status = trm_arc_solve(session.get(), json.data(), json.size(), &options, &handle, &error);
    INFO(error.message);
    REQUIRE(status == TRM_OK);
    const RankingHandle ranking(handle);
    CHECK(json_of(handle, trm_ranking_submission) == expected.submission);
    CHECK(json_of(handle, trm_ranking_json) == expected.ranking);
    CHECK(progress.all == 56);
    CHECK(progress.done > 0);

    const auto tasks = arc::parse_challenges(json, "challenges");
    for (std::size_t task = 0; task < tasks.size(); ++task) {
      CHECK(trm_ranking_task(handle, task) == tasks[task].name);
      CHECK(trm_ranking_tests(handle, task) == tasks[task].test.size());
    }
    CHECK(trm_ranking_task(handle, tasks.size()) == nullptr);
    auto candidate = make<trm_candidate>();
    REQUIRE(trm_ranking_candidate(handle, 0, 0, 0, &candidate, &error) == TRM_OK);
    CHECK(candidate.votes > 0);
    CHECK(trm_ranking_candidate(handle, 0, 0, 1 << 20, &candidate, &error) == TRM_ERROR_USAGE);
  }
}

TEST_CASE("Tasks that are stopped keep what was finished, and a model and tasks that do not fit are refused") {
  const TemporaryDirectory folder;
  const auto model = load(make_model(folder));
  const auto session = open(model.get(), 1);
  const std::string json = text_of(challenges);
  Progress progress{0, 0, 5};
  auto options = make<trm_arc_options>();
  options.on_progress = watch;
  options.context = &progress;
  auto error = make<trm_error>();
  trm_ranking* ranking = nullptr;
  CHECK(trm_arc_solve(session.get(), json.data(), json.size(), &options, &ranking, &error) == TRM_CANCELLED);
  const RankingHandle stopped(ranking);
  CHECK(trm_ranking_candidates(ranking, 0, 0) > 0);
  CHECK(trm_arc_solve(session.get(), "[", 1, nullptr, &ranking, &error) == TRM_ERROR_INPUT);
  CHECK(ranking == nullptr);
  const auto sudoku = load(bundled + "sudoku.gguf");
  const auto other = open(sudoku.get(), 1);
  CHECK(trm_arc_solve(other.get(), json.data(), json.size(), nullptr, &ranking, &error) == TRM_ERROR_INPUT);
  CHECK_THAT(error.message, Catch::Contains("square canvas"));
  const std::string strange = R"({"train": [{"input": [[1]], "output": [[1]]}], "test": [{"input": [[1]]}]})";
  CHECK(trm_arc_solve(session.get(), strange.data(), strange.size(), nullptr, &ranking, &error) == TRM_ERROR_INPUT);
  CHECK_THAT(error.message, Catch::Contains("not trained on any task"));
}

}  // namespace trm::capi_test::arc_test
