#pragma once
// Checkpoints of any tensors, written as .safetensors by hand, with the files that
// lie beside them.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/hyperparameters.hpp"
#include "models/tensor_list.hpp"

namespace trm {

struct SmallTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::string type = "F32";
};

// Element i of a tensor is i / 8, so that row r of the id table is known.
inline void write_safetensors(const std::filesystem::path& path, const std::vector<SmallTensor>& tensors) {
  nlohmann::ordered_json header;
  std::string data;
  for (const auto& tensor : tensors) {
    std::int64_t count = 1;
    for (const auto size : tensor.shape) count *= size;
    const std::size_t begin = data.size();
    for (std::int64_t i = 0; i < count; ++i) {
      const float value = static_cast<float>(i) / 8;
      data.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    header[tensor.name] = {{"dtype", tensor.type}, {"shape", tensor.shape}, {"data_offsets", {begin, data.size()}}};
  }
  const std::string text = header.dump();
  const std::uint64_t length = text.size();
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(&length), sizeof length);
  file << text << data;
}

inline void put_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

// A model with 8 cells, 5 tokens, 6 puzzle ids, hidden size 4.
inline Hyperparameters small_model(bool mlp_t, PositionEncoding positions) {
  Hyperparameters h;
  h.vocab_size = 5;
  h.seq_len = 8;
  h.hidden_size = 4;
  h.num_heads = 2;
  h.l_layers = 2;
  h.h_cycles = 2;
  h.l_cycles = 3;
  h.num_puzzle_identifiers = 6;
  h.puzzle_emb_ndim = 4;
  h.puzzle_emb_len = 2;
  h.mlp_t = mlp_t;
  h.pos_encodings = positions;
  return h;
}

inline std::vector<SmallTensor> tensors_of(const Hyperparameters& h, const std::string& prefix = "") {
  std::vector<SmallTensor> tensors;
  for (const auto& spec : tensor_list(h)) tensors.push_back({prefix + spec.name, spec.shape});
  return tensors;
}

// all_config.yaml as the training code writes it, for the model above.
inline std::string config_of(const Hyperparameters& h) {
  const auto number = [](const char* name, std::int64_t value) {
    return "  " + (name + (": " + std::to_string(value))) + "\n";
  };
  return "arch:\n  name: recursive_reasoning.trm@TinyRecursiveReasoningModel_ACTV1\n  expansion: 4\n  H_layers: 0\n" +
         number("hidden_size", h.hidden_size) + number("num_heads", h.num_heads) + number("L_layers", h.l_layers) +
         number("H_cycles", h.h_cycles) + number("L_cycles", h.l_cycles) + number("halt_max_steps", h.halt_max_steps) +
         number("puzzle_emb_ndim", h.puzzle_emb_ndim) + number("puzzle_emb_len", h.puzzle_emb_len) +
         "  pos_encodings: " + to_string(h.pos_encodings) + "\n  mlp_t: " + (h.mlp_t ? "true" : "false") +
         "\nlr: 1e-4\n";
}

}  // namespace trm
