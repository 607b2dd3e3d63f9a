#include "cli/trajectories.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <utility>

#include "base/error.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"

namespace trm {
namespace {

constexpr std::size_t block_samples = 65536;  // run together; bounds what is held at once

// The trajectories of one puzzle under way.
struct Gathering {
  std::vector<Trajectory> trajectories;  // each is touched by one thread
  std::atomic<std::size_t> done{0};
};

StepAnswer answer_of(const StepResult& result, std::int64_t vocab_size) {
  StepAnswer answer{std::vector<std::int32_t>(result.logits.size() / static_cast<std::size_t>(vocab_size)),
                    result.q_halt};
  argmax(result.logits, vocab_size, answer.tokens);
  return answer;
}

}  // namespace

std::vector<Candidate> candidates(const std::vector<Trajectory>& trajectories) {
  std::vector<Candidate> answers;
  answers.reserve(trajectories.size());
  for (const Trajectory& one : trajectories) answers.push_back({one.steps.back().tokens, one.steps.back().q_halt});
  return answers;
}

CLI::Option* add_noise_latent_option(CLI::App& command, NoiseLatent& latent) {
  return command
      .add_option("--noise-latent", latent, "Which latent: low, high or both (default: low, or what the model has)")
      ->transform(CLI::Transformer(std::map<std::string, NoiseLatent>{
          {"low", NoiseLatent::low}, {"high", NoiseLatent::high}, {"both", NoiseLatent::both}}))
      ->type_name("NAME");
}

void add_trajectory_options(CLI::App& command, TrajectoryOptions& options) {
  command
      .add_option("--samples", options.samples,
                  "Runs of each puzzle, each with noise of its own, of which the best answer\n"
                  "is taken (default: 1); needs --noise")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20).description(""))
      ->type_name("K");
  CLI::Option* noise = command
                           .add_option("--noise", options.noise,
                                       "Standard deviation of the Gaussian noise added to a latent before\n"
                                       "every step (default: 0, none); --seed chooses it")
                           ->check(CLI::Range(0.0, 1e6).description(""))
                           ->type_name("S");
  add_noise_latent_option(command, options.latent)->needs(noise);
  command
      .add_option("--best", options.best,
                  "Which of the answers: q, the one the halting head is surest of (default),\n"
                  "or vote, the most frequent")
      ->transform(CLI::Transformer(std::map<std::string, Best>{{"q", Best::q}, {"vote", Best::vote}}))
      ->needs(noise)
      ->type_name("NAME");
}

Session open_session(const std::string& model_path, const CommonOptions& common, const StepOptions& steps,
                     const TrajectoryOptions& options) {
  if (std::isnan(options.noise)) throw Error(ErrorKind::usage, "--noise: not a number; give a standard deviation");
  if (options.samples > 1 && options.noise == 0) {
    throw Error(ErrorKind::usage, "--samples " + std::to_string(options.samples) +
                                      " without noise gives as many equal answers; add --noise S");
  }
  if (options.samples > 1 && steps.every_step) {
    throw Error(ErrorKind::usage, "--every-step shows one run of a puzzle; leave it or --samples out");
  }
  Session session = open_session(model_path, common, steps);
  session.run.noise = options.noise;
  session.run.noise_latent = options.latent;
  session.run.seed = common.seed;
  return session;
}

void run_trajectories(const Session& session, std::span<const Sample> puzzles, std::uint64_t first_key,
                      std::size_t each, const std::function<void(std::size_t, std::vector<Trajectory>)>& finished) {
  const std::int64_t vocab_size = session.model.hyperparameters().vocab_size;
  const std::size_t block = std::max<std::size_t>(1, block_samples / each);
  for (std::size_t first = 0; first < puzzles.size() && !interrupted(); first += block) {
    const std::size_t count = std::min(block, puzzles.size() - first);
    std::vector<Sample> samples;
    samples.reserve(count * each);
    for (std::size_t i = first; i < first + count; ++i) {
      for (std::size_t k = 0; k < each; ++k) {
        samples.push_back(puzzles[i]);
        samples.back().noise_key = first_key + i;
        samples.back().trajectory = static_cast<std::uint32_t>(k);
      }
    }
    std::vector<Gathering> gatherings(count);
    for (Gathering& gathering : gatherings) gathering.trajectories.resize(each);
    run(
        session.model, samples, session.run,
        [&](const StepResult& result) {
          const std::size_t puzzle = result.sample / each;
          Gathering& gathering = gatherings[puzzle];
          Trajectory& trajectory = gathering.trajectories[result.sample % each];
          trajectory.steps.push_back(answer_of(result, vocab_size));
          trajectory.steps_used = result.step;
          trajectory.halted = result.halted;
          if (!result.last || ++gathering.done < each) return;
          finished(first + puzzle, std::move(gathering.trajectories));
        },
        interrupted);
  }
}

}  // namespace trm
