#include "cli/examples.hpp"

#include <algorithm>
#include <limits>

#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/terminal.hpp"
#include "puzzles/views.hpp"

namespace trm {

CLI::Option* add_example_options(CLI::App& command, ExampleOptions& options) {
  CLI::Option* data = command
                          .add_option("DATA", options.data,
                                      "Official data set folder (the split, or its parent: test/ is taken\n"
                                      "before train/), or CSV with question and answer columns")
                          ->required()
                          ->type_name("");
  command.add_option("--limit", options.limit, "Only the first N examples (default: all)")
      ->check(CLI::Range(std::size_t{1}, std::numeric_limits<std::size_t>::max() / 2).description(""))
      ->type_name("N");
  return data;
}

std::size_t examples_to_read(const ExampleOptions& options, const DataSet& data) {
  return options.limit > 0 ? std::min(options.limit, data.examples) : data.examples;
}

void for_blocks(const DataSet& data, std::size_t total, std::size_t block,
                const std::function<void(ExampleBlock& block)>& work) {
  for (std::size_t first = 0; first < total && !interrupted(); first += block) {
    const std::size_t count = std::min(block, total - first);
    ExampleBlock examples{.first = first, .batch = data.read(first, count), .samples = std::vector<Sample>(count)};
    const std::size_t cells = examples.batch.inputs.size() / count;
    for (std::size_t i = 0; i < count; ++i) {
      const auto inputs = std::span<const std::int32_t>(examples.batch.inputs).subspan(i * cells, cells);
      examples.samples[i] = {
          .inputs = inputs, .puzzle_id = examples.batch.puzzle_ids[i], .noise_key = puzzle_key(inputs)};
    }
    work(examples);
  }
}

int exit_code(std::size_t finished, std::size_t total) {
  if (finished == total) return exit_done;
  note("trm: interrupted: " + std::to_string(total - finished) + " of " + std::to_string(total) +
       " examples were not finished and are left out");
  return exit_interrupted;
}

}  // namespace trm
