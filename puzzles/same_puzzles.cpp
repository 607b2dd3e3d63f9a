#include "puzzles/same_puzzles.hpp"

#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.hpp"
#include "io/json.hpp"
#include "io/text.hpp"
#include "models/loaded_model.hpp"

namespace trm {
namespace {

constexpr const char* remedy =
    "give the data set that the model was trained on, or a model that was trained on this one";

std::optional<std::filesystem::path> first_existing(std::initializer_list<std::filesystem::path> paths) {
  for (const auto& path : paths) {
    if (std::filesystem::exists(path)) return path;
  }
  return std::nullopt;
}

void require_count(const std::string& file, const std::string& place, std::int64_t count, const Hyperparameters& model,
                   const std::string& model_name) {
  if (count == model.num_puzzle_identifiers) return;
  throw input_error(file, place,
                    "the data set has " + std::to_string(count) + " puzzle ids, " + model_name + " has " +
                        std::to_string(model.num_puzzle_identifiers),
                    remedy);
}

// The number of ids that dataset.json gives; nothing where it gives none (data_set_folder.cpp says what is wrong with a
// file that is no description).
std::optional<std::int64_t> described_count(const std::filesystem::path& file) {
  const auto object = nlohmann::json::parse(read_small_file(file), nullptr, false);
  if (!object.is_object()) return std::nullopt;
  const auto count = object.find("num_puzzle_identifiers");
  if (count == object.end() || !count->is_number_integer()) return std::nullopt;
  return count->get<std::int64_t>();
}

void require_names(const std::filesystem::path& identifiers, const Model& model, const std::string& model_name) {
  const PuzzleTable& puzzles = model.impl().puzzles;
  PuzzleNames names(puzzles);
  std::int64_t count = 0;
  for_each_string(identifiers, [&](std::int64_t id, const std::string& name) {
    count += 1;
    const auto row = puzzles.named() ? puzzles.row_of(id) : std::nullopt;
    const std::string_view known = row ? names.of_row(*row) : std::string_view();
    if (known.empty() || known == name) return;
    throw input_error(identifiers.string(), "id " + std::to_string(id),
                      "is " + name + ", in " + model_name + " it is " + std::string(known), remedy);
  });
  require_count(identifiers.string(), "", count, model.hyperparameters(), model_name);
}

}  // namespace

void require_same_puzzles(const std::filesystem::path& folder, const Model& model, const std::string& model_name) {
  if (model.hyperparameters().puzzle_emb_ndim == 0) return;
  const auto above = folder / "..";
  const auto description =
      first_existing({folder / "dataset.json", folder / "test" / "dataset.json", folder / "train" / "dataset.json"});
  if (!description) return;
  if (const auto count = described_count(*description)) {
    require_count(description->string(), "num_puzzle_identifiers", *count, model.hyperparameters(), model_name);
  }
  if (const auto names = first_existing({folder / "identifiers.json", above / "identifiers.json"})) {
    require_names(*names, model, model_name);
  }
}

}  // namespace trm
