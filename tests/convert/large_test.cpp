// The size of the public ARC-AGI-1 checkpoint: 876,400 puzzle ids, 1.8 GB. Memory
// stays small while it is converted, and loading does not depend on its size.

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>

#include "models/model_file.hpp"
#include "models/puzzle_table.hpp"
#include "tests/catch.hpp"
#include "tests/cli/program.hpp"
#include "tests/convert/large_checkpoint.hpp"

namespace trm::convert_large_test {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t rows = 876'400;
constexpr std::int64_t memory_limit = 64'000'000;  // bytes

constexpr std::int64_t views = 1000;  // of a task: itself and its augmentations

// Colours 0 to 9 as augmentations paint them: the first orders of 1 to 9.
std::vector<std::string> first_orders() {
  std::vector<std::string> orders;
  std::string order = "123456789";
  for (; orders.size() < views; std::next_permutation(order.begin(), order.end())) orders.push_back('0' + order);
  return orders;
}

// Names as ARC's: a task in eight digits, then its augmentations.
std::string name_of(std::int64_t id) {
  static const auto orders = first_orders();
  std::string task = std::to_string(id / views + 1);
  task = std::string(8 - task.size(), 'a') + task;
  if (id % views == 0) return task;
  return task + "|||t" + std::to_string(id % 8) + "|||" + orders[static_cast<std::size_t>(id % views)];
}

// A training run's folder, gone at the end of the test.
struct Folder {
  fs::path path = fs::current_path() / "large-test";

  Folder() {
    fs::remove_all(path);
    fs::create_directory(path);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path); }
};

Hyperparameters arc_sized() {
  Hyperparameters h;
  h.vocab_size = 12;
  h.seq_len = 900;
  h.hidden_size = 512;
  h.num_heads = 8;
  h.l_layers = 2;
  h.h_cycles = 3;
  h.l_cycles = 4;
  h.num_puzzle_identifiers = rows;
  h.puzzle_emb_ndim = 512;
  h.puzzle_emb_len = 16;
  return h;
}

void write_run(const fs::path& folder) {
  write_large_checkpoint(folder / "step_1", arc_sized());
  write_text(folder / "all_config.yaml",
             "arch: {name: recursive_reasoning.trm@X, hidden_size: 512, num_heads: 8, expansion: 4, L_layers: 2, "
             "H_layers: 0,\n"
             "       H_cycles: 3, L_cycles: 4, halt_max_steps: 16, pos_encodings: rope, puzzle_emb_ndim: 512}\n");
  std::ofstream names(folder / "identifiers.json");
  for (std::int64_t id = 0; id < rows; ++id) names << (id == 0 ? "[\"" : ", \"") << name_of(id) << '"';
  names << ']';
  const std::string task = R"({"train": [{"input": [[1]], "output": [[2]]}], "test": [{"input": [[1, 2], [3, 4]]}]})";
  write_text(folder / "challenges.json",
             "{\"" + name_of(3000) + "\": " + task + ", \"" + name_of(875000) + "\": " + task + "}");
}

// Converts, and says what it took.
void convert_run(const fs::path& folder, const std::string& ids) {
  const auto start = std::chrono::steady_clock::now();
  const auto outcome = run_program({"convert", (folder / "step_1").string(), "-o", (folder / "m.gguf").string(),
                                    "--ids", ids, "--task", "arc", "--quiet"});
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  CHECK(outcome.err.empty());
  REQUIRE(outcome.code == 0);
  std::cout << "--ids " << ids.substr(0, 8) << ": " << seconds.count() << " s, peak "
            << outcome.peak_rss_bytes / 1000000 << " MB, model " << fs::file_size(folder / "m.gguf") / 1000000
            << " MB\n";
  CHECK(outcome.peak_rss_bytes < memory_limit);
}

// A short run of both tasks. Returns its peak memory.
std::int64_t arc_run(const fs::path& folder) {
  const auto outcome =
      run_program({"arc", (folder / "m.gguf").string(), "--challenges", (folder / "challenges.json").string(), "-o",
                   (folder / "submission.json").string(), "--samples", "2", "--steps", "1", "--quiet"});
  CHECK(outcome.err.empty());
  REQUIRE(outcome.code == 0);
  fs::remove(folder / "submission.json.journal");
  std::cout << "trm arc: peak " << outcome.peak_rss_bytes / 1000000 << " MB\n";
  return outcome.peak_rss_bytes;
}

void check_row(const PuzzleTable& table, std::int64_t id) {
  INFO(id);
  const auto row = table.row_of(id);
  REQUIRE(row.has_value());
  CHECK(table.name_of(*row) == name_of(id));
  CHECK(table.find(name_of(id)) == id);
  std::vector<float> values(512);
  table.read(*row, values);
  for (std::int64_t col = 0; col < 512; ++col) CHECK(values[static_cast<std::size_t>(col)] == large_value(id, col));
}

// Bytes that this process has read from files so far; 0 where the system does not say.
std::int64_t bytes_read() {
  std::ifstream file("/proc/self/io");
  std::string name;
  std::int64_t value = 0;
  while (file >> name >> value) {
    if (name == "rchar:") return value;
  }
  return 0;
}

// Bytes that are read to open the model and read one row, found by its name.
std::int64_t bytes_to_open(const fs::path& path) {
  const std::int64_t before = bytes_read();
  const auto file = gguf::File::open(path);
  CHECK(read_hyperparameters(file).num_puzzle_identifiers == rows);
  const PuzzleTable table(file);
  std::vector<float> row(512);
  table.read(*table.row_of(*table.find(name_of(875999))), row);
  return bytes_read() - before;
}

}  // namespace

TEST_CASE("a checkpoint of 1.8 GB converts in 64 MB of memory, and a run pays for the rows that it touches") {
  const Folder folder;
  write_run(folder.path);
  REQUIRE(fs::file_size(folder.path / "step_1") > 1'800'000'000);

  convert_run(folder.path, "none");
  CHECK(PuzzleTable(gguf::File::open(folder.path / "m.gguf")).rows() == 0);

  convert_run(folder.path, "@" + (folder.path / "challenges.json").string());
  {
    const auto file = gguf::File::open(folder.path / "m.gguf");
    const PuzzleTable table(file);
    CHECK(table.rows() == 2000);
    for (const std::int64_t id : {3000, 3001, 3999, 875000, 875999}) check_row(table, id);
    CHECK_FALSE(table.find(name_of(4000)).has_value());
  }
  const std::int64_t peak_of_two_tasks = arc_run(folder.path);

  convert_run(folder.path, "all");
  const auto file = gguf::File::open(folder.path / "m.gguf");
  const PuzzleTable table(file);
  CHECK(table.rows() == rows);
  for (const std::int64_t id : std::vector<std::int64_t>{0, 1, 123456, 500000, rows - 1}) check_row(table, id);
  const std::int64_t bytes = bytes_to_open(folder.path / "m.gguf");
  std::cout << "opened, one row found by name and read: " << bytes / 1000 << " KB read\n";
  CHECK(bytes < 100'000'000);  // of 1.8 GB
  CHECK(arc_run(folder.path) < peak_of_two_tasks + 4'000'000);
}

}  // namespace trm::convert_large_test
