#pragma once
// The arguments of the program as people write them become what the parser understands.

#include <string>
#include <vector>

#include "cli/common.hpp"

namespace trm {

// The arguments (without the program's name) with two changes. The value of an option that may go without one is joined
// to it: "--halt 3" is "--halt=3", unless the next word can be no such value or is the name of a file. And each -m
// MODEL stands where the command has its MODEL.
[[nodiscard]] std::vector<std::string> prepared(const CLI::App& app, std::vector<std::string> arguments);

}  // namespace trm
