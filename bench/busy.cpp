// One puzzle beside other programs that use the CPUs: the time of a whole run with 1, 2 and other numbers of threads,
// own ones and OpenMP's, beside 0, 1, 2 and 4 busy loops. All contenders take turns, in random order. Without busy
// loops also how the threads wait for one another: the share of their time that they sleep (the processor time that is
// missing), and the share that one thread alone would not have needed, which is all waiting, asleep or not. bench_busy
// MODEL [--rounds N] [--steps N] [--threads N]... [--loads N]...

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "models/session.hpp"
#include "runtime/cpu.hpp"

namespace trm {
namespace {

struct Options {
  std::string model;
  int rounds = 20;
  std::int64_t steps = 16;
  std::vector<int> threads = {1, 2, 0, 16};
  std::vector<int> loads = {0, 1, 2, 4};
};

// Loops that use a CPU each while the object lives.
class Load {
 public:
  explicit Load(int loops) {
    for (int i = 0; i < loops; ++i) {
      threads_.emplace_back([this] {
        while (!end_.load(std::memory_order_relaxed)) {
        }
      });
    }
  }
  ~Load() {
    end_ = true;
    for (auto& thread : threads_) thread.join();
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

 private:
  std::atomic<bool> end_{false};
  std::vector<std::thread> threads_;
};

struct Contender {
  std::string name;
  Session session;
  int threads;  // as many as can run at once
  std::vector<double> seconds{};
  double cpu_seconds = 0;  // of the whole process
};

double quantile(std::vector<double> values, double q) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

std::vector<Contender> contenders(const Model& model, const Options& options) {
  std::vector<Contender> all;
  for (const int threads : options.threads) {
    const std::string name = threads == 0 ? "default" : std::to_string(threads);
    const int running = threads == 0 ? available_threads() : std::min(threads, available_threads());
    all.push_back({name, Session(model, {.threads = {.threads = threads}}), running});
    try {
      all.push_back(
          {name + " OpenMP", Session(model, {.threads = {.threads = threads, .way = ThreadWay::openmp}}), running});
    } catch (const Error&) {  // built without it
    }
  }
  return all;
}

// Seconds of one thread, 0 if it was not measured.
double median_of_one(const std::vector<Contender>& all) {
  const auto one = std::ranges::find(all, "1", &Contender::name);
  return one == all.end() ? 0 : quantile(one->seconds, 0.5);
}

void report(const std::vector<Contender>& all, int loops) {
  const double alone = median_of_one(all);
  for (const Contender& c : all) {
    const double sum = std::accumulate(c.seconds.begin(), c.seconds.end(), 0.0), median = quantile(c.seconds, 0.5);
    std::printf("%-10d %-16s %10.2f %10.2f %10.2f %10.2f", loops, c.name.c_str(), 1e3 * median,
                1e3 * quantile(c.seconds, 0.25), 1e3 * quantile(c.seconds, 0.75),
                1e3 * sum / static_cast<double>(c.seconds.size()));
    if (loops == 0) std::printf(" %8.1f %%", 100 * std::max(0.0, 1 - c.cpu_seconds / (sum * c.threads)));
    if (loops == 0 && alone > 0) std::printf(" %8.1f %%", 100 * std::max(0.0, 1 - alone / (median * c.threads)));
    std::printf("\n");
  }
}

void bench(const Options& options) {
  const Model model = Model::load(options.model, kernel_set());
  const auto& h = model.hyperparameters();
  std::vector<std::int32_t> cells(static_cast<std::size_t>(h.seq_len));
  for (std::size_t i = 0; i < cells.size(); ++i) {
    cells[i] = static_cast<std::int32_t>(static_cast<std::int64_t>(i) * 7 % h.vocab_size);
  }
  std::int64_t id = 0;
  while (h.puzzle_emb_ndim > 0 && id < h.num_puzzle_identifiers && !model.has_puzzle(id)) ++id;
  const std::vector<Sample> samples = {{.inputs = cells, .puzzle_id = id}};
  std::printf("%d CPUs, %d steps of one sample, %d rounds\n", available_threads(), static_cast<int>(options.steps),
              options.rounds);
  std::printf("%-10s %-16s %10s %10s %10s %10s %10s %10s\n", "busy loops", "threads", "median ms", "quartile",
              "quartile", "mean ms", "asleep", "waiting");
  std::mt19937 random(1);
  for (const int loops : options.loads) {
    auto all = contenders(model, options);
    std::vector<std::size_t> order(all.size());
    std::iota(order.begin(), order.end(), 0);
    const Load load(loops);
    for (int round = 0; round < options.rounds + 1; ++round) {
      std::ranges::shuffle(order, random);  // who follows whom matters to the scheduler
      for (const std::size_t i : order) {
        Contender& c = all[i];
        const std::clock_t cpu_begin = std::clock();
        const auto begin = std::chrono::steady_clock::now();
        c.session.run(samples, {.steps = options.steps}, [](const StepResult&) {});
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        if (round == 0) continue;
        c.seconds.push_back(took.count());
        c.cpu_seconds += static_cast<double>(std::clock() - cpu_begin) / CLOCKS_PER_SEC;
      }
    }
    report(all, loops);
  }
}

}  // namespace
}  // namespace trm

int main(int argc, char** argv) {
  CLI::App app("One puzzle beside busy loops, with several numbers of threads.");
  trm::Options options;
  app.add_option("MODEL", options.model, "Model file (.gguf)")->required();
  app.add_option("--rounds", options.rounds, "Runs of each contender")->capture_default_str();
  app.add_option("--steps", options.steps, "Supervision steps of a run")->capture_default_str();
  app.add_option("--threads", options.threads, "Numbers of threads; 0: the default")->capture_default_str();
  app.add_option("--loads", options.loads, "Numbers of busy loops")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    trm::bench(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
