#include "cli/trajectories.hpp"

#include <cmath>

#include "base/error.hpp"
#include "cli/command.hpp"
#include "models/family.hpp"

namespace trm {

CLI::Option* add_noise_latent_option(CLI::App& command, NoiseLatent& latent) {
  return translate<NoiseLatent>(
      command.add_option("--noise-latent", latent, "Which latent (default: low, or what the model has)"),
      {{"low", NoiseLatent::low}, {"high", NoiseLatent::high}, {"both", NoiseLatent::both}});
}

void add_trajectory_options(CLI::App& command, TrajectoryOptions& options) {
  command
      .add_option("--samples", options.samples,
                  "Runs of each puzzle, each with noise of its own, of which the best answer\n"
                  "is taken (default: 1); needs --noise, or a model that starts at random")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20).description(""))
      ->type_name("K");
  CLI::Option* noise = command
                           .add_option("--noise", options.noise,
                                       "Standard deviation of the Gaussian noise added to a latent before\n"
                                       "every step (default: 0, none); --seed chooses it")
                           ->check(CLI::Range(0.0, 1e6).description(""))
                           ->type_name("S");
  add_noise_latent_option(command, options.latent)->needs(noise);
  CLI::Option* best = command.add_option("--best", options.best,
                                         "Which of the answers: q, the one the halting head is surest of (default);\n"
                                         "vote, the most frequent; residual, the one whose logits moved least in\n"
                                         "the last steps; confidence, the one of the most probable tokens");
  translate<Best>(
      best, {{"q", Best::q}, {"vote", Best::vote}, {"residual", Best::residual}, {"confidence", Best::confidence}});
}

CommandSession open_session(const ModelSource& model, const CommonOptions& common, const StepOptions& steps,
                            const TrajectoryOptions& options) {
  if (std::isnan(options.noise)) throw Error(ErrorKind::usage, "--noise: not a number; give a standard deviation");
  if (options.samples > 1 && steps.every_step) {
    throw Error(ErrorKind::usage, "--every-step shows one run of a puzzle; leave it or --samples out");
  }
  CommandSession session = open_session(model, common, steps);
  if (options.samples > 1 && options.noise == 0 && !draws_random_numbers(session.model.hyperparameters())) {
    throw Error(ErrorKind::usage, "--samples " + std::to_string(options.samples) +
                                      " without noise gives as many equal answers; add --noise S");
  }
  session.run.noise = options.noise;
  session.run.noise_latent = options.latent;
  return session;
}

}  // namespace trm
