// What others do wrong is answered with a status and words, and harms nothing.

#if __has_include(<sys/wait.h>)
#include <sys/wait.h>
#include <unistd.h>
#endif

#include <atomic>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <thread>

#include "tests/capi/handles.hpp"
#include "tests/sanitized.hpp"

namespace trm::capi_test::misuse_test {
namespace {

// A session and a sudoku for it.
struct Bench {
  ModelHandle model = load(bundled + "sudoku_int8.gguf");
  SessionHandle session = open(model.get(), 2);
  std::vector<std::int32_t> tokens = sudoku_tokens();
  std::vector<std::int32_t> predictions = std::vector<std::int32_t>(81);
  trm_batch batch = make<trm_batch>();
  trm_run_options options = make<trm_run_options>();
  trm_results results = make<trm_results>();
  trm_error error = make<trm_error>();

  Bench() {
    batch.samples = 1;
    batch.tokens = tokens.data();
    results.predictions = predictions.data();
  }
  trm_status run() { return trm_run(session.get(), &batch, &options, &results, &error); }
  [[nodiscard]] std::string answer() const {
    std::string text;
    for (const auto token : predictions) text += static_cast<char>('0' + token - 1);
    return text;
  }
};

long resident_pages() {
  long all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident;
}

// What the callbacks of a test do and see.
struct Watch {
  Bench* bench = nullptr;
  std::atomic<int> calls{0};
  int most = std::numeric_limits<int>::max();  // stop with this call
  trm_status inner = TRM_OK;
};

int count_step(void* context, const trm_step* /*step*/) {
  auto& watch = *static_cast<Watch*>(context);
  return ++watch.calls >= watch.most ? 1 : 0;
}
int count_cancel(void* context) {
  auto& watch = *static_cast<Watch*>(context);
  return ++watch.calls >= watch.most ? 1 : 0;
}
int run_again(void* context, const trm_step* /*step*/) {
  auto& watch = *static_cast<Watch*>(context);
  std::vector<std::int32_t> elsewhere(81);
  auto results = make<trm_results>();
  results.predictions = elsewhere.data();
  watch.inner = trm_run(watch.bench->session.get(), &watch.bench->batch, nullptr, &results, nullptr);
  return 0;
}
int throw_up(void* /*context*/, const trm_step* /*step*/) {
  throw 1;
}

}  // namespace

TEST_CASE("NULL in the place of any pointer is a usage error that names it, or nothing") {
  Bench bench;
  trm_error& error = bench.error;
  trm_model* model = nullptr;
  trm_session* session = nullptr;
  trm_ranking* ranking = nullptr;
  std::uint64_t bytes = 0;
  std::size_t count = 0;
  auto info = make<trm_model_info>();
  const auto says = [&](trm_status status, const std::string& name) {
    INFO(error.message);
    CHECK(status == TRM_ERROR_USAGE);
    CHECK(part_of(error, error.place) == name);
  };
  says(trm_model_load(nullptr, nullptr, &model, &error), "path");
  says(trm_model_load("x", nullptr, nullptr, &error), "model");
  says(trm_model_load_memory(nullptr, 5, nullptr, nullptr, &model, &error), "bytes");
  says(trm_model_get_info(nullptr, &info, &error), "model");
  says(trm_model_get_info(bench.model.get(), nullptr, &error), "info");
  says(trm_model_hyperparameter(bench.model.get(), 0, nullptr, nullptr, &error), "name");
  says(trm_session_create(nullptr, nullptr, &session, &error), "model");
  says(trm_session_create(bench.model.get(), nullptr, nullptr, &error), "session");
  says(trm_memory_needed(nullptr, nullptr, &bytes, &error), "model");
  says(trm_memory_needed(bench.model.get(), nullptr, nullptr, &error), "bytes");
  says(trm_run(nullptr, &bench.batch, nullptr, nullptr, &error), "session");
  says(trm_run(bench.session.get(), nullptr, nullptr, nullptr, &error), "batch");
  says(trm_puzzles_read(TRM_SUDOKU, 9, nullptr, 0, nullptr, nullptr, 0, &count, &error), "text");
  says(trm_puzzles_read(TRM_SUDOKU, 9, "", 0, nullptr, nullptr, 0, nullptr, &error), "count");
  says(trm_puzzle_write(TRM_SUDOKU, 9, nullptr, nullptr, 0, nullptr, &error), "tokens");
  says(trm_puzzle_check(TRM_SUDOKU, 9, bench.tokens.data(), nullptr, &count, nullptr, 0, &error), "answer");
  says(trm_solve(bench.session.get(), nullptr, nullptr, nullptr, &error), "puzzles");
  says(trm_arc_solve(bench.session.get(), nullptr, 0, nullptr, &ranking, &error), "json");
  says(trm_arc_solve(bench.session.get(), "", 0, nullptr, nullptr, &error), "ranking");
  says(trm_ranking_candidate(nullptr, 0, 0, 0, nullptr, &error), "ranking");
  says(trm_ranking_submission(nullptr, nullptr, nullptr, &error), "ranking");
  says(trm_convert(nullptr, "x", nullptr, &error), "checkpoint");
  says(trm_convert_tensors(nullptr, 1, "", nullptr, nullptr, &count, &error), "bytes");
  CHECK(trm_run(bench.session.get(), &bench.batch, nullptr, nullptr, nullptr) == TRM_OK);  // nothing is wanted
  CHECK(trm_run(nullptr, nullptr, nullptr, nullptr, nullptr) == TRM_ERROR_USAGE);
  trm_model_free(nullptr);
  trm_session_free(nullptr);
  trm_ranking_free(nullptr);
  trm_bytes_free(nullptr);
  CHECK(trm_session_threads(nullptr) == 0);
  CHECK(trm_model_find_puzzle(nullptr, "a") == -1);
  CHECK(trm_model_find_puzzle(bench.model.get(), nullptr) == -1);
  CHECK(trm_model_has_puzzle(nullptr, 0) == 0);
  CHECK(trm_ranking_task(nullptr, 0) == nullptr);
  CHECK(trm_ranking_candidates(nullptr, 0, 0) == 0);
  CHECK(trm_kernel_set(1000) == nullptr);
  CHECK(trm_cancel_flag(nullptr) == 0);
}

TEST_CASE("A struct of no possible size is refused, and one of a later release is read where its new fields are zero") {
  Bench bench;
  for (const std::size_t size :
       {std::size_t{0}, sizeof(trm_run_options) - 1, std::numeric_limits<std::size_t>::max()}) {
    bench.options.size = size;
    CHECK(bench.run() == TRM_ERROR_USAGE);
    CHECK(part_of(bench.error, bench.error.place) == "options.size");
  }
  struct Later {
    trm_run_options known;
    std::uint64_t unknown;
  } later{make<trm_run_options>(), 0};
  later.known.size = sizeof later;
  CHECK(trm_run(bench.session.get(), &bench.batch, &later.known, nullptr, nullptr) == TRM_OK);
  later.unknown = 1;
  CHECK(trm_run(bench.session.get(), &bench.batch, &later.known, nullptr, &bench.error) == TRM_ERROR_USAGE);
  auto info = make<trm_model_info>();
  info.size = 1;
  CHECK(trm_model_get_info(bench.model.get(), &info, nullptr) == TRM_ERROR_USAGE);
  bench.error.size = 8;  // no room for words: nothing is written
  bench.error.message[0] = 'x';
  CHECK(trm_model_get_info(nullptr, &info, &bench.error) == TRM_ERROR_USAGE);
  CHECK(bench.error.message[0] == 'x');
}

TEST_CASE("Values that no call can have are named, and the session goes on working") {
  Bench bench;
  const auto refused = [&](const std::string& name) {
    CHECK(bench.run() == TRM_ERROR_USAGE);
    CHECK_THAT(bench.error.message, Catch::Contains(name));
    bench.options = make<trm_run_options>();
  };
  bench.options.steps = -1;
  refused("steps");
  bench.options.noise = std::nan("");
  refused("noise");
  bench.options.halt_margin = std::numeric_limits<float>::infinity();
  refused("halt_margin");
  const int nine = 9;  // as C can store it
  std::memcpy(&bench.options.noise_latent, &nine, sizeof nine);
  refused("noise_latent");
  std::memcpy(&bench.batch.type, &nine, sizeof nine);
  refused("type");
  bench.batch.type = TRM_INT32;
  bench.batch.samples = std::numeric_limits<std::size_t>::max() / 8;
  refused("samples");
  bench.batch.samples = 1;
  bench.tokens[5] = 11;
  CHECK(bench.run() == TRM_ERROR_INPUT);
  CHECK(part_of(bench.error, bench.error.place) == "sample 0, cell 5");
  bench.tokens[5] = 1;
  REQUIRE(bench.run() == TRM_OK);
  CHECK(bench.answer() == sudoku_answer);
}

TEST_CASE("Files and bytes that are no model give the status of their fault") {
  auto error = make<trm_error>();
  trm_model* model = nullptr;
  CHECK(trm_model_load("/nowhere/\xff\n\x1b[31m", nullptr, &model, &error) == TRM_ERROR_IO);
  CHECK(error.status == TRM_ERROR_IO);
  CHECK(std::string(error.message).find_first_of("\xff\n\x1b") == std::string::npos);
  CHECK(trm_model_load_memory("GGUF", 4, "my bytes", nullptr, &model, &error) == TRM_ERROR_INPUT);
  CHECK(part_of(error, error.file) == "my bytes");
  CHECK(model == nullptr);
  auto options = make<trm_model_options>();
  options.kernel_set = "abacus";
  CHECK(trm_model_load((bundled + "sudoku.gguf").c_str(), &options, &model, &error) == TRM_ERROR_USAGE);
  CHECK_THAT(error.message, Catch::Contains("kernel_set abacus"));
  const std::string long_name(5000, 'x');
  CHECK(trm_model_load_memory("", 0, (long_name + "\u00e9").c_str(), nullptr, &model, &error) == TRM_ERROR_INPUT);
  CHECK(std::string(error.message).size() == sizeof error.message - 1);
  CHECK(error.what.length == 0);  // cut off
}

TEST_CASE("A model in memory of any alignment runs as the one in its file") {
  std::ifstream stream(bundled + "sudoku_int8.gguf", std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(stream), {});
  Bench bench;
  REQUIRE(bench.run() == TRM_OK);
  for (const std::size_t shift : {1U, 3U}) {
    std::vector<char> moved(shift);
    moved.insert(moved.end(), bytes.begin(), bytes.end());
    trm_model* model = nullptr;
    REQUIRE(trm_model_load_memory(moved.data() + shift, bytes.size(), nullptr, nullptr, &model, nullptr) == TRM_OK);
    const ModelHandle handle(model);
    const auto session = open(model, 1);
    std::vector<std::int32_t> predictions(81);
    auto results = make<trm_results>();
    results.predictions = predictions.data();
    REQUIRE(trm_run(session.get(), &bench.batch, nullptr, &results, nullptr) == TRM_OK);
    CHECK(predictions == bench.predictions);
  }
}

TEST_CASE("A callback stops a run, at any call, and the next run is whole") {
  Bench bench;
  Watch watch;
  bench.options.context = &watch;
  for (const int most : {1, 2, 5}) {
    watch.calls = 0;
    watch.most = most;
    bench.options.on_step = count_step;
    CHECK(bench.run() == TRM_CANCELLED);
    CHECK(watch.calls == most);
    bench.options.on_step = nullptr;
    watch.calls = 0;
    bench.options.cancel = count_cancel;
    CHECK(bench.run() == TRM_CANCELLED);
    CHECK(watch.calls >= most);
    bench.options.cancel = nullptr;
  }
  std::int32_t flag = 1;
  bench.options.context = &flag;
  bench.options.cancel = trm_cancel_flag;
  CHECK(bench.run() == TRM_CANCELLED);
  flag = 0;
  REQUIRE(bench.run() == TRM_OK);
  CHECK(bench.answer() == sudoku_answer);
}

TEST_CASE("A callback that calls back in is refused, one that throws ends the run") {
  Bench bench;
  Watch watch{&bench};
  bench.options.context = &watch;
  bench.options.on_step = run_again;
  REQUIRE(bench.run() == TRM_OK);
  CHECK(watch.inner == TRM_ERROR_USAGE);
  CHECK(bench.answer() == sudoku_answer);
  bench.options.on_step = throw_up;
  CHECK(bench.run() == TRM_ERROR_WORK);
  bench.options.on_step = nullptr;
  REQUIRE(bench.run() == TRM_OK);
}

TEST_CASE("Of threads that share a session one runs at a time, and the others are told") {
  Bench bench;
  bench.options.steps = 4;
  std::atomic<int> done{0}, told{0}, other{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 8; ++k) {
        const auto status = trm_run(bench.session.get(), &bench.batch, &bench.options, nullptr, nullptr);
        ++(status == TRM_OK ? done : status == TRM_ERROR_USAGE ? told : other);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(done > 0);
  CHECK(other == 0);
  CHECK(done + told == 32);
}

TEST_CASE("Sessions of one model run at once, each on a thread") {
  Bench bench;
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      trm_session* session = nullptr;
      auto options = make<trm_session_options>();
      options.threads = 1;
      if (trm_session_create(bench.model.get(), &options, &session, nullptr) != TRM_OK) return;
      std::vector<std::int32_t> predictions(81);
      auto results = make<trm_results>();
      results.predictions = predictions.data();
      trm_run(session, &bench.batch, nullptr, &results, nullptr);
      trm_session_free(session);
      std::string text;
      for (const auto token : predictions) text += static_cast<char>('0' + token - 1);
      right += text == sudoku_answer ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(right == 4);
}

TEST_CASE("A model is loaded, run and freed a hundred times in the same memory") {
  Bench bench;
  bench.options.steps = 1;
  long before = 0;
  for (int i = 0; i < 100; ++i) {
    const auto model = load(bundled + "sudoku_int8.gguf");
    const auto session = open(model.get(), 2);
    REQUIRE(trm_run(session.get(), &bench.batch, &bench.options, nullptr, nullptr) == TRM_OK);
    if (i == 20) before = resident_pages();
  }
  constexpr long slack = 512;  // pages
  if (TRM_SANITIZED == 0) CHECK(resident_pages() - before < slack);
}

#if __has_include(<sys/wait.h>) && !defined(__SANITIZE_THREAD__)
TEST_CASE("After a fork parent and child both run, in sessions made before and after, used before or not") {
  Bench bench;
  const auto unused = open(bench.model.get(), 2);
  REQUIRE(bench.run() == TRM_OK);
  const auto solves = [&](trm_session* session) {
    std::fill(bench.predictions.begin(), bench.predictions.end(), 0);
    return trm_run(session, &bench.batch, nullptr, &bench.results, nullptr) == TRM_OK &&
           bench.answer() == sudoku_answer;
  };
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);  // a child that hangs is a failure
    trm_session* own = nullptr;
    const bool made = trm_session_create(bench.model.get(), nullptr, &own, nullptr) == TRM_OK;
    const bool right = made && solves(own) && solves(bench.session.get()) && solves(unused.get());
    trm_session_free(own);
    _exit(right ? 0 : 1);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(solves(bench.session.get()));
}
#endif

}  // namespace trm::capi_test::misuse_test
