#pragma once
// What every command is given, without the library that reads the command line.

#include <cstdint>
#include <functional>
#include <string>

#include "cli/failure.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace trm {

// Options every command takes.
struct CommonOptions {
  int threads = 0;         // 0: all this process may use
  std::string isa;         // kernel set by name; empty: the fastest this CPU has
  bool quiet = false;      // no progress, verdicts or summary on stderr; errors stay
  bool json = false;       // machine-readable results on stdout
  std::uint64_t seed = 0;  // for commands that draw random numbers
  bool force = false;      // output files may replace files of another kind
};

struct Program {
  CommonOptions common;
  std::function<int()> action;  // returns the exit code; may throw Error
};

// Threads asked for, or all that this process may use; and those of them that the system grants.
[[nodiscard]] int wanted_threads(const CommonOptions& common);
[[nodiscard]] int threads_of(const CommonOptions& common);

}  // namespace trm
