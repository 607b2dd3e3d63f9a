#pragma once
// The examples of a data set, a block at a time, ready to run.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "cli/common.hpp"
#include "models/model.hpp"
#include "puzzles/data_set.hpp"

namespace trm {

// What is to be read, as it is given on the command line.
struct ExampleOptions {
  std::string data;
  std::size_t limit = 0;  // only the first; 0: all
};
// DATA and --limit. Returns DATA, for commands that can do without.
CLI::Option* add_example_options(CLI::App& command, ExampleOptions& options);

[[nodiscard]] std::size_t examples_to_read(const ExampleOptions& options, const DataSet& data);

struct ExampleBlock {
  std::size_t first = 0;  // index of its first example in the data set
  Batch batch;
  std::vector<Sample> samples;  // views of `batch`

  [[nodiscard]] std::span<const std::int32_t> labels(std::size_t i) const {  // [S] of the block's i-th example
    const std::size_t cells = samples[i].inputs.size();
    return std::span(batch.labels).subspan(i * cells, cells);
  }
};

inline constexpr std::size_t block_examples = 256;  // read and run together

// Reads the first `total` examples and hands them on in blocks, until interrupted.
void for_blocks(const DataSet& data, std::size_t total, std::size_t block,
                const std::function<void(ExampleBlock& block)>& work);

// What a command over examples ends with: the exit code, and a line on stderr where some were not finished.
[[nodiscard]] int exit_code(std::size_t finished, std::size_t total);

}  // namespace trm
