#include "cli/session.hpp"

#include <charconv>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "cli/command.hpp"
#include "cli/cost.hpp"
#include "cli/numbers.hpp"
#include "cli/terminal.hpp"
#include "runtime/cpu.hpp"
#include "runtime/kernels/kernel_set.hpp"

namespace trm {
namespace {

constexpr std::string_view residual_rule = "residual";

// A finite number that is all of `text`; empty: it is none.
template <class T>
std::optional<T> number_in(std::string_view text) {
  T number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool all = error == std::errc{} && end == text.data() + text.size() && std::isfinite(number);
  return all ? std::optional(number) : std::nullopt;
}

// "", "0", "3", "residual" or "residual:0.05".
void set_halting(const std::string& halt, RunOptions& run) {
  if (halt.empty()) return;
  if (halt.starts_with(residual_rule)) {
    std::string_view rest = std::string_view(halt).substr(residual_rule.size());
    const auto residual = rest.empty()            ? std::optional(usual_halt_residual)
                          : rest.starts_with(':') ? number_in<float>(rest.substr(1))
                                                  : std::nullopt;
    if (!residual || *residual <= 0) {
      throw Error(ErrorKind::usage, "--halt=" + halt + ": give residual:R, R the mean change of the logits, above 0");
    }
    run.halt_residual = *residual;
    return;
  }
  const auto margin = number_in<float>(halt);
  if (!margin) {
    throw Error(ErrorKind::usage,
                "--halt=" + halt + ": give a number, by how much the halting logit must win, or residual");
  }
  run.halt = true;
  run.halt_margin = *margin;
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
                "by more than M, which is surer; with residual, or residual:R, when its\n"
                "answer stands still: the logits have changed by less than R on average\n"
                "in the last three steps (R: " +
                    shortest(usual_halt_residual) + "), whatever the halting head says")
      ->type_name("M");
  if (!every_step_help.empty()) command.add_flag("--every-step", options.every_step, every_step_help);
}

std::string halting_text(const RunOptions& run) {
  if (run.halt_residual > 0) {
    return run.halt_residual == usual_halt_residual ? "--halt=residual"
                                                    : "--halt=residual:" + shortest(run.halt_residual);
  }
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
  CommandSession session{
      .name = model.name,
      .model = model.bytes.empty() ? Model::load(std::filesystem::path(model.name), kernels)
                                   : Model::load(model.bytes, model.name, kernels),
      .run = {.steps = steps.steps, .every_step = steps.every_step, .threads = threads, .seed = common.seed}};
  set_halting(steps.halt, session.run);
  return session;
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
