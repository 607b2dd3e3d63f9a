#include "models/latent_noise.hpp"

#include <string>

#include "base/error.hpp"

namespace trm {

LatentNoise latent_noise(const Family& family, double sigma, NoiseLatent wanted) {
  if (sigma == 0) return {};
  const std::size_t high = z_high_count(family), all = family.initial_latents.size();
  const auto refuse = [&](const std::string& latent, const std::string& other) {
    throw Error(ErrorKind::usage, {.file = {},
                                   .place = latent,
                                   .what = "the family " + std::string(family.name) + " has no such latent",
                                   .remedy = "its noise can be on " + other,
                                   .settings = {"noise_latent"}});
  };
  if (wanted == NoiseLatent::available) wanted = high < all ? NoiseLatent::low : NoiseLatent::high;
  if (wanted != NoiseLatent::high && high == all) refuse("z_low", "z_high");
  if (wanted != NoiseLatent::low && high == 0) refuse("z_high", "z_low");
  return {
      .sigma = sigma, .first = wanted == NoiseLatent::low ? high : 0, .last = wanted == NoiseLatent::high ? high : all};
}

void add_latent_noise(const LatentNoise& noise, NoisePlace place, const State& state) {
  if (noise.sigma == 0) return;
  for (std::size_t i = noise.first; i < noise.last; ++i) {
    const auto latent = state.latent(i);
    place.latent = static_cast<std::uint32_t>(i);
    add_noise(place, noise.sigma, {latent.data, static_cast<std::size_t>(latent.rows * latent.cols)});
  }
}

}  // namespace trm
