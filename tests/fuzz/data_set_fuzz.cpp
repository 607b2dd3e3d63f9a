// The official data set folder: the first byte picks the file that holds the rest of the input, the others are sound.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "io/npy.hpp"
#include "puzzles/data_set_folder.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using Path = std::filesystem::path;

const std::array<std::string, 5> files = {"dataset.json", "all__inputs.npy", "all__labels.npy",
                                          "all__puzzle_identifiers.npy", "all__puzzle_indices.npy"};

template <class T>
void write_array(const Path& file, const std::vector<std::int64_t>& shape, const std::vector<T>& values) {
  trm::write_npy<T>(file, shape, values);
}

void write_sound(const Path& folder) {
  std::ofstream(folder / files[0]) << R"({"seq_len": 4, "vocab_size": 6, "ignore_label_id": 0, "sets": ["all"]})";
  write_array<std::uint8_t>(folder / files[1], {2, 4}, {1, 2, 3, 4, 5, 1, 2, 3});
  write_array<std::uint8_t>(folder / files[2], {2, 4}, {1, 0, 3, 4, 5, 1, 2, 3});
  write_array<std::int32_t>(folder / files[3], {1}, {0});
  write_array<std::int32_t>(folder / files[4], {2}, {0, 2});
}

// A folder for this process, gone at its end.
const Path& scratch_folder() {
  static const struct Folder {
    Path path = std::filesystem::temp_directory_path() / ("trm_data_set_fuzz." + std::to_string(getpid()));
    Folder() { std::filesystem::create_directories(path); }
    ~Folder() { std::filesystem::remove_all(path); }
  } folder;
  return folder.path;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Path& folder = scratch_folder();
  write_sound(folder);
  const std::string& file = files[data[0] % files.size()];
  std::ofstream(folder / file, std::ios::binary)
      .write(reinterpret_cast<const char*>(data + 1), static_cast<std::streamsize>(size - 1));
  return trm::fuzz(data, size, [&](std::span<const std::byte>) {
    trm::Hyperparameters model;
    model.seq_len = 4;
    model.vocab_size = 6;
    try {
      const trm::DataSet set = trm::open_data_set_folder(folder, model, "fuzz");
      const std::size_t count = std::min(set.examples, std::size_t{8});
      if (set.read(0, count).puzzle_ids.size() != count) std::abort();
    } catch (const trm::Error& error) {
      if (error.kind() != trm::ErrorKind::io) throw;  // a set that dataset.json names may have no files
    }
  });
}
