// trm_model: loading, and what is known of a model.

#include <array>
#include <charconv>
#include <memory>
#include <new>
#include <variant>

#include "arc/model_task.hpp"
#include "capi/guard.hpp"
#include "capi/handles.hpp"
#include "models/family.hpp"
#include "models/loaded_model.hpp"
#include "models/model_file.hpp"
#include "puzzles/model_board.hpp"
#include "runtime/kernels/kernel_set.hpp"

namespace trm::capi {

template <>
inline constexpr std::size_t first_size<trm_model_info> = offsetof(trm_model_info, puzzle_kind);

namespace {

std::string to_text(const std::string& value) {
  return value;
}
std::string to_text(bool value) {
  return value ? "true" : "false";
}
std::string to_text(double value) {
  std::array<char, 32> text{};
  const auto [end, failure] = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end};
}
std::string to_text(std::uint32_t value) {
  return std::to_string(value);
}

// As the model file has them: "trm.H_cycles".
std::vector<std::pair<std::string, std::string>> hyperparameter_texts(const Hyperparameters& h) {
  constexpr std::string_view prefix = "trm.";
  std::vector<std::pair<std::string, std::string>> texts;
  for (const auto& [key, value] : to_metadata(h)) {
    std::string text = std::visit(
        []<class T>(const T& held) -> std::string {
          if constexpr (requires { to_text(held); }) {
            return to_text(held);
          } else {
            return {};  // no hyperparameter is of such a type
          }
        },
        value);
    texts.emplace_back(key.substr(prefix.size()), std::move(text));
  }
  return texts;
}

// `load` gets the kernel set and gives a Model.
template <class Load>
trm_status load_model(const trm_model_options* options, std::string name, trm_model** model, trm_error* error,
                      const Load& load) {
  if (model != nullptr) *model = nullptr;
  return guarded(error, [&] {
    trm_model*& out = required(model, "model");
    const trm_model_options given = read_struct(options, "options");
    auto made = std::make_unique<trm_model>(
        trm_model{.model = load(kernel_set(given.kernel_set == nullptr ? std::string_view() : given.kernel_set)),
                  .name = std::move(name)});
    const Hyperparameters& h = made->model.hyperparameters();
    made->family = h.family;
    made->type = made->model.type();
    made->task = arc::task_of(h).data();  // a literal
    made->hyperparameters = hyperparameter_texts(h);
    out = made.release();
  });
}

std::int32_t puzzle_kind_of(const ModelBoard& board) {
  if (!board.alphabet) return TRM_MAZE;
  if (board.alphabet->width > board.side) return TRM_SUDOKU_NANO_PADDED;
  return board.alphabet->blank == 1 ? TRM_SUDOKU : TRM_SUDOKU_NANO;
}

trm_model_info info_of(const trm_model& model) {
  const Hyperparameters& h = model.model.hyperparameters();
  const Family& family = model.model.impl().family;
  const auto high = static_cast<std::int64_t>(z_high_count(family));
  const auto board = board_of(h);
  return {.size = 0,
          .family = model.family.c_str(),
          .type = model.type.c_str(),
          .kernel_set = model.model.kernels().name.data(),  // a literal
          .task = model.task,
          .cells = h.seq_len,
          .tokens = h.tokens(),
          .vocabulary = h.vocab_size,
          .channels = h.hidden_size,
          .max_steps = h.halt_max_steps,
          .puzzle_ids = h.puzzle_emb_ndim > 0 ? h.num_puzzle_identifiers : 0,
          .puzzle_rows = model.model.puzzle_rows(),
          .high_latents = high,
          .low_latents = static_cast<std::int64_t>(family.initial_latents.size()) - high,
          .weight_bytes = model.model.weight_bytes(),
          .puzzle_kind = board ? puzzle_kind_of(*board) : 0,
          .puzzle_side = board ? static_cast<std::int32_t>(board->side) : 0};
}

}  // namespace
}  // namespace trm::capi

using trm::capi::guarded;
using trm::capi::required;

const char* trm_version(void) {
  return TRM_VERSION;
}

const char* trm_kernel_set(size_t index) {
  try {
    const auto sets = trm::available_kernel_sets();
    return index < sets.size() ? sets[sets.size() - 1 - index]->name.data() : nullptr;  // a literal
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

trm_status trm_model_load(const char* path, const trm_model_options* options, trm_model** model, trm_error* error) {
  return trm::capi::load_model(options, path == nullptr ? "" : path, model, error, [&](const trm::KernelSet& kernels) {
    return trm::Model::load(std::filesystem::path(&required(path, "path")), kernels);
  });
}

trm_status trm_model_load_memory(const void* bytes, size_t length, const char* name, const trm_model_options* options,
                                 trm_model** model, trm_error* error) {
  const char* called = name == nullptr ? "model" : name;
  return trm::capi::load_model(options, called, model, error, [&](const trm::KernelSet& kernels) {
    const auto* begin = &required(static_cast<const std::byte*>(bytes), "bytes");
    return trm::Model::load(std::span(begin, length), called, kernels);
  });
}

void trm_model_free(trm_model* model) {
  delete model;
}

trm_status trm_model_get_info(const trm_model* model, trm_model_info* info, trm_error* error) {
  return guarded(error, [&] { trm::capi::write_struct(info, trm::capi::info_of(required(model, "model")), "info"); });
}

trm_status trm_model_hyperparameter(const trm_model* model, size_t index, const char** name, const char** value,
                                    trm_error* error) {
  return guarded(error, [&] {
    const auto& list = required(model, "model").hyperparameters;
    const bool known = index < list.size();
    required(name, "name") = known ? list[index].first.c_str() : nullptr;
    if (value != nullptr) *value = known ? list[index].second.c_str() : nullptr;
  });
}

int64_t trm_model_find_puzzle(const trm_model* model, const char* name) {
  if (model == nullptr || name == nullptr) return -1;
  try {
    return model->model.find_puzzle(name).value_or(-1);
  } catch (...) {  // the file cannot be read any more: a run with the id will say so
    return -1;
  }
}

int trm_model_has_puzzle(const trm_model* model, int64_t id) {
  if (model == nullptr) return 0;
  const trm::Hyperparameters& h = model->model.hyperparameters();
  return h.puzzle_emb_ndim == 0 || model->model.has_puzzle(id) ? 1 : 0;
}
