#pragma once
// What `trm quantize` shares with the study of what it costs.

#include <CLI/CLI.hpp>
#include <string>

namespace trm {

// --type, required: f16, int8 or q4_0.
void add_fewer_bits_option(CLI::App& command, std::string& type);

}  // namespace trm
