#include "capi/batch.hpp"

#include <limits>
#include <utility>

#include "capi/guard.hpp"

namespace trm::capi {
namespace {

// The strides of a batch, in bytes.
struct Layout {
  std::ptrdiff_t sample = 0;
  std::ptrdiff_t cell = 0;
};

std::ptrdiff_t bytes_of(int type) {
  switch (type) {
    case TRM_INT8:
    case TRM_UINT8:
      return 1;
    case TRM_INT16:
    case TRM_UINT16:
      return 2;
    case TRM_INT32:
    case TRM_UINT32:
      return 4;
    case TRM_INT64:
    case TRM_UINT64:
      return 8;
    default:
      refuse("batch.type", std::to_string(type) + " is no trm_integer");
  }
}

// Every size of the call fits a pointer's difference: [B, S, V] floats are the most there is for a sample.
void check_extent(std::size_t samples, const Hyperparameters& h) {
  const auto most = static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max());
  const auto each = static_cast<std::size_t>(h.seq_len * std::max<std::int64_t>(h.vocab_size, 8)) * sizeof(float);
  if (samples > most / each) refuse("batch.samples", std::to_string(samples) + " samples fit no memory");
}

template <class T>
void check_token(T token, std::size_t sample, std::size_t cell, const Hyperparameters& h) {
  if (std::cmp_greater_equal(token, 0) && std::cmp_less(token, h.vocab_size)) return;
  throw input_error("", "sample " + std::to_string(sample) + ", cell " + std::to_string(cell),
                    "token " + std::to_string(token) + " is not in the vocabulary",
                    "the model knows 0 to " + std::to_string(h.vocab_size - 1));
}

template <class T>
void convert(const trm_batch& batch, Layout layout, const Hyperparameters& h, std::span<std::int32_t> tokens) {
  const auto* bytes = static_cast<const unsigned char*>(batch.tokens);
  const auto cells = static_cast<std::size_t>(h.seq_len);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::size_t sample = i / cells, cell = i % cells;
    T token{};
    std::memcpy(
        &token,
        bytes + static_cast<std::ptrdiff_t>(sample) * layout.sample + static_cast<std::ptrdiff_t>(cell) * layout.cell,
        sizeof token);
    check_token(token, sample, cell, h);
    tokens[i] = static_cast<std::int32_t>(+token);  // + : an int, whose sign is no surprise
  }
}

void convert_any(const trm_batch& batch, Layout layout, const Hyperparameters& h, std::span<std::int32_t> tokens) {
  switch (batch.type) {
    case TRM_INT8:
      return convert<std::int8_t>(batch, layout, h, tokens);
    case TRM_UINT8:
      return convert<std::uint8_t>(batch, layout, h, tokens);
    case TRM_INT16:
      return convert<std::int16_t>(batch, layout, h, tokens);
    case TRM_UINT16:
      return convert<std::uint16_t>(batch, layout, h, tokens);
    case TRM_INT32:
      return convert<std::int32_t>(batch, layout, h, tokens);
    case TRM_UINT32:
      return convert<std::uint32_t>(batch, layout, h, tokens);
    case TRM_INT64:
      return convert<std::int64_t>(batch, layout, h, tokens);
    case TRM_UINT64:
      return convert<std::uint64_t>(batch, layout, h, tokens);
  }
}

// Can a sample's tokens be read as an array of int32 where they lie?
bool readable_in_place(const trm_batch& batch, Layout layout) {
  constexpr std::ptrdiff_t size = sizeof(std::int32_t);
  return batch.type == TRM_INT32 && layout.cell == size && layout.sample % size == 0 &&
         reinterpret_cast<std::uintptr_t>(batch.tokens) % alignof(std::int32_t) == 0;
}

}  // namespace

std::span<const Sample> read_batch(trm_session& session, const trm_batch* given, const char* name) {
  const trm_batch batch = read_struct(&required(given, name), name);
  const Hyperparameters& h = session.model.model.hyperparameters();
  const auto cells = static_cast<std::size_t>(h.seq_len);
  session.samples.clear();
  if (batch.samples == 0) return {};
  check_extent(batch.samples, h);
  Layout layout{batch.sample_stride, batch.cell_stride};
  const std::ptrdiff_t size = bytes_of(number_of(batch.type));
  if (layout.cell == 0) {
    if (layout.sample != 0) refuse("batch.sample_stride", "is set without cell_stride");
    layout.cell = size;
  }
  if (layout.sample == 0) layout.sample = layout.cell * static_cast<std::ptrdiff_t>(cells);
  const auto* first = &required(static_cast<const unsigned char*>(batch.tokens), "batch.tokens");
  const bool in_place = readable_in_place(batch, layout);
  if (!in_place) {
    session.tokens.resize(batch.samples * cells);
    convert_any(batch, layout, h, session.tokens);
  }
  session.samples.reserve(batch.samples);
  for (std::size_t i = 0; i < batch.samples; ++i) {
    const auto* own =
        in_place ? reinterpret_cast<const std::int32_t*>(first + static_cast<std::ptrdiff_t>(i) * layout.sample)
                 : session.tokens.data() + i * cells;
    for (std::size_t cell = 0; in_place && cell < cells; ++cell) check_token(own[cell], i, cell, h);
    session.samples.push_back({.inputs = {own, cells},
                               .puzzle_id = batch.puzzle_ids == nullptr ? 0 : batch.puzzle_ids[i],
                               .noise_key = batch.noise_keys == nullptr ? i : batch.noise_keys[i],
                               .trajectory = batch.trajectories == nullptr ? 0 : batch.trajectories[i]});
  }
  return session.samples;
}

}  // namespace trm::capi
