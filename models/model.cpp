#include "models/model.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "models/loaded_model.hpp"
#include "models/model_file.hpp"

namespace trm {

namespace {

std::unique_ptr<Model::Impl> load_file(gguf::File file, const KernelSet& kernels) {
  const auto hyperparameters = read_hyperparameters(file);
  Weights weights;
  Arena arena = Arena::sized([&](Arena& a) { weights = load_weights(file, hyperparameters, kernels, a); });
  auto model = std::make_unique<Model::Impl>(Model::Impl{.file = std::move(file),
                                                         .hyperparameters = hyperparameters,
                                                         .kernels = kernels,
                                                         .family = family(hyperparameters.family),
                                                         .puzzles = {},
                                                         .weights = std::move(weights),
                                                         .arena = std::move(arena)});
  if (hyperparameters.puzzle_emb_ndim > 0) model->puzzles = PuzzleTable(model->file);
  return model;
}

}  // namespace

Model Model::load(const std::filesystem::path& path, const KernelSet& kernels) {
  return Model(load_file(gguf::File::open(path), kernels));
}

Model Model::load(std::span<const std::byte> bytes, std::string name, const KernelSet& kernels) {
  return Model(load_file(gguf::File::parse(bytes, std::move(name)), kernels));
}

Model::Model(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

const Model::Impl& Model::impl() const {
  if (!impl_) throw Error(ErrorKind::usage, "this model was moved away: use the object that it was moved to");
  return *impl_;
}

const Hyperparameters& Model::hyperparameters() const {
  return impl().hyperparameters;
}
const KernelSet& Model::kernels() const {
  return impl().kernels;
}
std::string_view Model::type() const {
  return impl().weights.type;
}
std::size_t Model::weight_bytes() const {
  return impl().arena.bytes();
}

std::int64_t Model::puzzle_rows() const {
  return impl().puzzles.rows();
}
bool Model::has_puzzle(std::int64_t id) const {
  return impl().puzzles.row_of(id).has_value();
}
std::optional<std::int64_t> Model::find_puzzle(std::string_view name) const {
  return impl().puzzles.find(name);
}

void argmax(std::span<const float> logits, std::int64_t vocab_size, std::span<std::int32_t> tokens) {
  const auto v = static_cast<std::size_t>(vocab_size);
  for (std::size_t cell = 0; cell < tokens.size(); ++cell) {
    const auto row = logits.subspan(cell * v, v);
    tokens[cell] = static_cast<std::int32_t>(std::max_element(row.begin(), row.end()) - row.begin());
  }
}

}  // namespace trm
