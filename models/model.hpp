#pragma once
// A loaded model, and running it: the interface for programs that embed the runtime.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "models/hyperparameters.hpp"
#include "runtime/kernels/kernel_set.hpp"

namespace trm {

// Weights packed for one kernel set; the file stays open, and rows of its id table are read when a sample needs them.
// Immutable after loading; any number of threads may run it at once. A model that was moved from can only be assigned
// to or destroyed: all else throws Error(usage).
class Model {
 public:
  // Reads the file, compares its weights with their checksums, packs them for `kernels`.
  // Throws Error(input) for a damaged or foreign file, Error(io) when it cannot be read.
  [[nodiscard]] static Model load(const std::filesystem::path& path, const KernelSet& kernels);
  // The same from the bytes of a model file that the caller owns: a model carried inside a program, a download. The
  // bytes must outlive the model, which reads the rows of its id table from them. `name` is for messages.
  [[nodiscard]] static Model load(std::span<const std::byte> bytes, std::string name, const KernelSet& kernels);

  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();

  [[nodiscard]] const Hyperparameters& hyperparameters() const;
  [[nodiscard]] const KernelSet& kernels() const;
  [[nodiscard]] std::string_view type() const;     // "f32", "f16", "int8" or "q4_0"
  [[nodiscard]] std::size_t weight_bytes() const;  // packed, in memory

  // Puzzle ids. An id is an index of the training data set's identifiers.json;
  // the file may hold only some of them.
  [[nodiscard]] std::int64_t puzzle_rows() const;        // rows that the file keeps
  [[nodiscard]] bool has_puzzle(std::int64_t id) const;  // is the row of this id kept?
  [[nodiscard]] std::optional<std::int64_t> find_puzzle(
      std::string_view name) const;  // name -> id, if the file knows it

  struct Impl;
  [[nodiscard]] const Impl& impl() const;

 private:
  explicit Model(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

struct Sample {
  std::span<const std::int32_t> inputs;  // [S] token ids in [0, V)
  std::int64_t puzzle_id = 0;            // ignored when the model has no id table
  // With RunOptions::noise, and where a family starts at random: samples of equal key and trajectory get equal draws.
  // The trajectories of one puzzle share its key.
  std::uint64_t noise_key = 0;
  std::uint32_t trajectory = 0;
  // The latents to start from, in place of the family's own start: [latents, T, D], z_high first. Empty: its own.
  std::span<const float> start{};
};

// A threshold of RunOptions::halt_residual that costs few answers (docs/benchmarks.md).
inline constexpr float usual_halt_residual = 10;

// The latents that noise is added to. `available`: z_low, or z_high where the family has no z_low.
enum class NoiseLatent { available, low, high, both };

struct RunOptions {
  std::int64_t steps = 0;  // supervision steps; 0: the model's halt_max_steps
  bool halt = false;       // stop a sample after the first step whose halting rule holds
  float halt_margin = 0;   // the least by which the halting rule must hold; see halts()
  // Not 0: stop a sample once its answer stands still, which is when its residual (residual.hpp) is below this.
  float halt_residual = 0;
  [[nodiscard]] bool may_halt() const { return halt || halt_residual > 0; }
  bool every_step = false;  // compute logits and report after every step, not only the last
  int threads = 0;          // 0: all that this process may use; fewer run where the system starts no more

  // Latent-noise sampling (arXiv 2605.19943): before every supervision step, the first included, each value of the
  // chosen latents gets Gaussian noise of this standard deviation. It depends on the seed, the sample's noise_key and
  // trajectory, the step, the latent and the place in it, and on nothing else.
  double noise = 0;  // 0: none
  NoiseLatent noise_latent = NoiseLatent::available;
  std::uint64_t seed = 0;
};

// One sample after one step. The spans are valid during the callback only.
struct StepResult {
  std::size_t sample = 0;  // index into the samples
  std::int64_t step = 0;   // from 1
  bool last = false;       // no further step follows for this sample
  bool halted = false;     // no further step, because a halting rule held or, with FPRM, the family's own stopping rule
  float q_halt = 0;
  float q_continue = 0;
  std::span<const float> logits;  // [S, V]
  std::span<const float> z_high;  // [T, D]; empty where the family has none
  std::span<const float> z_low;   // [T, D]; of trm_hier6 [6, T, D]; empty where the family has none
};

// Runs every sample from a fresh carry. Results depend neither on the number of threads nor on the other samples, bit
// for bit.
//
// `report` is called for each sample's last step (each step with every_step), in step order for one sample, from
// several threads at once for different samples. `stop`, if given, sees every step of every sample, logits included;
// when it returns true this step is the sample's last. `cancel`, if given, is asked before every pass of the network;
// when it returns true the run ends, and samples under way are not reported. Both come from several threads at once, as
// `report` does. An exception thrown by one of the three stops the run and is rethrown here.
//
// Throws Error(input) when a sample has the wrong length, a token out of the vocabulary, or a puzzle id without a row;
// Error(usage) naming the setting for options that no run can have (negative, not finite, noise on a latent that the
// family lacks); Error(work) when the model's numbers overflow, so that its answer is not finite.
//
// It starts threads and takes memory for this call: whoever calls often makes a Session (session.hpp).
void run(const Model& model, std::span<const Sample> samples, const RunOptions& options,
         const std::function<void(const StepResult&)>& report, const std::function<bool()>& cancel = {},
         const std::function<bool(const StepResult&)>& stop = {});

// The token of the highest logit in each cell, the first of equal ones: [S, V] -> [S].
void argmax(std::span<const float> logits, std::int64_t vocab_size, std::span<std::int32_t> tokens);

}  // namespace trm
