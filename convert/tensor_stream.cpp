#include "convert/tensor_stream.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace trm {

void for_each_piece(const Checkpoint& checkpoint, const CheckpointTensor& tensor, std::int64_t first,
                    std::int64_t count, std::int64_t unit,
                    const std::function<void(std::span<const float> piece)>& visit) {
  constexpr std::int64_t aim = 1 << 16;  // elements
  const std::int64_t most = std::min(count, std::max<std::int64_t>(aim / unit, 1) * unit);
  std::vector<float> buffer(static_cast<std::size_t>(most));
  for (std::int64_t done = 0; done < count; done += most) {
    const auto piece = std::span(buffer).first(static_cast<std::size_t>(std::min(most, count - done)));
    checkpoint.read(tensor, first + done, piece);
    const auto odd = std::find_if(piece.begin(), piece.end(), [](float value) { return !std::isfinite(value); });
    if (odd != piece.end()) {
      throw input_error(checkpoint.name(), "tensor " + tensor.key,
                        "element " + std::to_string(first + done + (odd - piece.begin())) + " is " +
                            std::to_string(*odd) + " as float32",
                        "a model with such a weight computes nothing; use another checkpoint");
    }
    visit(piece);
  }
}

}  // namespace trm
