// trm quantize: a float32 model file becomes one in fewer bits.

#include "cli/quantize.hpp"

#include <array>

#include "cli/command.hpp"
#include "cli/cost.hpp"
#include "cli/json_line.hpp"
#include "cli/paths.hpp"
#include "cli/terminal.hpp"
#include "convert/requantize.hpp"
#include "convert/weight_encoder.hpp"

namespace trm {
namespace {

struct QuantizeOptions {
  std::string input;
  std::string output;
  std::string type;
};

int quantize_model(const CommonOptions& common, const QuantizeOptions& options) {
  const Stopwatch watch;
  check_paths(std::array{InputPath{options.input, "the model"}},
              std::array{OutputPath{options.output, OutputKind::model}}, common.force);
  const auto bytes = requantize(options.input, options.output, parse_weight_type(options.type));
  if (common.json) {
    print(json_line(nlohmann::ordered_json{{"model", options.output},
                                           {"type", options.type},
                                           {"bytes", bytes},
                                           {"seconds", watch.seconds()},
                                           {"peak_rss_bytes", peak_rss_bytes()}}));
  }
  if (!common.quiet) {
    note(options.output + ": " + options.type + ", " + size_text(static_cast<std::int64_t>(bytes)) + "; " +
         duration_text(watch.seconds()));
  }
  return exit_done;
}

}  // namespace

void add_fewer_bits_option(CLI::App& command, std::string& type) {
  choose_from(command.add_option("--type", type, "Type of the layers' weights")->required(), {"f16", "int8", "q4_0"});
}

void add_quantize(CLI::App& app, Program& program) {
  auto options = std::make_shared<QuantizeOptions>();
  CLI::App* command =
      add_command(app, "quantize", "Turn a float32 model file into one in fewer bits.",
                  "  trm quantize sudoku.gguf -o sudoku-int8.gguf --type int8\n"
                  "\n"
                  "f16: weights of the layers in half precision. int8: in eight bits, a scale an output\n"
                  "channel. q4_0: those of attention and of the MLP over the channels in four bits, a\n"
                  "scale for 32 of them (GGUF's Q4_0), the others in int8. Embeddings, heads and the id\n"
                  "table stay as they are.");
  command->add_option("MODEL", options->input, "A float32 model file")->required()->type_name("");
  command->add_option("-o,--output", options->output, "Model file to write")->required()->type_name("MODEL");
  add_fewer_bits_option(*command, options->type);
  set_action(command, program, options, quantize_model, OnInterrupt::die);
}

}  // namespace trm
