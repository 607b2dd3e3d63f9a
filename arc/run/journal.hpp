#pragma once
// The journal of a run: an SQLite file with one row a finished sample. A killed process loses what was not yet
// committed, half a second at most; a merge or a resumed run takes the rest.
//
// Tables: header (key, value); task (position, name, test_inputs), as in the challenges file; sample (puzzle, test,
// puzzle_id, name, steps, q_halt, prediction, checksum), where `prediction` is the model's tokens as they came (900 on
// 30 x 30), augmented, and `checksum` the XXH3-64 of the row, because SQLite has none of its own. The row 'checksum' of
// the header is the XXH3-64 of the other rows of header and task; the first format, which is read too, has no such row.
//
// A journal may come from another machine and anybody: it is read only if its schema is this one, to the letter, and
// every number is within bounds.
//
// One rollback journal and no write-ahead log: whatever kills the process, the file is whole by itself, can be copied
// to another machine, and works on network file systems. The writer keeps a transaction open: a second writer is
// refused, readers are welcome. While a reader is in the middle of a read, rows wait in memory and their commit is
// tried again.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "arc/run/sample_store.hpp"

namespace trm::arc {

// What all samples of a journal have in common, by name ("model", "steps"): everything that changes a prediction. No
// name is "checksum".
using JournalHeader = std::vector<std::pair<std::string, std::string>>;

struct JournalTask {
  std::string name;
  std::int64_t test_inputs = 0;

  bool operator==(const JournalTask&) const = default;
};

// May be used by any number of threads at once.
class Journal {
 public:
  // Opens the journal of a run for writing. An existing file is continued if `resume`, else it is an Error(usage).
  // Throws Error(input) when the file is damaged, or belongs to another model, other options or other challenges.
  [[nodiscard]] static Journal write(const std::filesystem::path& path, const JournalHeader& header,
                                     std::span<const JournalTask> tasks, bool resume);
  // Opens a journal for reading. Throws Error(input) when it is damaged or no journal.
  [[nodiscard]] static Journal read(const std::filesystem::path& path);

  Journal(Journal&&) noexcept;
  Journal& operator=(Journal&&) noexcept;
  ~Journal();  // commits

  [[nodiscard]] const std::string& name() const;
  [[nodiscard]] JournalHeader header() const;
  [[nodiscard]] std::vector<JournalTask> tasks() const;

  // Committed within half a second, or when no reader is in the way. Throws Error(io), then or at the next call.
  void add(const FinishedSample& sample);
  // Commits now, waiting so long for readers. Throws Error(io) if they are still there; rows then stay in memory.
  void commit(double patience = 20);

  // In the order of puzzles, test inputs and puzzle ids, one sample in memory at a time. `visit` may not use the
  // journal.
  void for_each_sample(const std::function<void(const FinishedSample& sample)>& visit) const;
  // The samples of one test input, in the order of their puzzle ids.
  [[nodiscard]] std::vector<FinishedSample> samples(const std::string& puzzle, std::int64_t test) const;

 private:
  struct Impl;
  explicit Journal(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Throws Error(input) naming both files and the first thing in which they differ.
void check_same_run(const std::string& name, const JournalHeader& header, const std::string& expected_name,
                    const JournalHeader& expected);

}  // namespace trm::arc
