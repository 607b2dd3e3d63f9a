#include "runtime/threads.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <new>
#include <string>
#include <system_error>

#include "base/error.hpp"
#include "runtime/cpu.hpp"
#include "runtime/wait_word.hpp"

namespace trm {
namespace {

Error refusal(std::string what, std::string remedy, std::string_view setting) {
  return {ErrorKind::usage,
          {.file = {}, .place = {}, .what = std::move(what), .remedy = std::move(remedy), .settings = {setting}}};
}

void check(const ThreadOptions& options) {
  if (options.threads < 0) {
    throw refusal(std::to_string(options.threads) + " threads cannot be", "give 1 or more, or 0 for all", "threads");
  }
  if (options.way == ThreadWay::caller && options.parallel_for == nullptr) {
    throw refusal("the caller's threads are wanted without a function that runs on them", "give a function",
                  "parallel_for");
  }
#if !defined(TRM_WITH_OPENMP)
  if (options.way == ThreadWay::openmp) {
    throw refusal("OpenMP's threads are wanted of a library built without OpenMP", "choose own threads", "way");
  }
#endif
}

// As many threads as wanted, or fewer where the system grants no more: no thread, or no memory for one.
std::vector<std::thread> start_threads(int wanted, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  const SignalsBlocked in_them;
  try {
    threads.reserve(static_cast<std::size_t>(wanted));
    for (int i = 0; i < wanted; ++i) threads.emplace_back(work, i);
  } catch (const std::system_error&) {
  } catch (const std::bad_alloc&) {
  }
  return threads;
}

}  // namespace

int startable_threads(int wanted) {
  static std::mutex mutex;
  static int startable = 1;
  const std::lock_guard lock(mutex);
  if (wanted <= startable) return wanted;
  WaitWord ended{0};
  auto threads = start_threads(wanted - 1, [&ended](int) { wait_while(ended, 0); });  // all alive at once
  const int started = 1 + static_cast<int>(threads.size());
  ended.store(1);
  wake_all(ended);
  for (std::thread& thread : threads) thread.join();
  // Where the limit was met, a quarter is left for the memory that the work needs, and for other processes.
  startable = std::max(startable, started == wanted ? wanted : std::max(1, started * 3 / 4));
  return std::min(wanted, startable);
}

int wanted_threads(const ThreadOptions& options) {
  check(options);
  const int wanted = options.threads > 0 ? options.threads : available_threads();
  return options.way == ThreadWay::openmp ? startable_threads(wanted) : wanted;
}

Crew::Crew(const ThreadOptions& options) : options_(options) {
  start();
}

Crew::~Crew() {
  end();
}

void Crew::start() {
  process_ = process_id();
  const int wanted = wanted_threads(options_);
  if (options_.way != ThreadWay::own) {
    team_ = std::make_unique<Team>(wanted, available_threads());
    return;
  }
  // The team can be made when it is known how many members the system grants.
  struct Meeting {
    Team* team = nullptr;
    WaitWord made{0};
  };
  auto meeting = std::make_shared<Meeting>();
  threads_ = start_threads(wanted - 1, [meeting](int i) {
    wait_while(meeting->made, 0);
    meeting->team->help(i + 1);
  });
  team_ = std::make_unique<Team>(1 + static_cast<int>(threads_.size()), available_threads());
  meeting->team = team_.get();
  meeting->made.store(1);
  wake_all(meeting->made);
}

void Crew::end() {
  if (process_ != process_id()) {  // the threads are the parent's: here is nothing to wait for
    static_cast<void>(
        new std::vector<std::thread>(std::move(threads_)));  // NOLINT: their destructor would end the process
    threads_.clear();
    return;
  }
  team_->dismiss();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Crew::run(const Task& task) {
  if (process_ != process_id()) {
    end();
    start();
  }
  if (options_.way == ThreadWay::own || team_->size() == 1) return task.call(task.object, *team_);

  struct Region {
    const Task& task;
    Team& team;
    std::atomic<int> arrived{0};

    // The first to arrive leads.
    void arrive() {
      const int member = arrived++;
      if (member == 0) {
        task.call(task.object, team);
        team.dismiss();
      } else if (member < team.size()) {
        team.help(member);
      }
    }
  };
  team_->reopen();
  Region region{task, *team_};
  if (options_.way == ThreadWay::caller) {
    options_.parallel_for(
        options_.context, static_cast<std::size_t>(team_->size()),
        [](void* argument, std::size_t) { static_cast<Region*>(argument)->arrive(); }, &region);
    if (region.arrived == 0) {
      throw refusal("the caller's function made no call", "it has to make every call before it returns",
                    "parallel_for");
    }
    return;
  }
#if defined(TRM_WITH_OPENMP)
#pragma omp parallel num_threads(team_->size())
  region.arrive();
#endif
}

void for_each(std::int64_t count, int threads, const std::function<void(std::int64_t)>& body) {
  std::atomic<std::int64_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work = [&](int) {
    try {
      for (std::int64_t i = next++; i < count; i = next++) body(i);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      next = count;
    }
  };
  const auto useful = std::min<std::int64_t>(threads, count);  // threads, this one among them
  auto helpers = start_threads(useful > 1 ? static_cast<int>(useful - 1) : 0, work);
  work(0);
  for (std::thread& helper : helpers) helper.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace trm
