// Sessions: threads of every way give the same bits, buffers are counted before, nothing is allocated in a run.

#include "models/session.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "tests/catch.hpp"
#include "tests/models/small_model.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::models_session_test {
namespace {

struct Loaded {
  explicit Loaded(const Hyperparameters& h = small_hyperparameters()) {
    write_small_model(folder / "m.gguf", h);
    model.emplace(Model::load(folder / "m.gguf", kernel_set()));
  }
  TemporaryDirectory folder;
  std::optional<Model> model;
};

// Samples of the small model, all different.
struct Batch {
  explicit Batch(std::size_t count) : inputs(count) {
    for (std::size_t i = 0; i < count; ++i) {
      inputs[i] = {static_cast<std::int32_t>(i % 3), static_cast<std::int32_t>(i / 3 % 3)};
      samples.push_back({.inputs = inputs[i], .puzzle_id = small_ids[i % small_ids.size()], .noise_key = i});
    }
  }
  std::vector<std::vector<std::int32_t>> inputs;
  std::vector<Sample> samples;
};

// Everything that a run reports, by sample.
using Results = std::vector<std::vector<float>>;
const RunOptions run_options{.steps = 3, .noise = 0.25, .seed = 7};

template <class Runner>
Results results_of(const Batch& batch, Runner&& runner) {
  Results results(batch.samples.size());
  runner(batch.samples, [&](const StepResult& result) {
    auto& one = results[result.sample];
    one.assign({result.q_halt, result.q_continue, static_cast<float>(result.step)});
    for (const auto part : {result.logits, result.z_high, result.z_low})
      one.insert(one.end(), part.begin(), part.end());
  });
  return results;
}

Results results_of(const Batch& batch, Session& session) {
  return results_of(batch, [&](auto samples, const auto& report) { session.run(samples, run_options, report); });
}

Results results_of_run(const Batch& batch, const Model& model, int threads) {
  return results_of(batch, [&](auto samples, const auto& report) {
    RunOptions options = run_options;
    options.threads = threads;
    run(model, samples, options, report);
  });
}

using Call = void (*)(void*, std::size_t);
void serial(void*, std::size_t count, Call call, void* argument) {
  for (std::size_t i = 0; i < count; ++i) call(argument, i);
}
void backwards(void*, std::size_t count, Call call, void* argument) {
  for (std::size_t i = count; i-- > 0;) call(argument, i);
}
void thread_each(void*, std::size_t count, Call call, void* argument) {
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back(call, argument, i);
  for (auto& thread : threads) thread.join();
}
void two_threads(void*, std::size_t count, Call call, void* argument) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) call(argument, i);
  };
  std::thread other(work);
  work();
  other.join();
}

std::vector<ThreadOptions> all_ways(int threads) {
  std::vector<ThreadOptions> ways = {{.threads = threads}};
#if defined(TRM_WITH_OPENMP)
  ways.push_back({.threads = threads, .way = ThreadWay::openmp});
#endif
  for (const ParallelFor f : {serial, backwards, thread_each, two_threads}) {
    ways.push_back({.threads = threads, .way = ThreadWay::caller, .parallel_for = f});
  }
  return ways;
}

}  // namespace

TEST_CASE("every way to get threads, and every number of them, gives the same bits") {
  const Loaded loaded;
  for (const std::size_t count : {1U, 2U, 7U, 40U}) {
    const Batch batch(count);
    const Results expected = results_of_run(batch, *loaded.model, 1);
    for (const int threads : {1, 2, 3, 5, 16}) {
      CHECK(results_of_run(batch, *loaded.model, threads) == expected);
      for (const ThreadOptions& way : all_ways(threads)) {
        for (const bool one_at_a_time : {false, true}) {
          CAPTURE(count, threads, static_cast<int>(way.way), one_at_a_time);
          Session session(*loaded.model, {.threads = way, .one_at_a_time = one_at_a_time});
          for (int run = 0; run < 3; ++run) CHECK(results_of(batch, session) == expected);
        }
      }
    }
  }
}

TEST_CASE("a session's memory is known before it is made") {
  const Loaded loaded;
  for (const int threads : {0, 1, 2, 5}) {
    for (const bool one_at_a_time : {false, true}) {
      const SessionOptions options{.threads = {.threads = threads}, .one_at_a_time = one_at_a_time};
      const std::size_t needed = memory_needed(*loaded.model, options);
      const Session session(*loaded.model, options);
      CHECK(session.bytes() == needed);
      if (threads > 0) CHECK(session.threads() == threads);
      CHECK(needed > 0);
    }
  }
}

TEST_CASE("a second caller of a session gets an error, from another thread and from a callback") {
  const Loaded loaded;
  const Batch batch(1);
  Session session(*loaded.model, {.threads = {.threads = 2}});
  int refused = 0;
  const auto second = [&] {
    try {
      session.run(batch.samples, {}, [](const StepResult&) {});
    } catch (const Error& error) {
      refused += error.kind() == ErrorKind::usage;
    }
  };
  session.run(batch.samples, {}, [&](const StepResult&) {
    second();
    std::thread(second).join();
  });
  CHECK(refused == 2);
  CHECK(results_of(batch, session) == results_of_run(batch, *loaded.model, 1));  // it works as before
}

}  // namespace trm::models_session_test
