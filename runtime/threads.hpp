#pragma once
// The one place that starts threads. A crew is the threads of a team; where they come from is the caller's choice and
// changes no result.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <type_traits>
#include <vector>

#include "runtime/team.hpp"

namespace trm {

enum class ThreadWay : std::uint8_t {
  own,     // threads of the crew's own: they sleep between two programs and end with the crew
  openmp,  // OpenMP's, where this library was built with it
  caller,  // the caller's parallel_for
};

// Calls function(argument, i) for every i in [0, count), on any threads, and returns when all calls have returned. They
// may run at once or one after the other: none waits for another to begin.
using ParallelFor = void (*)(void* context, std::size_t count, void (*function)(void* argument, std::size_t i),
                             void* argument);

struct ThreadOptions {
  int threads = 0;  // 0: available_threads()
  ThreadWay way = ThreadWay::own;
  ParallelFor parallel_for = nullptr;  // of ThreadWay::caller
  void* context = nullptr;             // its first argument
};

// `wanted`, or fewer where the system starts no more threads (ulimit -u or -v, the limit of a container). To be asked
// before a parallel region: OpenMP's runtime ends the process when it cannot start a thread. Tried once for each new
// maximum.
[[nodiscard]] int startable_threads(int wanted);

// The size of a crew with these options, if the system grants its threads. Throws as Crew does.
[[nodiscard]] int wanted_threads(const ThreadOptions& options);

// In a child process after a fork, which none of the parent's threads survives, a crew starts threads anew (but for
// OpenMP's, whose runtime cannot).
class Crew {
 public:
  // Starts own threads: as many as wanted, or fewer where the system grants no more. Throws Error(usage) for a negative
  // number, and for a way that this build or these options lack.
  explicit Crew(const ThreadOptions& options);
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  [[nodiscard]] int size() const { return team_->size(); }

  // Calls program(team) once, on one thread, the calling one if the threads are own; the others help the team. The
  // program must not throw. Throws what parallel_for throws, and Error(usage) where it made no call.
  template <class Program>
  void lead(Program&& program) {
    using Callable = std::remove_reference_t<Program>;
    run({const_cast<void*>(static_cast<const void*>(&program)),
         [](void* object, Team& team) { (*static_cast<Callable*>(object))(team); }});
  }

 private:
  struct Task {  // a program without its type
    void* object;
    void (*call)(void* object, Team& team);
  };

  void run(const Task& task);
  void start();
  void end();

  const ThreadOptions options_;
  int process_ = 0;  // that has the threads
  std::unique_ptr<Team> team_;
  std::vector<std::thread> threads_;  // own ones
};

// body(i) for every i in [0, count), on up to `threads` threads that end with this call. Rethrows the first exception.
void for_each(std::int64_t count, int threads, const std::function<void(std::int64_t)>& body);

}  // namespace trm
