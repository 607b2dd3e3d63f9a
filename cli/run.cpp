// trm run: token ids in, raw model outputs out, as .npy arrays.

#include <algorithm>
#include <array>
#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/command.hpp"
#include "cli/cost.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_line.hpp"
#include "cli/paths.hpp"
#include "cli/progress.hpp"
#include "cli/raw_inputs.hpp"
#include "cli/run_output.hpp"
#include "cli/session.hpp"
#include "cli/terminal.hpp"

namespace trm {
namespace {

struct RunCommandOptions {
  std::string model;
  RawInputOptions inputs;
  std::string out;
  bool latents = false;
  StepOptions steps;
};

void check_run_paths(const RunCommandOptions& options, bool force) {
  const std::array inputs = {InputPath{options.model, "the model"}, InputPath{options.inputs.inputs, "the inputs"},
                             InputPath{options.inputs.puzzle_identifiers, "the puzzle ids"},
                             InputPath{options.inputs.start, "the start"}};
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
  const CommandSession session = open_session(options.model, common, options.steps);
  const Hyperparameters& model = session.model.hyperparameters();
  const RawInputs inputs = read_raw_inputs(options.inputs, session.model, session.name);
  const std::vector<Sample>& samples = inputs.samples;
  const auto batch = static_cast<std::int64_t>(samples.size());
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
  add_raw_input_options(*command, options->inputs)->required();
  command->add_option("--out", options->out, "Folder for the results; made if it is missing")
      ->required()
      ->type_name("DIR");
  add_step_options(*command, options->steps, "Logits and q after each step, not only after the last");
  command->add_flag("--latents", options->latents,
                    "Also write the latent states, as they are after the first\nand the last step");
  set_action(command, program, options, run_raw, OnInterrupt::stop);
}

}  // namespace trm
