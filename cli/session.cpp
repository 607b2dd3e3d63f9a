#include "cli/session.hpp"

#include <charconv>
#include <cmath>
#include <filesystem>

#include "base/error.hpp"
#include "cli/command.hpp"
#include "cli/cost.hpp"
#include "cli/numbers.hpp"
#include "cli/terminal.hpp"
#include "runtime/cpu.hpp"
#include "runtime/kernels/kernel_set.hpp"

namespace trm {
namespace {

float margin_of(const std::string& halt) {
  float margin = 0;
  if (halt.empty()) return margin;
  const auto [end, error] = std::from_chars(halt.data(), halt.data() + halt.size(), margin);
  if (error != std::errc{} || end != halt.data() + halt.size() || !std::isfinite(margin)) {
    throw Error(ErrorKind::usage, "--halt=" + halt + ": give a number, by how much the halting logit must win");
  }
  return margin;
}

}  // namespace

void add_model_option(CLI::App& command, std::string& model) {
  command.add_option("MODEL", model, "Model file (.gguf) from 'trm convert'")->required()->type_name("");
  command.add_option("-m,--model", model, "The same, in any place")->type_name("MODEL");
}

void add_step_options(CLI::App& command, StepOptions& options, const std::string& every_step_help) {
  command
      .add_option("--steps", options.steps,
                  "Supervision steps to run; more may solve more (default: what the\n"
                  "model was trained for); with --halt the most a sample may take")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 20).description(""))
      ->type_name("N");
  command
      .add_flag("--halt{0}", options.halt,
                "Stop each sample after the first step at which its halting head says it\n"
                "is done: faster, a little less accurate; with M only when its logit wins\n"
                "by more than M, which is surer")
      ->type_name("M");
  if (!every_step_help.empty()) command.add_flag("--every-step", options.every_step, every_step_help);
}

std::string halting_text(const RunOptions& run) {
  return run.halt_margin == 0 ? "--halt" : "--halt=" + shortest(run.halt_margin);
}

CommandSession open_session(const std::string& model_path, const CommonOptions& common, const StepOptions& steps) {
  return open_session(ModelSource{model_path, {}}, common, steps);
}

CommandSession open_session(const ModelSource& model, const CommonOptions& common, const StepOptions& steps) {
  const int threads = threads_of(common), wanted = wanted_threads(common);
  if (threads < wanted && !common.quiet) {
    note("trm: warning: the system grants " + std::to_string(threads) + " of " + std::to_string(wanted) +
         " threads (limits on processes or memory: ulimit -u, ulimit -v); this run is slower");
  }
  if (wanted > available_threads() && !common.quiet) {
    note("trm: warning: " + std::to_string(wanted) + " threads on " + std::to_string(available_threads()) +
         " CPUs: no faster than a thread each, with more memory");
  }
  const KernelSet& kernels = kernel_set(common.isa);
  return {.name = model.name,
          .model = model.bytes.empty() ? Model::load(std::filesystem::path(model.name), kernels)
                                       : Model::load(model.bytes, model.name, kernels),
          .run = {.steps = steps.steps,
                  .halt = !steps.halt.empty(),
                  .halt_margin = margin_of(steps.halt),
                  .every_step = steps.every_step,
                  .threads = threads}};
}

std::int64_t steps_of(const CommandSession& session) {
  return session.run.steps > 0 ? session.run.steps : session.model.hyperparameters().halt_max_steps;
}

int threads_of(const CommandSession& session) {
  return session.run.threads;
}

std::string cost_text(const CommandSession& session, double seconds) {
  const int threads = threads_of(session);
  return duration_text(seconds) + ", " + std::to_string(threads) + (threads == 1 ? " thread, " : " threads, ") +
         std::string(kernel_set_name(session.model.kernels())) + ", " + std::string(session.model.type()) +
         "; peak memory " + size_text(peak_rss_bytes());
}

}  // namespace trm
