#pragma once
// Examples with known answers, as the evaluation reads them, from
//   - an official data set folder: dataset.json and, per set,
//     <set>__inputs.npy, <set>__labels.npy [N, S], <set>__puzzle_identifiers.npy
//     [puzzles], <set>__puzzle_indices.npy [puzzles + 1]. DATA is the split's folder
//     or its parent, where test/ is taken before train/;
//   - a text of sudokus or mazes with their answers, such as a CSV with question
//     and answer columns: every layout that sudoku::Reader and maze::Reader read.
//
// Labels equal to the set's ignore_label_id (0, padding, in the public sets) are
// not asked for: the reference evaluator maps them to its ignored label, counts
// neither hits nor misses there, and leaves out an example with no label at all
// (an ARC test input whose answer is secret). Here they are `ignored_label`.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "models/hyperparameters.hpp"
#include "models/model.hpp"

namespace trm {

inline constexpr std::int32_t ignored_label = -100;

struct Batch {
  std::vector<std::int32_t> inputs;      // [n, S]
  std::vector<std::int32_t> labels;      // [n, S], ignored_label where nothing is asked
  std::vector<std::int64_t> puzzle_ids;  // [n]
};

struct DataSet {
  std::string name;                                                 // what was read, for messages
  std::size_t examples = 0;                                         // N
  std::function<Batch(std::size_t first, std::size_t count)> read;  // throws Error(input), Error(io)
};

// Throws Error(input) naming both when the data does not fit the model
// (`model_name`): another number of cells, or tokens the model does not know.
[[nodiscard]] DataSet open_data_set(const std::string& path, const Hyperparameters& model,
                                    const std::string& model_name);

// The same, and the data set's puzzle ids must be the model's (same_puzzles.hpp).
[[nodiscard]] DataSet open_data_set(const std::string& path, const Model& model, const std::string& model_name);

// Throws Error(input) unless the model reads `cells` cells of `vocab_size` tokens;
// `what` is named as what would need that ("a sudoku").
void require_fit(const Hyperparameters& model, const std::string& model_name, const std::string& what,
                 std::int64_t cells, std::int64_t vocab_size);

}  // namespace trm
