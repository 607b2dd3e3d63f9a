#pragma once
// Is a data set the one that a model knows the puzzles of? A puzzle id means a row of the model's embedding; with the
// ids of another data set every answer is that of another puzzle, and the accuracy means nothing.

#include <filesystem>
#include <string>

#include "models/model.hpp"

namespace trm {

// Compares the data set that `folder` is part of with the model: num_puzzle_identifiers of its dataset.json, and the
// names of identifiers.json, in `folder` or the one above, with those in the model file. What is missing is not
// compared. Throws Error(input) naming both for the first difference. A model without an id table fits every data set.
void require_same_puzzles(const std::filesystem::path& folder, const Model& model, const std::string& model_name);

}  // namespace trm
