#include "convert/state_dict.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>

#include "base/error.hpp"

namespace trm {
namespace {

// The tensors under one prefix, by the rest of their keys.
using Tensors = std::unordered_map<std::string_view, const CheckpointTensor*>;

// Every prefix under which at least one of the model's names occurs, with how many do.
std::map<std::string, std::size_t> count_names(const Checkpoint& checkpoint, const std::vector<TensorSpec>& specs) {
  std::map<std::string, std::size_t> hits;
  for (const auto& tensor : checkpoint.tensors()) {
    const std::string_view key = tensor.key;
    for (const auto& spec : specs) {
      if (!key.ends_with(spec.name)) continue;
      const auto prefix = key.substr(0, key.size() - spec.name.size());
      if (prefix.empty() || prefix.back() == '.') ++hits[std::string(prefix)];
    }
  }
  return hits;
}

// Prefixes worth a closer look, the likeliest first: with half of the most names found anywhere.
std::vector<std::string> candidates(const Checkpoint& checkpoint, const std::vector<TensorSpec>& specs,
                                    const std::string& key) {
  auto hits = count_names(checkpoint, specs);
  if (!key.empty()) std::erase_if(hits, [&](const auto& hit) { return !hit.first.starts_with(key + "."); });
  std::size_t most = 0;
  for (const auto& [prefix, count] : hits) most = std::max(most, count);
  std::vector<std::string> prefixes;
  for (const auto& [prefix, count] : hits) {
    if (2 * count >= most) prefixes.push_back(prefix);
  }
  std::stable_sort(prefixes.begin(), prefixes.end(), [&](const auto& a, const auto& b) { return hits[a] > hits[b]; });
  return prefixes;
}

Tensors tensors_under(const Checkpoint& checkpoint, const std::string& prefix) {
  Tensors tensors;
  for (const auto& tensor : checkpoint.tensors()) {
    std::string_view key = tensor.key;
    if (!key.starts_with(prefix)) continue;
    key.remove_prefix(prefix.size());
    if (!tensors.emplace(key, &tensor).second) {
      throw input_error(checkpoint.name(), "tensor " + tensor.key, "occurs twice");
    }
  }
  return tensors;
}

std::int64_t size_of(const Tensors& tensors, const std::string& name, std::size_t axis) {
  const auto found = tensors.find(name);
  return found == tensors.end() || found->second->shape.size() <= axis ? 0 : found->second->shape[axis];
}

// Fills in the sizes that are not given from the shapes that show them.
void complete(Hyperparameters& h, const Tensors& tensors) {
  if (h.vocab_size == 0) h.vocab_size = size_of(tensors, "embed_tokens.embedding_weight", 0);
  if (h.vocab_size == 0) h.vocab_size = size_of(tensors, "lm_head.weight", 0);
  if (h.puzzle_emb_ndim == 0) h.num_puzzle_identifiers = 0;
  if (h.puzzle_emb_ndim > 0 && h.num_puzzle_identifiers == 0)
    h.num_puzzle_identifiers = size_of(tensors, "puzzle_emb.weights", 0);
  if (h.seq_len > 0) return;
  std::int64_t tokens = 0;  // T
  for (const char* level : {"H_level", "L_level"}) {
    if (tokens == 0 && h.mlp_t)
      tokens = size_of(tensors, level + std::string(".layers.0.mlp_t.gate_up_proj.weight"), 1);
  }
  if (tokens == 0 && h.pos_encodings == PositionEncoding::learned)
    tokens = size_of(tensors, "embed_pos.embedding_weight", 0);
  h.seq_len = std::max<std::int64_t>(tokens - h.puzzle_emb_len, 0);
}

bool floating(ElementType type) {
  return type == ElementType::f16 || type == ElementType::bf16 || type == ElementType::f32 || type == ElementType::f64;
}

class List {
 public:
  void add(const std::string& item) { text_ += (text_.empty() ? "" : ", ") + item; }
  // "; TITLE: items", or nothing.
  [[nodiscard]] std::string titled(const std::string& title) const {
    return text_.empty() ? "" : "; " + title + ": " + text_;
  }

 private:
  std::string text_;
};

// All that keeps these tensors from being the model's; empty when they are.
std::string misfits(const Tensors& tensors, const std::vector<TensorSpec>& specs) {
  List missing;
  List misshaped;
  List mistyped;
  List unexpected;
  for (const auto& spec : specs) {
    const auto found = tensors.find(spec.name);
    if (found == tensors.end()) {
      missing.add(spec.name);
    } else if (found->second->shape != spec.shape) {
      misshaped.add(spec.name + " is " + shape_text(found->second->shape) + ", expected " + shape_text(spec.shape));
    } else if (!floating(found->second->type)) {
      mistyped.add(spec.name + " is " + to_string(found->second->type));
    }
  }
  std::vector<std::string_view> others;
  for (const auto& [name, tensor] : tensors) {
    const bool expected =
        std::any_of(specs.begin(), specs.end(), [name = name](const auto& spec) { return spec.name == name; });
    if (!expected) others.push_back(name);
  }
  std::sort(others.begin(), others.end());
  for (const auto name : others) unexpected.add(std::string(name) + " " + shape_text(tensors.at(name)->shape));
  return missing.titled("missing") + misshaped.titled("wrong shape") + mistyped.titled("not floating-point") +
         unexpected.titled("unexpected");
}

[[noreturn]] void throw_no_model(const Checkpoint& checkpoint, const Hyperparameters& config, const std::string& key) {
  std::string some;
  for (const auto& tensor : checkpoint.tensors().first(std::min<std::size_t>(checkpoint.tensors().size(), 5))) {
    some += (some.empty() ? "" : ", ") + tensor.key;
  }
  throw input_error(checkpoint.name(), key.empty() ? "" : "under \"" + key + "\"",
                    "no tensor of a model of family " + config.family + " among its " +
                        std::to_string(checkpoint.tensors().size()) + " tensors (" + some + " ...)",
                    "check arch.name in the configuration");
}

}  // namespace

StateDict find_state_dict(const Checkpoint& checkpoint, const Hyperparameters& config, const std::string& key) {
  const auto prefixes = candidates(checkpoint, tensor_list(config), key);
  if (prefixes.empty()) throw_no_model(checkpoint, config, key);
  std::vector<StateDict> fitting;
  std::string first_misfits;
  for (const auto& prefix : prefixes) {
    const Tensors tensors = tensors_under(checkpoint, prefix);
    Hyperparameters h = config;
    complete(h, tensors);
    const auto specs = tensor_list(h);
    const std::string found = misfits(tensors, specs);
    if (found.empty()) {
      fitting.push_back({.prefix = prefix, .hyperparameters = h, .tensors = {}});
      for (const auto& spec : specs) fitting.back().tensors.push_back({spec, tensors.at(spec.name)});
    } else if (first_misfits.empty()) {
      first_misfits = found;
    }
  }
  if (fitting.empty()) {
    throw input_error(checkpoint.name(), prefixes.front().empty() ? "" : "under \"" + prefixes.front() + "\"",
                      "its tensors are not those of the configuration" + first_misfits,
                      "give the configuration this model was trained with");
  }
  if (fitting.size() > 1) {
    List names;
    for (const auto& candidate : fitting) names.add("\"" + candidate.prefix + "\"");
    throw Error(ErrorKind::usage, {.file = checkpoint.name(),
                                   .place = {},
                                   .what = "several models fit",
                                   .remedy = names.titled("choose one by its key").substr(2),
                                   .settings = {"key"}});
  }
  return std::move(fitting.front());
}

}  // namespace trm
