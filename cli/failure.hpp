#pragma once
// A failure in the words of the command line: one line for stderr and an exit code (README, "Exit codes").

#include <string>

#include "base/error.hpp"

namespace trm {

inline constexpr int exit_done = 0;
inline constexpr int exit_work = 1;           // the work could not be done
inline constexpr int exit_usage = 2;          // wrong usage
inline constexpr int exit_input = 3;          // a bad input file
inline constexpr int exit_io = 4;             // reading or writing failed
inline constexpr int exit_interrupted = 130;  // what was finished is kept

[[nodiscard]] int exit_code(ErrorKind kind);

// The error's parts; where the libraries name a setting ("seq_len") stands the option that sets it ("--seq-len").
[[nodiscard]] std::string message(const Error& error);

}  // namespace trm
