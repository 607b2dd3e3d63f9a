// trm convert: a PyTorch checkpoint becomes a model file.

#include "convert/convert.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "cli/command.hpp"
#include "cli/cost.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_line.hpp"
#include "cli/paths.hpp"
#include "cli/progress.hpp"
#include "cli/terminal.hpp"
#include "convert/weight_encoder.hpp"

namespace trm {
namespace {

struct ConvertCommand {
  ConvertOptions options;
  std::string type = "f32";
};

struct Interrupted {};

const std::vector<std::pair<std::string, WeightSet>> weight_sets = {{"ema", WeightSet::ema}, {"raw", WeightSet::raw}};
const Choices task_seq_lens = {{"sudoku", "81"}, {"maze", "900"}, {"arc", "900"}};

std::string summary(const ConvertOptions& options, const ConvertResult& result) {
  const Hyperparameters& h = result.hyperparameters;
  std::string text = options.output.string() + ": " + h.family + ", hidden_size " + std::to_string(h.hidden_size) +
                     ", seq_len " + std::to_string(h.seq_len) + ", vocab_size " + std::to_string(h.vocab_size) +
                     (result.ema ? ", the average (EMA)" : ", weights") +
                     (result.prefix.empty() ? "" : " under \"" + result.prefix + "\"");
  if (h.puzzle_emb_ndim > 0) {
    text += ", " + std::to_string(result.rows) + " of " + std::to_string(h.num_puzzle_identifiers) + " puzzle ids" +
            (result.named ? " with names" : "");
  }
  return text + ", " + size_text(static_cast<std::int64_t>(result.bytes));
}

void print_json(const ConvertOptions& options, const ConvertResult& result, double seconds) {
  print(json_line(nlohmann::ordered_json{{"model", options.output.string()},
                                         {"family", result.hyperparameters.family},
                                         {"prefix", result.prefix},
                                         {"weights", result.ema ? "ema" : "raw"},
                                         {"rows", result.rows},
                                         {"named", result.named},
                                         {"bytes", result.bytes},
                                         {"seconds", seconds},
                                         {"peak_rss_bytes", peak_rss_bytes()}}));
}

void check_convert_paths(const ConvertOptions& options, bool force) {
  const auto beside = [&](const char* name) { return (options.checkpoint.parent_path() / name).string(); };
  const std::string list = options.ids.starts_with('@') ? options.ids.substr(1) : std::string();
  const std::array inputs = {InputPath{options.checkpoint.string(), "the checkpoint"},
                             InputPath{options.config.string(), "the configuration"},
                             InputPath{options.dataset.string(), "the data set"},
                             InputPath{options.identifiers.string(), "the names of the puzzle ids"},
                             InputPath{list, "the list of puzzle ids"},
                             InputPath{beside("all_config.yaml"), "the configuration"},
                             InputPath{beside("config.yaml"), "the configuration"},
                             InputPath{beside("config.json"), "the configuration"},
                             InputPath{beside("dataset.json"), "the data set"},
                             InputPath{beside("identifiers.json"), "the names of the puzzle ids"}};
  check_paths(inputs, std::array{OutputPath{options.output.string(), OutputKind::model}}, force);
}

int convert_checkpoint(const CommonOptions& common, const ConvertCommand& command) {
  const Stopwatch watch;
  ConvertOptions options = command.options;
  options.type = parse_weight_type(command.type);
  check_convert_paths(options, common.force);
  options.remark = [&](const std::string& remark) {
    if (!common.quiet) note("trm: " + remark);
  };
  ConvertResult result;
  try {
    Progress progress(100, "percent", common.quiet);
    int shown = 0;
    options.progress = [&](double share) {
      if (interrupted()) throw Interrupted();
      for (; shown < static_cast<int>(100 * share); ++shown) progress.advance();
    };
    result = convert(options);
  } catch (const Interrupted&) {
    note("trm: interrupted: nothing was written");
    return exit_interrupted;
  }
  if (common.json) print_json(options, result, watch.seconds());
  if (!common.quiet) {
    note(summary(options, result));
    note(duration_text(watch.seconds()) + "; peak memory " + size_text(peak_rss_bytes()));
  }
  return exit_done;
}

void add_file_options(CLI::App& command, ConvertOptions& options) {
  command
      .add_option("--config", options.config,
                  "The training run's configuration (default: all_config.yaml, config.yaml or config.json\n"
                  "beside the checkpoint, else the one that the checkpoint itself holds)")
      ->type_name("YAML");
  command
      .add_option("--dataset", options.dataset,
                  "The data set's dataset.json, or its folder: gives seq_len and confirms\n"
                  "vocab_size and the number of ids (default: dataset.json beside the checkpoint)")
      ->type_name("JSON");
  command
      .add_option("--identifiers", options.identifiers,
                  "The data set's identifiers.json: gives the names of the puzzle ids\n"
                  "(default: beside the checkpoint, or in the data set)")
      ->type_name("JSON");
}

}  // namespace

void add_convert(CLI::App& app, Program& program) {
  CLI::App* command = add_command(
      app, "convert", "Turn a PyTorch checkpoint into a model file.",
      "  trm convert step_10785 -o sudoku.gguf               configuration and data set lie beside it\n"
      "  trm convert step_518071 -o arc.gguf --task arc --ids @arc-agi_evaluation_challenges.json\n"
      "  trm convert model.safetensors -o m.gguf --config all_config.yaml --seq-len 81\n"
      "  trm convert last.ckpt -o m.gguf --weights raw --set L_cycles=4\n"
      "\n"
      "Reads torch.save files (those from before 2020 too), .safetensors and .npz; executes nothing in them. Every "
      "tensor is checked against\n"
      "the configuration, both ways: a configuration that does not fit converts nothing. The output is described\n"
      "in models/FORMAT.md and appears only when it is whole.");
  auto convert = std::make_shared<ConvertCommand>();
  ConvertOptions& options = convert->options;
  command->add_option("CHECKPOINT", options.checkpoint, "The checkpoint's file")->required()->type_name("");
  command->add_option("-o,--output", options.output, "Model file to write")->required()->type_name("MODEL");
  choose_from(command->add_option("--type", convert->type, "Type of the layers' weights (default: f32)"),
              {"f32", "f16", "int8", "q4_0"});
  add_file_options(*command, options);
  command
      ->add_option("--ids", options.ids,
                   "Rows of the puzzle-id table to keep: all (default), none, numbers or names\n"
                   "separated by commas, @names.txt (one a line), or @CHALLENGES.json (every\n"
                   "augmentation of its tasks). A number without leading zeros below the table's\n"
                   "length is an id, anything else a name")
      ->type_name("IDS");
  command->add_option("--seq-len", options.seq_len, "Cells of a puzzle, where neither shapes nor data set tell it")
      ->check(CLI::Range(1, 1 << 16).description(""))
      ->type_name("N");
  translate(command->add_option("--task", options.task_seq_len, "The same by task: sudoku 81, maze and arc 900"),
            task_seq_lens);
  command->add_option("--set", options.overrides, "Field of the configuration, over the file's; may be repeated")
      ->allow_extra_args(false)
      ->type_name("KEY=VALUE");
  translate(command->add_option("--weights", options.weights,
                                "ema: the moving average of the weights, where the trainer kept one (default);\n"
                                "raw: the weights themselves"),
            weight_sets);
  command->add_option("--key", options.key, "Dictionary of the checkpoint that holds the model, where several do")
      ->type_name("KEY");
  set_action(command, program, convert, convert_checkpoint, OnInterrupt::stop);
}

}  // namespace trm
