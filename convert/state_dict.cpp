#include "convert/state_dict.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/error.hpp"
#include "models/family.hpp"

namespace trm {
namespace {

// The tensors under one prefix, by the rest of their keys.
using Tensors = std::unordered_map<std::string_view, const CheckpointTensor*>;

// Every prefix under which one of the model's names occurs, and how many of them do.
std::map<std::string, std::size_t> count_names(const Checkpoint& checkpoint, const std::vector<TensorSpec>& specs) {
  std::map<std::string, std::size_t> hits;
  const auto count = [&](std::string_view key) {
    for (const auto& spec : specs) {
      if (!key.ends_with(spec.name)) continue;
      const auto prefix = key.substr(0, key.size() - spec.name.size());
      if (prefix.empty() || prefix.back() == '.') ++hits[std::string(prefix)];
    }
  };
  for (const auto& tensor : checkpoint.tensors()) count(tensor.key);
  for (const auto& item : checkpoint.skipped()) {
    if (item.tensor) count(item.key);
  }
  return hits;
}

// The prefixes with at least half as many of the model's names as the best one, the best first.
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
    if (key.find("puzzle_emb.local_") != std::string_view::npos) continue;  // a trainer's cache
    if (key.ends_with(".mask")) continue;                                   // of weights while they are trained (FPRM)
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

// Takes the sizes that the configuration does not give from the shapes.
void complete(Hyperparameters& h, const Tensors& tensors) {
  const Family& the_family = family(h.family);
  if (h.vocab_size == 0) h.vocab_size = size_of(tensors, the_family.token_embedding, 0);
  if (h.vocab_size == 0) h.vocab_size = size_of(tensors, "lm_head.weight", 0);
  if (h.puzzle_emb_ndim == 0) h.num_puzzle_identifiers = 0;
  if (h.puzzle_emb_ndim > 0 && h.num_puzzle_identifiers == 0)
    h.num_puzzle_identifiers = size_of(tensors, "puzzle_emb.weights", 0);
  if (h.seq_len > 0) return;
  std::int64_t tokens = 0;  // T
  for (const std::string_view level : {std::string_view("H_level"), the_family.l_level_name}) {
    if (tokens == 0 && h.mlp_t) tokens = size_of(tensors, layer_prefix(level, 0) + ".mlp_t.gate_up_proj.weight", 1);
  }
  if (tokens == 0 && h.pos_encodings == PositionEncoding::learned)
    tokens = size_of(tensors, "embed_pos.embedding_weight", 0);
  h.seq_len = std::max<std::int64_t>(tokens - h.puzzle_emb_len, 0);
}

class List {
 public:
  void add(const std::string& item) { text_ += (text_.empty() ? "" : ", ") + item; }
  // "; TITLE: items", or nothing.
  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] std::string titled(const std::string& title) const {
    return text_.empty() ? "" : "; " + title + ": " + text_;
  }

 private:
  std::string text_;
};

// Whether elements share their place in the storage: by a stride of 0 a file of 1 KB can pose as a table of 2 GB.
bool repeats_values(const CheckpointTensor& tensor) {
  const auto end = view_end(tensor.shape, tensor.stride, tensor.storage_offset);
  return element_count(tensor.shape).value_or(0) > end.value_or(0) - tensor.storage_offset;
}

// The reason why the model's tensor `name` is not among the tensors that were read; empty: it is not there at all.
std::string why_unread(const Checkpoint& checkpoint, const std::string& name) {
  for (const auto& item : checkpoint.skipped()) {
    if (item.tensor && item.key == name) return item.what;
  }
  return {};
}

// A number without axes may stand for a vector of one.
bool has_shape(const CheckpointTensor& tensor, const std::vector<std::int64_t>& shape) {
  return tensor.shape == shape || (tensor.shape.empty() && shape == std::vector<std::int64_t>{1});
}

// Everything that keeps these tensors from being the model's, and what helps; no text where they are.
struct Misfits {
  std::string text;
  std::string remedy;
};

Misfits misfits(const Checkpoint& checkpoint, const std::string& prefix, const Tensors& tensors,
                const std::vector<TensorSpec>& specs) {
  List missing, unread, misshaped, mistyped, repeated, unexpected;
  for (const auto& spec : specs) {
    const auto found = tensors.find(spec.name);
    if (found == tensors.end()) {
      const std::string why = why_unread(checkpoint, prefix + spec.name);
      if (why.empty()) {
        missing.add(spec.name);
      } else {
        unread.add(spec.name + " is there, but is " + why + ", which is not read");
      }
    } else if (!has_shape(*found->second, spec.shape)) {
      misshaped.add(spec.name + " is " + shape_text(found->second->shape) + ", expected " + shape_text(spec.shape));
    } else if (!is_floating(found->second->type)) {
      mistyped.add(spec.name + " is " + to_string(found->second->type));
    } else if (repeats_values(*found->second)) {
      repeated.add(spec.name + " " + shape_text(spec.shape));
    }
  }
  std::vector<std::string_view> others;
  for (const auto& [name, tensor] : tensors) {
    if (std::ranges::find(specs, name, &TensorSpec::name) == specs.end()) others.push_back(name);
  }
  std::ranges::sort(others);
  for (const auto name : others) unexpected.add(std::string(name) + " " + shape_text(tensors.at(name)->shape));
  const std::string wrong = missing.titled("missing") + misshaped.titled("wrong shape") +
                            mistyped.titled("not floating-point") + unexpected.titled("unexpected");
  std::string remedy = "give the configuration this model was trained with";
  if (wrong.empty()) {
    remedy = unread.empty() ? "save it again with every tensor made contiguous (tensor.contiguous())"
                            : "save it again with these tensors as dense float32";
  }
  const std::string all = unread.titled("not read") + wrong + repeated.titled("stored once and repeated by strides");
  if (all.empty()) return {};
  return {(wrong.empty() ? "its tensors cannot be used" : "its tensors are not those of the configuration") + all,
          remedy};
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

// Whether a prefix names an average of the weights: "ema.", "model_ema.", "callbacks.EMACallback.shadow.".
// Lightning's averaging callbacks put the average under state_dict and the raw weights under current_model_state.
bool names_an_average(const Checkpoint& checkpoint, std::string_view prefix) {
  const auto begins = [](std::string_view start) {
    return [start](const auto& t) { return t.key.starts_with(start); };
  };
  if (prefix.starts_with("state_dict.") && std::ranges::any_of(checkpoint.tensors(), begins("current_model_state."))) {
    return true;
  }
  for (; !prefix.empty(); prefix.remove_prefix(std::min(prefix.find('.'), prefix.size() - 1) + 1)) {
    std::string part(prefix.substr(0, prefix.find('.')));
    std::ranges::transform(part, part.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (part.starts_with("ema") || part.ends_with("_ema")) return true;
  }
  return false;
}

// One reading of the checkpoint: the tensors under a prefix, on top of those under another.
struct Reading {
  std::string prefix;
  bool ema = false;
  std::string buffer_prefix{};
  Tensors tensors;
};

// An average may hold parameters only. Its buffers are then those of a copy that has every name of its own.
std::vector<Reading> completed(const Reading& average, const std::vector<Reading>& readings) {
  std::vector<Reading> merged;
  for (const Reading& base : readings) {
    const auto in_base = [&](const auto& item) { return base.tensors.contains(item.first); };
    if (base.ema || base.tensors.size() == average.tensors.size() || !std::ranges::all_of(average.tensors, in_base)) {
      continue;
    }
    merged.push_back({average.prefix, true, base.prefix, average.tensors});
    merged.back().tensors.insert(base.tensors.begin(), base.tensors.end());  // names that are there already stay
  }
  return merged;
}

std::vector<Reading> all_readings(const Checkpoint& checkpoint, const std::vector<std::string>& prefixes) {
  std::vector<Reading> readings;
  readings.reserve(prefixes.size());
  for (const auto& prefix : prefixes) {
    readings.push_back({prefix, names_an_average(checkpoint, prefix), {}, tensors_under(checkpoint, prefix)});
  }
  std::vector<Reading> merged;
  for (const Reading& reading : readings) {
    if (!reading.ema) continue;
    for (Reading& one : completed(reading, readings)) merged.push_back(std::move(one));
  }
  readings.insert(readings.end(), merged.begin(), merged.end());
  return readings;
}

// Of the readings that fit, the one of the wanted set of weights.
StateDict choose(std::vector<StateDict> fitting, WeightSet weights, const std::string& name) {
  const auto is_average = [](const StateDict& one) { return one.ema; };
  const bool any_average = std::ranges::any_of(fitting, is_average);
  const bool any_raw = !std::ranges::all_of(fitting, is_average);
  if ((weights == WeightSet::ema && !any_average) || (weights == WeightSet::raw && !any_raw)) {
    throw Error(ErrorKind::usage, {.file = name,
                                   .place = {},
                                   .what = weights == WeightSet::ema ? "holds no average (EMA) of the weights"
                                                                     : "holds no weights but their average (EMA)",
                                   .remedy = "leave the choice of the weights out",
                                   .settings = {"weights"}});
  }
  const bool take_average = weights == WeightSet::ema || (weights == WeightSet::automatic && any_average);
  const auto others = std::stable_partition(fitting.begin(), fitting.end(),
                                            [&](const StateDict& one) { return one.ema == take_average; });
  if (others - fitting.begin() > 1) {
    List names;
    std::for_each(fitting.begin(), others, [&](const StateDict& one) { names.add("\"" + one.prefix + "\""); });
    throw Error(ErrorKind::usage, {.file = name,
                                   .place = {},
                                   .what = "several models fit",
                                   .remedy = names.titled("choose one by its key").substr(2),
                                   .settings = {"key"}});
  }
  StateDict chosen = std::move(fitting.front());
  if (others != fitting.end()) chosen.other = others->prefix;
  return chosen;
}

}  // namespace

StateDict find_state_dict(const Checkpoint& checkpoint, const Hyperparameters& config, const std::string& key,
                          WeightSet weights) {
  const auto prefixes = candidates(checkpoint, tensor_list(config), key);
  if (prefixes.empty()) throw_no_model(checkpoint, config, key);
  std::vector<StateDict> fitting;
  Misfits first_misfits;
  for (const Reading& reading : all_readings(checkpoint, prefixes)) {
    Hyperparameters h = config;
    complete(h, reading.tensors);
    const auto specs = tensor_list(h);
    const Misfits found = misfits(checkpoint, reading.prefix, reading.tensors, specs);
    if (found.text.empty()) {
      fitting.push_back({.prefix = reading.prefix,
                         .ema = reading.ema,
                         .buffer_prefix = reading.buffer_prefix,
                         .other = {},
                         .hyperparameters = h,
                         .tensors = {}});
      for (const auto& spec : specs) fitting.back().tensors.push_back({spec, reading.tensors.at(spec.name)});
    } else if (first_misfits.text.empty()) {
      first_misfits = found;
    }
  }
  if (fitting.empty()) {
    throw input_error(checkpoint.name(), prefixes.front().empty() ? "" : "under \"" + prefixes.front() + "\"",
                      first_misfits.text, first_misfits.remedy);
  }
  return choose(std::move(fitting), weights, checkpoint.name());
}

}  // namespace trm
