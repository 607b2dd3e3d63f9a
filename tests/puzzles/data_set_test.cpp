// Data sets: the official builder's folder (tests/data/dataset_arc), folders made here, and CSV.

#include "puzzles/data_set.hpp"

#include <algorithm>
#include <fstream>
#include <numeric>

#include "io/npy.hpp"
#include "tests/catch.hpp"
#include "tests/puzzles/error_text.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::puzzles_data_set_test {

using Path = std::filesystem::path;

namespace {

Hyperparameters model_of(std::int64_t seq_len, std::int64_t vocab_size) {
  Hyperparameters model;
  model.seq_len = seq_len;
  model.vocab_size = vocab_size;
  return model;
}

void write_text(const Path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

template <class T>
void write_array(const Path& path, std::vector<std::int64_t> shape, std::vector<T> values) {
  write_npy<T>(path, shape, values);
}

const std::string description = R"({"seq_len": 4, "vocab_size": 6, "ignore_label_id": 0, "sets": ["all"]})";

// Three examples of 4 cells; the first two belong to puzzle 7, the third to puzzle 9.
void write_small_folder(const Path& folder) {
  std::filesystem::create_directories(folder);
  write_text(folder / "dataset.json", description);
  write_array<std::uint8_t>(folder / "all__inputs.npy", {3, 4}, {1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2});
  write_array<std::uint8_t>(folder / "all__labels.npy", {3, 4}, {1, 0, 3, 4, 5, 1, 2, 3, 0, 0, 0, 0});
  write_array<std::int32_t>(folder / "all__puzzle_identifiers.npy", {2}, {7, 9});
  write_array<std::int32_t>(folder / "all__puzzle_indices.npy", {3}, {0, 2, 3});
}

std::string open_error(const Path& path, const Hyperparameters& model = model_of(4, 6)) {
  return error_text([&] { (void)open_data_set(path.string(), model, "m.gguf"); });
}

}  // namespace

TEST_CASE("examples carry the puzzle id of their range and ignored labels") {
  const TemporaryDirectory folder;
  write_small_folder(folder.path());
  const DataSet data = open_data_set(folder.path().string(), model_of(4, 6), "m.gguf");
  REQUIRE(data.examples == 3);
  const Batch all = data.read(0, 3);
  CHECK(all.inputs == std::vector<std::int32_t>{1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2});
  CHECK(all.labels == std::vector<std::int32_t>{1, ignored_label, 3, 4, 5, 1, 2, 3, ignored_label, ignored_label,
                                                ignored_label, ignored_label});
  CHECK(all.puzzle_ids == std::vector<std::int64_t>{7, 7, 9});
  const Batch last = data.read(2, 1);
  CHECK(last.inputs == std::vector<std::int32_t>{4, 5, 1, 2});
  CHECK(last.puzzle_ids == std::vector<std::int64_t>{9});
}

TEST_CASE("without ignore_label_id every label counts") {
  const TemporaryDirectory folder;
  write_small_folder(folder.path());
  write_text(folder / "dataset.json", R"({"seq_len": 4, "vocab_size": 6, "ignore_label_id": null, "sets": ["all"]})");
  const Batch all = open_data_set(folder.path().string(), model_of(4, 6), "m.gguf").read(0, 3);
  CHECK(std::count(all.labels.begin(), all.labels.end(), ignored_label) == 0);
}

TEST_CASE("several sets follow one another") {
  const TemporaryDirectory folder;
  write_small_folder(folder.path());
  write_text(folder / "dataset.json",
             R"({"seq_len": 4, "vocab_size": 6, "ignore_label_id": 0, "sets": ["all", "more"]})");
  for (const std::string part : {"inputs", "labels", "puzzle_identifiers", "puzzle_indices"}) {
    std::filesystem::copy_file(folder / ("all__" + part + ".npy"), folder / ("more__" + part + ".npy"));
  }
  const DataSet data = open_data_set(folder.path().string(), model_of(4, 6), "m.gguf");
  REQUIRE(data.examples == 6);
  CHECK(data.read(0, 6).puzzle_ids == std::vector<std::int64_t>{7, 7, 9, 7, 7, 9});
  CHECK(data.read(2, 2).inputs == std::vector<std::int32_t>{4, 5, 1, 2, 1, 2, 3, 4});
  CHECK(data.read(4, 2).inputs == std::vector<std::int32_t>{5, 1, 2, 3, 4, 5, 1, 2});
}

TEST_CASE("a data set's parent stands for its test split, or else its training split") {
  const TemporaryDirectory folder;
  write_small_folder(folder / "train");
  const auto opened = [&] { return open_data_set(folder.path().string(), model_of(4, 6), "m.gguf").name; };
  CHECK(opened() == (folder / "train").string());
  write_small_folder(folder / "test");
  CHECK(opened() == (folder / "test").string());
}

TEST_CASE("the official builder's folder reads as numpy reads it") {
  const Path path = Path(TRM_TEST_DATA) / "dataset_arc";
  const DataSet data = open_data_set(path.string(), model_of(900, 12), "m.gguf");
  REQUIRE(data.examples == 56);
  const Batch all = data.read(0, 56);
  // Sums by numpy over all__inputs, all__labels and all__puzzle_identifiers.
  CHECK(std::accumulate(all.inputs.begin(), all.inputs.end(), std::int64_t{0}) == 40256);
  std::int64_t labels = 0;
  for (const std::int32_t label : all.labels) labels += label == ignored_label ? 0 : label;
  CHECK(labels == 42244);
  CHECK(std::count(all.labels.begin(), all.labels.end(), ignored_label) == 39417);
  CHECK(std::accumulate(all.puzzle_ids.begin(), all.puzzle_ids.end(), std::int64_t{0}) == 3556);
}

TEST_CASE("a folder that does not fit together is one error") {
  const TemporaryDirectory folder;
  const Path path = folder.path();
  CHECK(open_error(path).find("is no data set") != std::string::npos);
  write_small_folder(path);
  CHECK(open_error(path, model_of(81, 11)) == "m.gguf: the model reads 81 cells of 11 tokens, " + path.string() +
                                                  " has 4 cells of 6 tokens; give the model that was trained for it");
  const auto with_description = [&](const std::string& text) {
    write_text(path / "dataset.json", text);
    return open_error(path);
  };
  CHECK(with_description("{").find("dataset.json: byte ") != std::string::npos);
  CHECK(with_description("[]").find("is not a JSON object") != std::string::npos);
  CHECK(with_description(std::string(100000, '[')).find("is not JSON") != std::string::npos);
  CHECK(with_description(R"({"seq_len": "4"})").find("seq_len: is missing or no whole number") != std::string::npos);
  CHECK(with_description(R"({"seq_len": 4, "vocab_size": 6, "sets": ["../x"]})").find("impossible name") !=
        std::string::npos);
  CHECK(with_description(R"({"seq_len": 4, "vocab_size": 6})").find("names no set") != std::string::npos);
  write_text(path / "dataset.json", description);
  write_array<std::int32_t>(path / "all__puzzle_indices.npy", {3}, {0, 2, 4});
  CHECK(open_error(path).find("does not divide the examples") != std::string::npos);
  write_array<std::int32_t>(path / "all__puzzle_indices.npy", {0}, {});
  CHECK(open_error(path).find("does not divide the examples") != std::string::npos);
  write_array<std::uint8_t>(path / "all__labels.npy", {2, 4}, std::vector<std::uint8_t>(8));
  CHECK(open_error(path).find("all__labels.npy: has 2 rows; the inputs have 3") != std::string::npos);
  write_array<std::uint8_t>(path / "all__labels.npy", {3, 5}, std::vector<std::uint8_t>(15));
  CHECK(open_error(path).find("has 5 columns; dataset.json says seq_len 4") != std::string::npos);
  write_array<float>(path / "all__labels.npy", {12}, std::vector<float>(12));
  CHECK(open_error(path).find("has 1 axis") != std::string::npos);
}

TEST_CASE("a CSV of sudokus or mazes is a data set for a model of that size") {
  const TemporaryDirectory folder;
  const std::string question = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79";
  const std::string answer = "534678912672195348198342567859761423426853791713924856961537284287419635345286179";
  const Path path = folder / "t.csv";
  write_text(path, "question,answer\n" + question + "," + answer + "\n");
  const DataSet data = open_data_set(path.string(), model_of(81, 11), "m.gguf");
  REQUIRE(data.examples == 1);
  const Batch batch = data.read(0, 1);
  CHECK(batch.inputs[0] == 6);
  CHECK(batch.inputs[2] == 1);
  CHECK(batch.labels[2] == 5);
  CHECK(batch.puzzle_ids == std::vector<std::int64_t>{0});
  CHECK(open_error(path, model_of(900, 12)).find("m.gguf reads neither") != std::string::npos);
  CHECK(open_error(path, model_of(900, 6)).find("has 81 characters; this model reads mazes of 900") !=
        std::string::npos);
  write_text(path, "question\n" + question + "\n");
  CHECK(open_error(path, model_of(81, 11)).find("line 2: the puzzle has no answer") != std::string::npos);
  write_text(path, "question,answer\n" + question + "," + question + "\n");
  CHECK(open_error(path, model_of(81, 11)).find("line 2: the answer has a blank") != std::string::npos);
  write_text(path, "question,answer\nS #G,So#G\n");
  CHECK(open_data_set(path.string(), model_of(4, 6), "m.gguf").read(0, 1).labels ==
        std::vector<std::int32_t>{3, 5, 1, 4});
}

TEST_CASE("padding around a sudoku is not asked for, its end marker is") {
  const TemporaryDirectory folder;
  write_text(folder / "t.csv", "question,answer\n1234341221434.21,1234341221434321\n");
  const Batch batch = open_data_set((folder / "t.csv").string(), model_of(36, 7), "m.gguf").read(0, 1);
  constexpr std::int32_t none = ignored_label;
  CHECK(batch.labels == std::vector<std::int32_t>{3, 4,    5,    6,    none, none, 5,    6,    3,    4,    none, none,
                                                  4, 3,    6,    5,    none, none, 6,    5,    4,    3,    none, none,
                                                  1, none, none, none, none, none, none, none, none, none, none, none});
}

}  // namespace trm::puzzles_data_set_test
