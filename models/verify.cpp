#include "models/verify.hpp"

#include <string>
#include <vector>

#include "models/model_file.hpp"
#include "models/puzzle_table.hpp"
#include "models/tensor_list.hpp"
#include "runtime/error.hpp"

namespace trm {
namespace {

constexpr const char* convert_again = "convert the checkpoint again";

void check_presence(const gguf::File& file, const Hyperparameters& h) {
  for (const auto& spec : tensor_list(h)) {
    if (spec.role == TensorRole::id_table) continue;  // may be left out, and has fewer rows
    const auto* tensor = file.find_tensor(spec.name);
    if (tensor == nullptr || tensor->shape != spec.shape) {
      throw input_error(
          file.name(), "tensor " + spec.name,
          tensor == nullptr ? "missing" : "is " + shape_text(tensor->shape) + ", expected " + shape_text(spec.shape),
          convert_again);
    }
  }
}

// Every row against its checksum, and the order that look-ups rely on.
void check_table(const gguf::File& file, const PuzzleTable& table, const Hyperparameters& h) {
  std::vector<float> row(static_cast<std::size_t>(h.puzzle_emb_ndim));
  for (std::int64_t r = 0; r < table.rows(); ++r) {
    table.read(r, row);
    const bool ascending = r == 0 || table.id_of(r - 1) < table.id_of(r);
    const bool known = table.id_of(r) >= 0 && table.id_of(r) < h.num_puzzle_identifiers;
    const auto name = table.name_of(r);
    if (!ascending || !known || (!name.empty() && !table.find(name))) {
      throw input_error(file.name(), "puzzle id table", "damaged at row " + std::to_string(r), convert_again);
    }
  }
}

}  // namespace

void verify_whole(const gguf::File& file) {
  const Hyperparameters h = read_hyperparameters(file);
  check_presence(file, h);
  for (const auto& tensor : file.tensors()) {
    verify(file, tensor);
    file.release(tensor);
  }
  check_table(file, PuzzleTable(file), h);
}

}  // namespace trm
