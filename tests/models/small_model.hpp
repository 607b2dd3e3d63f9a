#pragma once
// A whole model file of a few KB, weights of no meaning, and an id table of four of
// ten rows with names.

#include <algorithm>
#include <array>
#include <filesystem>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "io/checksum.hpp"
#include "models/model_file.hpp"
#include "models/puzzle_table.hpp"
#include "models/tensor_list.hpp"

namespace trm {

inline constexpr std::array<std::int32_t, 4> small_ids = {0, 2, 5, 9};
inline constexpr std::array<std::string_view, 4> small_names = {"<blank>", "00576224", "007bbfb7|||t3|||0123456789",
                                                                "7"};

inline Hyperparameters small_hyperparameters() {
  Hyperparameters h;
  h.vocab_size = 3;
  h.seq_len = 2;
  h.hidden_size = 2;
  h.num_heads = 1;
  h.expansion = 1;  // SwiGLUs are 256 wide at least
  h.l_layers = 1;
  h.h_cycles = 1;
  h.l_cycles = 2;
  h.num_puzzle_identifiers = 10;
  h.puzzle_emb_ndim = 2;
  h.puzzle_emb_len = 1;
  return h;
}

// Row r of the table: r + 0.5, r + 0.75.
inline std::array<float, 2> small_row(std::size_t r) {
  return {static_cast<float>(r) + 0.5F, static_cast<float>(r) + 0.75F};
}

struct SmallModelTensor {
  gguf::TensorInfo info;
  std::vector<std::byte> bytes;
};

template <class T>
SmallModelTensor small_tensor(const std::string& name, gguf::Type type, std::vector<std::int64_t> shape,
                              const std::vector<T>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {{.name = name, .type = type, .shape = std::move(shape)}, {bytes.begin(), bytes.end()}};
}

inline std::vector<gguf::TensorInfo> list_of(const std::vector<SmallModelTensor>& tensors) {
  std::vector<gguf::TensorInfo> list;
  for (const auto& tensor : tensors) list.push_back(tensor.info);
  return list;
}

inline void write_gguf(const std::filesystem::path& path, const std::vector<gguf::KeyValue>& metadata,
                       const std::vector<SmallModelTensor>& tensors = {}) {
  gguf::Writer writer(path, metadata, list_of(tensors));
  for (const auto& tensor : tensors) {
    writer.begin(tensor.info.name);
    writer.write(tensor.bytes);
  }
  writer.finish(metadata);
}

inline std::vector<SmallModelTensor> small_table() {
  std::vector<float> rows;
  std::vector<std::int64_t> ends;
  std::vector<std::int64_t> checksums;
  std::string names;
  std::vector<std::uint64_t> name_sums;
  for (std::size_t r = 0; r < small_ids.size(); ++r) {
    const auto row = small_row(r);
    rows.insert(rows.end(), row.begin(), row.end());
    names += small_names[r];
    ends.push_back(static_cast<std::int64_t>(names.size()));
    name_sums.push_back(checksum(std::as_bytes(std::span(small_names[r]))));
    checksums.push_back(static_cast<std::int64_t>(row_checksum(row, name_sums.back(), small_ids[r])));
  }
  std::vector<std::int32_t> order(small_ids.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) {
    return name_sums[static_cast<std::size_t>(a)] < name_sums[static_cast<std::size_t>(b)];
  });
  const auto bytes = static_cast<std::int64_t>(names.size());
  return {small_tensor(puzzle_ids, gguf::Type::i32, {4}, std::vector(small_ids.begin(), small_ids.end())),
          small_tensor(puzzle_names, gguf::Type::i8, {bytes}, std::vector(names.begin(), names.end())),
          small_tensor(puzzle_name_ends, gguf::Type::i64, {4}, ends),
          small_tensor(puzzle_name_order, gguf::Type::i32, {4}, order),
          small_tensor(puzzle_weights, gguf::Type::f32, {4, 2}, rows),
          small_tensor(puzzle_checksums, gguf::Type::i64, {4}, checksums)};
}

// A tensor whose values are all the same.
struct ConstantTensor {
  std::string name;
  float value = 0;
};

// The tensors named in `zero_int8` are int8 weights, all zero.
inline void write_small_model(const std::filesystem::path& path, const Hyperparameters& h = small_hyperparameters(),
                              const ConstantTensor& constant = {}, const std::vector<std::string>& zero_int8 = {}) {
  std::vector<SmallModelTensor> tensors;
  float number = -1;  // of the tensor
  for (const auto& spec : tensor_list(h)) {
    if (spec.role == TensorRole::id_table) continue;
    number += 1;
    std::int64_t count = 1;
    for (const auto size : spec.shape) count *= size;
    if (std::ranges::find(zero_int8, spec.name) != zero_int8.end()) {
      const std::vector<float> scale(static_cast<std::size_t>(spec.shape.front()), 1.0F);
      tensors.push_back(small_tensor(spec.name, gguf::Type::i8, spec.shape,
                                     std::vector<std::int8_t>(static_cast<std::size_t>(count))));
      tensors.push_back(small_tensor(spec.name + int8_scale_suffix, gguf::Type::f32, {spec.shape.front()}, scale));
      continue;
    }
    std::vector<float> values(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 17) / 16 - number;
    if (spec.name == constant.name) std::fill(values.begin(), values.end(), constant.value);
    tensors.push_back(small_tensor(spec.name, gguf::Type::f32, spec.shape, values));
  }
  for (auto& tensor : small_table()) tensors.push_back(std::move(tensor));
  ModelFileWriter writer(path, h,
                         {.source_file = "step_1", .source_sha256 = std::string(64, 'a'), .converter_version = "test"},
                         list_of(tensors));
  for (const auto& tensor : tensors) writer.write_tensor(tensor.info.name, std::span(tensor.bytes));
  writer.finish();
}

}  // namespace trm
