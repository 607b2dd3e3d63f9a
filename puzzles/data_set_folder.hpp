#pragma once
// The official data set folder; data_set.hpp describes it.

#include <filesystem>
#include <string>

#include "models/hyperparameters.hpp"
#include "puzzles/data_set.hpp"

namespace trm {

[[nodiscard]] DataSet open_data_set_folder(const std::filesystem::path& path, const Hyperparameters& model,
                                           const std::string& model_name);

}  // namespace trm
