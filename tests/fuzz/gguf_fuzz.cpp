// GGUF files: the container, the hyperparameters, and look-ups in the id table.

#include "io/gguf.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "models/model_file.hpp"
#include "models/puzzle_table.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

// Each look-up may find damage of its own.
void look_up(const trm::PuzzleTable& table) {
  const std::uint8_t* nothing = nullptr;
  std::vector<float> row(static_cast<std::size_t>(table.cols()));
  for (std::int64_t r = 0; r < std::min<std::int64_t>(table.rows(), 8); ++r) {
    trm::fuzz(nothing, 0, [&](auto) { (void)table.row_of(table.id_of(r)); });
    trm::fuzz(nothing, 0, [&](auto) { (void)table.find(table.name_of(r)); });
    trm::fuzz(nothing, 0, [&](auto) { table.read(r, row); });
  }
  trm::fuzz(nothing, 0, [&](auto) { (void)table.find("00576224"); });
}

void use(std::span<const std::byte> bytes) {
  const auto file = trm::gguf::File::parse(bytes, "fuzz");
  unsigned sum = 0;
  for (const auto& tensor : file.tensors()) {
    const auto data = file.values<std::byte>(tensor);
    sum += std::to_integer<unsigned>(data.front()) + std::to_integer<unsigned>(data.back());
    if (file.find_tensor(tensor.name) != &tensor) throw std::logic_error("a tensor is not found under its name");
  }
  if (sum > 510 * file.tensors().size()) throw std::logic_error("bytes beyond 255");  // they are really read
  const std::uint8_t* nothing = nullptr;
  trm::fuzz(nothing, 0, [&](auto) { (void)trm::read_hyperparameters(file); });
  trm::fuzz(nothing, 0, [&](auto) {
    for (const auto& tensor : file.tensors()) trm::verify(file, tensor);
  });
  trm::fuzz(nothing, 0, [&](auto) { look_up(trm::PuzzleTable(file)); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return trm::fuzz(data, size, use);
}
