// Sessions: threads of every way give the same bits, buffers are counted before, nothing is allocated in a run.

#include "models/session.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <new>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "tests/catch.hpp"
#include "tests/models/small_model.hpp"
#include "tests/sanitized.hpp"
#include "tests/temporary_directory.hpp"

namespace {

// Every allocation of this program is counted, but under a sanitizer, which needs its own operators: there the counts
// stay 0, and the tests with counts say nothing.
std::atomic<std::int64_t> allocations{0}, live{0};

}  // namespace

#if !TRM_SANITIZED
void* operator new(std::size_t bytes) {
  ++allocations;
  ++live;
  if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;  // NOLINT: what new is made of
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  if (memory != nullptr) --live;
  std::free(memory);  // NOLINT
}
void operator delete(void* memory, std::size_t) noexcept {
  operator delete(memory);
}
#endif

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

TEST_CASE("a run allocates nothing, with whole samples and with shared ones") {
  const Loaded loaded;
  const Batch few(1), many(9);
  float sum = 0;
  const std::function<void(const StepResult&)> report = [&](const StepResult& result) { sum += result.q_halt; };
  const std::function<bool()> cancel = [] { return false; };
  std::mutex mutex;
  const std::function<bool(const StepResult&)> stop = [&](const StepResult&) {
    const std::lock_guard lock(mutex);
    return false;
  };
  for (const int threads : {1, 3}) {
    Session session(*loaded.model, {.threads = {.threads = threads}});
    for (const Batch* batch : {&few, &many}) {
      const std::int64_t before = allocations;
      session.run(batch->samples, run_options, report, cancel, stop);
      const std::int64_t allocated = allocations - before;  // before CHECK, which allocates
      CHECK(allocated == 0);
    }
  }
}

TEST_CASE("both processes go on with a session after a fork, before and after its first run") {
  const Loaded loaded;
  const Batch batch(7);
  const Results expected = results_of_run(batch, *loaded.model, 1);
  for (const int runs_before : {0, 1}) {
    Session session(*loaded.model, {.threads = {.threads = 3}});
    for (int i = 0; i < runs_before; ++i) CHECK(results_of(batch, session) == expected);
    const pid_t child = ::fork();
    if (child == 0) {
      const bool same = results_of(batch, session) == expected && results_of(batch, session) == expected;
      { const Session other = std::move(session); }  // ends: waits for no thread of the parent's
      ::_exit(same ? 0 : 1);
    }
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(results_of(batch, session) == expected);
  }
}

TEST_CASE("sessions leave no thread and no memory behind") {
  const Loaded loaded;
  const Batch batch(3);
  const auto threads_now = [] {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& task : std::filesystem::directory_iterator("/proc/self/task")) ++count;
    return count;
  };
  const std::size_t threads_before = threads_now();
  std::int64_t live_before = 0, live_after = 0;
  for (int i = 0; i < 100; ++i) {
    Session session(*loaded.model, {.threads = {.threads = 4}});
    session.run(batch.samples, run_options, [](const StepResult&) {});
    if (i == 9) live_before = live;
    if (i == 99) live_after = live;
  }
  CHECK(live_after == live_before);
  for (int tries = 0; tries < 1000 && threads_now() != threads_before; ++tries) std::this_thread::yield();
  CHECK(threads_now() == threads_before);
}

TEST_CASE("a run is cancelled between two passes of a step, and reports nothing") {
  const Loaded loaded;
  const auto& h = loaded.model->hyperparameters();
  const std::int64_t passes = h.h_cycles * (h.l_cycles + 1);  // of a step
  const Batch batch(1);
  for (const int threads : {1, 3}) {
    Session session(*loaded.model, {.threads = {.threads = threads}});
    for (std::int64_t allowed = 0; allowed <= 2 * passes; ++allowed) {
      std::int64_t asked = 0;
      int reports = 0;
      session.run(
          batch.samples, {.steps = 2, .every_step = true}, [&](const StepResult&) { ++reports; },
          [&] { return ++asked > allowed; });
      CAPTURE(threads, allowed);
      CHECK(asked == std::min(allowed + 1, 2 * passes));
      CHECK(reports == allowed / passes);
    }
    CHECK(results_of(batch, session) == results_of_run(batch, *loaded.model, 1));  // no trace is left
  }
}

TEST_CASE("an exception of a callback comes back to the caller, and the session works on") {
  const Loaded loaded;
  for (const std::size_t count : {1U, 8U}) {
    const Batch batch(count);
    for (const ThreadOptions& way : all_ways(3)) {
      Session session(*loaded.model, {.threads = way});
      const auto fail = [](const auto&...) -> bool { throw std::runtime_error("mine"); };
      const auto ignore = [](const StepResult&) {};
      CHECK_THROWS_WITH(session.run(batch.samples, run_options, fail), "mine");
      CHECK_THROWS_WITH(session.run(batch.samples, run_options, ignore, fail), "mine");
      CHECK_THROWS_WITH(session.run(batch.samples, run_options, ignore, {}, fail), "mine");
      CHECK(results_of(batch, session) == results_of_run(batch, *loaded.model, 1));
    }
  }
}

TEST_CASE("threads that cannot be are refused by name") {
  const Loaded loaded;
  const auto never = [](void*, std::size_t, Call, void*) {};
  const auto setting_of = [&](const ThreadOptions& threads) {
    try {
      Session session(*loaded.model, {.threads = threads});
      session.run(Batch(1).samples, {}, [](const StepResult&) {});
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::usage);
      return std::string(error.parts().settings.front());
    }
    return std::string();
  };
  CHECK(setting_of({.threads = -1}) == "threads");
  CHECK(setting_of({.threads = 2, .way = ThreadWay::caller}) == "parallel_for");
  CHECK(setting_of({.threads = 2, .way = ThreadWay::caller, .parallel_for = never}) == "parallel_for");
  CHECK(setting_of({.threads = 2}).empty());
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
