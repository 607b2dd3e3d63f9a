// trm run: token ids in, raw model outputs out, as .npy arrays.

#include <algorithm>
#include <array>
#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.hpp"
#include "cli/command.hpp"
#include "cli/cost.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_line.hpp"
#include "cli/paths.hpp"
#include "cli/progress.hpp"
#include "cli/run_output.hpp"
#include "cli/session.hpp"
#include "cli/terminal.hpp"
#include "io/io_error.hpp"
#include "io/npy.hpp"
#include "puzzles/same_puzzles.hpp"

namespace trm {
namespace {

struct RunCommandOptions {
  std::string model;
  std::string inputs;
  std::string puzzle_identifiers;  // empty: id 0 for all
  std::string out;
  bool latents = false;
  StepOptions steps;
};

NpyArray<std::int32_t> read_inputs(const std::string& path, const Hyperparameters& model,
                                   const std::string& model_name) {
  auto inputs = read_npy<std::int32_t>(path);
  if (inputs.shape.size() == 2 && inputs.shape[1] == model.seq_len && inputs.shape[0] > 0) return inputs;
  std::string shape;
  for (const std::int64_t size : inputs.shape) shape += (shape.empty() ? "" : ", ") + std::to_string(size);
  throw input_error(path, "", "has the shape [" + shape + "]",
                    model_name + " takes [B, " + std::to_string(model.seq_len) + "]");
}

std::vector<std::int64_t> read_puzzle_ids(const RunCommandOptions& options, const Hyperparameters& model,
                                          std::int64_t batch) {
  if (options.puzzle_identifiers.empty()) {
    if (model.puzzle_emb_ndim > 0 && model.num_puzzle_identifiers > 1) {
      throw Error(ErrorKind::usage, options.model + " knows " + std::to_string(model.num_puzzle_identifiers) +
                                        " puzzles; say which the inputs are with --puzzle-identifiers");
    }
    return std::vector<std::int64_t>(static_cast<std::size_t>(batch), 0);
  }
  auto ids = read_npy<std::int64_t>(options.puzzle_identifiers);
  if (ids.values.size() == static_cast<std::size_t>(batch)) return std::move(ids.values);
  throw input_error(options.puzzle_identifiers, "", "has " + std::to_string(ids.values.size()) + " ids",
                    "one for each of the " + std::to_string(batch) + " inputs is needed");
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) throw io_error(folder, "cannot create the folder", failure.value());
}

void check_run_paths(const RunCommandOptions& options, bool force) {
  const std::array inputs = {InputPath{options.model, "the model"}, InputPath{options.inputs, "the inputs"},
                             InputPath{options.puzzle_identifiers, "the puzzle ids"}};
  std::error_code failure;
  if (!std::filesystem::is_directory(options.out, failure)) return;  // it is made, and empty then
  std::vector<OutputPath> outputs;
  for (const char* name : {"predictions", "logits", "q", "steps", "z_high", "z_low"}) {
    outputs.push_back({options.out + '/' + name + ".npy", OutputKind::npy});
  }
  check_paths(inputs, outputs, force);
}

int run_raw(const CommonOptions& common, const RunCommandOptions& options) {
  check_run_paths(options, common.force);
  const Session session = open_session(options.model, common, options.steps);
  const Hyperparameters& model = session.model.hyperparameters();
  const auto inputs = read_inputs(options.inputs, model, session.name);
  const std::int64_t batch = inputs.shape[0];
  const auto puzzle_ids = read_puzzle_ids(options, model, batch);
  for (const std::filesystem::path file : {options.inputs, options.puzzle_identifiers}) {  // parts of a data set?
    if (!file.empty()) require_same_puzzles(file.parent_path(), session.model, session.name);
  }
  const auto cells = static_cast<std::size_t>(model.seq_len);
  std::vector<Sample> samples(static_cast<std::size_t>(batch));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] = {std::span(inputs.values).subspan(i * cells, cells), puzzle_ids[i]};
  }
  make_folder(options.out);
  const Stopwatch watch;
  RunOutput output(
      options.out, model,
      {.batch = batch, .steps = steps_of(session), .every_step = options.steps.every_step, .latents = options.latents});
  RunOptions run_options = session.run;
  run_options.every_step = options.steps.every_step || options.latents;
  {
    Progress progress(samples.size(), "samples", common.quiet);
    run(
        session.model, samples, run_options,
        [&](const StepResult& result) {
          output.take(result);
          if (result.last) progress.advance();
        },
        interrupted);
  }
  const std::size_t finished = output.finish();
  if (common.json) {
    print(json_line(nlohmann::ordered_json{{"samples", batch},
                                           {"finished", finished},
                                           {"steps", steps_of(session)},
                                           {"seconds", watch.seconds()},
                                           {"peak_rss_bytes", peak_rss_bytes()}}));
  }
  if (!common.quiet) {
    note(std::to_string(finished) + (finished == 1 ? " sample in " : " samples in ") +
         cost_text(session, watch.seconds()));
  }
  if (finished == samples.size()) return exit_done;
  note("trm: interrupted: " + std::to_string(samples.size() - finished) + " of " + std::to_string(samples.size()) +
       " samples were not finished; steps.npy has 0 for them");
  return exit_interrupted;
}

}  // namespace

void add_run(CLI::App& app, Program& program) {
  CLI::App* command = add_command(
      app, "run", "Run a model on token ids and write its raw outputs.",
      "  trm run model.gguf --inputs inputs.npy --out results\n"
      "  trm run model.gguf --inputs inputs.npy --puzzle-identifiers ids.npy --every-step --latents --out results\n"
      "\n"
      "Files in DIR (B samples, S cells, V tokens, T tokens with the puzzle's, D hidden size, K steps):\n"
      "  predictions.npy  int32 [B, S]            argmax of the logits after the last step\n"
      "  logits.npy       float32 [B, S, V]       with --every-step [K, B, S, V]\n"
      "  q.npy            float32 [B, 2]          (halt, continue); with --every-step [K, B, 2]\n"
      "  steps.npy        int32 [B]               steps taken; 0: interrupted before the last\n"
      "  z_high.npy, z_low.npy  float32 [2, B, T, D]  with --latents: after the first and the last step;\n"
      "                           what the family has; of trm_hier6 z_low is [2, B, 6, T, D]\n"
      "A sample that --halt stopped repeats its last result in the steps after.");
  auto options = std::make_shared<RunCommandOptions>();
  add_model_option(*command, options->model);
  command->add_option("--inputs", options->inputs, "Token ids, integers [B, S] (.npy)")->required()->type_name("FILE");
  command
      ->add_option("--puzzle-identifiers", options->puzzle_identifiers,
                   "Puzzle ids, integers [B] (.npy); needed where the model knows several")
      ->type_name("FILE");
  command->add_option("--out", options->out, "Folder for the results; made if it is missing")
      ->required()
      ->type_name("DIR");
  add_step_options(*command, options->steps, "Logits and q after each step, not only after the last");
  command->add_flag("--latents", options->latents,
                    "Also write the latent states, as they are after the first\nand the last step");
  set_action(command, program, options, run_raw, OnInterrupt::stop);
}

}  // namespace trm
