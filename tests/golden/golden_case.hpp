#pragma once
// A golden case (tests/data/golden/README.md): the outputs that the reference computed, and those of a converted model
// in the same layout.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "convert/convert.hpp"
#include "io/npy.hpp"
#include "models/model.hpp"

namespace trm {

// Each array in C order.
struct Outputs {
  std::vector<float> logits;  // [steps, B, S, V]
  std::vector<float> q;       // [steps, B, 2]: halt, continue
  std::vector<float> z_high;  // [2, B, T, D]: after the first and the last step
  std::vector<float> z_low;   // [2, B, T, D]; of trm_hier6 [2, B, 6, T, D], the reference's [B, 6, T, D] after the last
};

struct GoldenCase {
  std::string name;
  std::filesystem::path checkpoint;
  NpyArray<std::int32_t> inputs;           // [B, S]
  NpyArray<std::int64_t> ids;              // [B]
  std::vector<float> start;                // [B, latents, T, D]; empty: the family's own start
  std::vector<double> noise;               // [steps], of the logits of the reference's float32 run
  std::vector<std::int64_t> iterations{};  // [B], of families that stop by themselves: the step each sample stops after
  double latent_noise = 0;                 // the same of the latents, where the case says it
  Outputs expected;                        // latents are empty where the case has none

  [[nodiscard]] std::size_t batch() const { return ids.values.size(); }
  [[nodiscard]] std::size_t steps() const { return noise.size(); }
  [[nodiscard]] Sample sample(std::size_t index) const;
  // The largest difference from the reference that float32 rounding explains, after a step (from 0).
  [[nodiscard]] double tolerance(std::size_t step) const;
  [[nodiscard]] double latent_tolerance(std::size_t step) const;
};

[[nodiscard]] GoldenCase read_case(const std::filesystem::path& folder);

// Converts the case's checkpoint with the configuration that lies beside it.
void convert_case(const GoldenCase& golden, const std::filesystem::path& model_file,
                  WeightSet weights = WeightSet::automatic);  // EqR without its noise

// The outputs after every step; `noise` gives the options of latent noise.
[[nodiscard]] Outputs compute(const Model& model, const std::vector<Sample>& samples, std::size_t steps, int threads,
                              const RunOptions& noise = {});

// Empty when all outputs are within the tolerance, else the output that differs most.
[[nodiscard]] std::string disagreement(const GoldenCase& golden, const Outputs& outputs);

}  // namespace trm
