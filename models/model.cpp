#include "models/model.hpp"

#include <algorithm>

#include "models/loaded_model.hpp"
#include "models/model_file.hpp"

namespace trm {

Model Model::load(const std::filesystem::path& path, const KernelSet& kernels) {
  auto file = std::make_unique<gguf::File>(gguf::File::open(path));
  const auto hyperparameters = read_hyperparameters(*file);
  Weights weights;
  Arena arena = Arena::sized([&](Arena& a) { weights = load_weights(*file, hyperparameters, kernels, a); });
  Model model;
  model.impl_ = std::make_unique<Impl>(Impl{.file = std::move(*file),
                                            .hyperparameters = hyperparameters,
                                            .kernels = kernels,
                                            .family = trm::family(hyperparameters.family),
                                            .puzzles = {},
                                            .weights = std::move(weights),
                                            .arena = std::move(arena)});
  if (hyperparameters.puzzle_emb_ndim > 0) model.impl_->puzzles = PuzzleTable(model.impl_->file);
  return model;
}

Model::Model() = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

const Hyperparameters& Model::hyperparameters() const {
  return impl_->hyperparameters;
}
const KernelSet& Model::kernels() const {
  return impl_->kernels;
}
std::string_view Model::type() const {
  return impl_->weights.type;
}
std::size_t Model::weight_bytes() const {
  return impl_->arena.bytes();
}

std::int64_t Model::puzzle_rows() const {
  return impl_->puzzles.rows();
}
bool Model::has_puzzle(std::int64_t id) const {
  return impl_->puzzles.row_of(id).has_value();
}
std::optional<std::int64_t> Model::find_puzzle(std::string_view name) const {
  return impl_->puzzles.find(name);
}

void predictions(std::span<const float> logits, std::int64_t vocab_size, std::span<std::uint8_t> out) {
  const auto v = static_cast<std::size_t>(vocab_size);
  for (std::size_t cell = 0; cell < out.size(); ++cell) {
    const auto row = logits.subspan(cell * v, v);
    out[cell] = static_cast<std::uint8_t>(std::max_element(row.begin(), row.end()) - row.begin());
  }
}

}  // namespace trm
