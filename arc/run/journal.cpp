#include "arc/run/journal.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <limits>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "arc/tokens.hpp"
#include "base/error.hpp"
#include "io/checksum.hpp"
#include "io/sqlite.hpp"
#include "models/puzzle_name.hpp"

namespace trm::arc {
namespace {

constexpr std::int64_t application_id = 0x54524d4a;  // "TRMJ"
constexpr std::int64_t format = 2;
constexpr std::int64_t first_checked_format = 2;  // of header and tasks
constexpr auto commit_interval = std::chrono::milliseconds(400);
constexpr double busy_patience = 0.02;              // seconds a commit between two samples waits for readers
constexpr double reader_patience = 20;              // seconds a reader waits for a commit
constexpr std::int64_t most_test_inputs = 1 << 20;  // of all tasks
constexpr std::int64_t largest_id = (std::int64_t{1} << 31) - 1;
constexpr const char* checksum_key = "checksum";

constexpr const char* make_tables =
    "CREATE TABLE header (key TEXT PRIMARY KEY, value TEXT NOT NULL);"
    "CREATE TABLE task (position INTEGER PRIMARY KEY, name TEXT NOT NULL, test_inputs INTEGER NOT NULL);"
    "CREATE TABLE sample (puzzle TEXT NOT NULL, test INTEGER NOT NULL, puzzle_id INTEGER NOT NULL, name TEXT NOT NULL,"
    " steps INTEGER NOT NULL, q_halt REAL, prediction BLOB NOT NULL, checksum INTEGER NOT NULL,"
    " PRIMARY KEY (puzzle, test, puzzle_id));";
constexpr const char* mark = "PRAGMA application_id = 0x54524d4a; PRAGMA user_version = 2;";

constexpr const char* columns = "puzzle, test, puzzle_id, name, steps, q_halt, prediction, checksum";

// A sum over texts, each with its end, and numbers.
class FieldChecksum {
 public:
  void add(const std::string& text) { sum_.update(std::as_bytes(std::span(text.c_str(), text.size() + 1))); }
  void add(std::int64_t number) { sum_.update(std::as_bytes(std::span(&number, 1))); }
  void add(float number) {
    const float value = std::isnan(number) ? std::numeric_limits<float>::quiet_NaN() : number;
    sum_.update(std::as_bytes(std::span(&value, 1)));
  }
  void add(std::span<const std::uint8_t> bytes) { sum_.update(std::as_bytes(bytes)); }
  [[nodiscard]] std::int64_t value() const { return static_cast<std::int64_t>(sum_.value()); }

 private:
  StreamingChecksum sum_;
};

std::int64_t sample_checksum(const FinishedSample& sample) {
  FieldChecksum sum;
  sum.add(sample.puzzle);
  sum.add(sample.name);
  sum.add(sample.test);
  sum.add(sample.puzzle_id);
  sum.add(sample.steps);
  sum.add(sample.q_halt);
  sum.add(std::span(sample.prediction));
  return sum.value();
}

std::int64_t run_checksum(const JournalHeader& header, std::span<const JournalTask> tasks) {
  FieldChecksum sum;
  for (const auto& [key, value] : header) {
    sum.add(key);
    sum.add(value);
  }
  for (const JournalTask& task : tasks) {
    sum.add(task.name);
    sum.add(task.test_inputs);
  }
  return sum.value();
}

Error damaged(const Database& database, const std::string& place, const std::string& reason) {
  return input_error(database.name(), place, "the journal is damaged (" + reason + ")",
                     "leave it out, or delete it and run its samples again", {"skip_damaged"});
}

bool names_augmentation_of(const std::string& name, const std::string& puzzle) {
  if (name == puzzle) return true;
  const auto parts = split_puzzle_name(name);
  return parts && parts->puzzle == puzzle;
}

// A row of `columns`. Throws Error(input) when it is not as it was written.
FinishedSample read_row(const Database& database, const Statement& row) {
  FinishedSample sample;
  sample.puzzle = row.text(0);
  sample.test = row.integer(1);
  sample.puzzle_id = row.integer(2);
  sample.name = row.text(3);
  sample.steps = row.integer(4);
  sample.q_halt = static_cast<float>(row.real(5));
  const auto prediction = row.blob(6);
  sample.prediction.assign(prediction.begin(), prediction.end());
  const auto within = [](std::int64_t value, std::int64_t end) { return value >= 0 && value <= end; };
  const bool sound = canvas_side(prediction.size()) > 0 && sample_checksum(sample) == row.integer(7) &&
                     within(sample.test, most_test_inputs) && within(sample.puzzle_id, largest_id) &&
                     within(sample.steps, largest_id) && names_augmentation_of(sample.name, sample.puzzle);
  if (!sound) {
    throw damaged(database, "sample of " + sample.puzzle, "puzzle id " + std::to_string(sample.puzzle_id));
  }
  return sample;
}

// The header in its order, the row of the checksum among its rows.
JournalHeader read_header(const Database& database) {
  JournalHeader header;
  Statement row(database, "SELECT key, value FROM header ORDER BY rowid");
  while (row.step()) header.emplace_back(row.text(0), row.text(1));
  return header;
}

bool is_checksum(const std::pair<std::string, std::string>& field) {
  return field.first == checksum_key;
}

void check_bounds(const std::string& name, std::span<const JournalTask> tasks) {
  std::int64_t total = 0;
  for (const JournalTask& task : tasks) {
    if (task.test_inputs < 0 || task.test_inputs > most_test_inputs - total) {
      throw input_error(
          name, "task '" + task.name + "'",
          "has " + std::to_string(task.test_inputs) + " test inputs, " + std::to_string(total) + " before it",
          "a journal holds at most " + std::to_string(most_test_inputs));
    }
    total += task.test_inputs;
  }
}

std::vector<JournalTask> read_tasks(const Database& database) {
  std::vector<JournalTask> tasks;
  Statement row(database, "SELECT name, test_inputs FROM task ORDER BY position");
  while (row.step()) tasks.push_back({std::string(row.text(0)), row.integer(1)});
  check_bounds(database.name(), tasks);
  return tasks;
}

// The text of the schema, a line each table, index, view and trigger.
std::string schema_of(const Database& database) {
  std::string schema;
  Statement row(database, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid");
  while (row.step()) {
    for (int column = 0; column < 4; ++column) schema.append(row.text(column)).append("|");
    schema += '\n';
  }
  return schema;
}

std::string journal_schema() {
  const Database pattern(":memory:", Database::Access::create);
  pattern.execute(make_tables);
  return schema_of(pattern);
}

// Throws Error(input) unless the file is a journal, of a format that this program reads and whole.
void check_sound(const Database& database) {
  if (database.integer("PRAGMA application_id") != application_id) {
    throw input_error(database.name(), "", "is no journal", "give one that an ARC run wrote");
  }
  const std::int64_t found = database.integer("PRAGMA user_version");
  if (found < 1 || found > format) {
    throw input_error(database.name(), "", "is a journal of format " + std::to_string(found),
                      "this trm reads the formats 1 to " + std::to_string(format));
  }
  if (schema_of(database) != journal_schema()) {
    throw damaged(database, "", "its tables are not those of a journal");
  }
  const std::string verdict = database.text("PRAGMA integrity_check(1)");
  if (verdict != "ok") throw damaged(database, "", verdict);
  JournalHeader header = read_header(database);
  const std::vector<JournalTask> tasks = read_tasks(database);
  const auto recorded = std::find_if(header.begin(), header.end(), is_checksum);
  const std::string sum = recorded == header.end() ? "" : recorded->second;
  std::erase_if(header, is_checksum);
  if (found >= first_checked_format && sum != std::to_string(run_checksum(header, tasks))) {
    throw damaged(database, "", "header or tasks are not as they were written");
  }
  Statement row(database, (std::string("SELECT ") + columns + " FROM sample").c_str());
  while (row.step()) (void)read_row(database, row);
}

}  // namespace

struct Journal::Impl {
  Impl(const std::filesystem::path& path, Database::Access access) : database(path, access) {}
  ~Impl();

  void begin(const JournalHeader& header, std::span<const JournalTask> tasks, bool resume);
  void make(const JournalHeader& header, std::span<const JournalTask> tasks) const;
  [[nodiscard]] bool try_commit(double patience);  // false: readers are in the way
  void commit(double patience);
  void commit_now_and_then(const std::stop_token& stop);

  Database database;
  std::mutex mutex{};  // guards all below, and the connection's transaction
  std::condition_variable_any wake{};
  std::optional<Statement> insert{};
  bool pending = false;  // rows wait for a commit
  bool gave_up = false;  // the last commit() failed: the destructor does not wait again
  std::exception_ptr failure{};
  std::jthread committer{};
};

Journal::Impl::~Impl() {
  if (!committer.joinable()) return;
  committer.request_stop();
  committer.join();
  try {
    commit(gave_up ? busy_patience : reader_patience);
  } catch (...) {  // a caller that must learn of a failure calls commit() first
  }
}

void Journal::Impl::make(const JournalHeader& header, std::span<const JournalTask> tasks) const {
  check_bounds(database.name(), tasks);
  database.execute(mark);
  database.execute(make_tables);
  Statement put_header(database, "INSERT INTO header VALUES (?, ?)");
  for (const auto& [key, value] : header)
    put_header.bind(1, std::string_view(key)).bind(2, std::string_view(value)).step();
  const std::string sum = std::to_string(run_checksum(header, tasks));
  put_header.bind(1, std::string_view(checksum_key)).bind(2, std::string_view(sum)).step();
  Statement put_task(database, "INSERT INTO task VALUES (?, ?, ?)");
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    put_task.bind(1, static_cast<std::int64_t>(i)).bind(2, std::string_view(tasks[i].name));
    put_task.bind(3, tasks[i].test_inputs).step();
  }
}

void Journal::Impl::begin(const JournalHeader& header, std::span<const JournalTask> tasks, bool resume) {
  database.execute("BEGIN IMMEDIATE");
  const bool empty =
      database.integer("SELECT count(*) FROM sqlite_schema") == 0 && database.integer("PRAGMA application_id") == 0;
  if (empty) {
    make(header, tasks);
  } else if (!resume) {
    throw Error(ErrorKind::usage, {.file = database.name(),
                                   .place = {},
                                   .what = "this journal exists",
                                   .remedy = "continue it, or delete it",
                                   .settings = {"resume"}});
  } else {
    check_sound(database);
  }
  insert.emplace(database, "INSERT OR REPLACE INTO sample VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  pending = true;
}

// This and commit(): call with the mutex held, or alone.
bool Journal::Impl::try_commit(double patience) {
  if (!pending) return true;
  database.wait_at_most(patience);
  if (!database.execute_unless_locked("COMMIT")) return false;
  pending = false;
  database.execute("BEGIN IMMEDIATE");
  return true;
}

void Journal::Impl::commit(double patience) {
  gave_up = !try_commit(patience);
  if (!gave_up) return;
  throw Error(ErrorKind::io, {.file = database.name(),
                              .place = {},
                              .what = "another program is reading this journal, and the last samples cannot be written",
                              .remedy = "end that program, and continue the run",
                              .settings = {"resume"}});
}

void Journal::Impl::commit_now_and_then(const std::stop_token& stop) {
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    wake.wait_for(lock, stop, commit_interval, [] { return false; });
    try {
      (void)try_commit(busy_patience);  // if it fails, the rows stay in the transaction until the next try
    } catch (...) {
      failure = std::current_exception();
      return;
    }
  }
}

Journal::Journal(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Journal::Journal(Journal&&) noexcept = default;
Journal& Journal::operator=(Journal&&) noexcept = default;
Journal::~Journal() = default;

Journal Journal::write(const std::filesystem::path& path, const JournalHeader& header,
                       std::span<const JournalTask> tasks, bool resume) {
  Journal journal(std::make_unique<Impl>(path, Database::Access::create));
  Impl& impl = *journal.impl_;
  impl.begin(header, tasks, resume);
  check_same_run(impl.database.name(), journal.header(), "this run", header);
  impl.commit(reader_patience);
  impl.committer = std::jthread([&impl](const std::stop_token& stop) { impl.commit_now_and_then(stop); });
  return journal;
}

Journal Journal::read(const std::filesystem::path& path) {
  Journal journal(std::make_unique<Impl>(path, Database::Access::write));
  journal.impl_->database.wait_at_most(reader_patience);
  check_sound(journal.impl_->database);
  return journal;
}

const std::string& Journal::name() const {
  return impl_->database.name();
}

JournalHeader Journal::header() const {
  const std::lock_guard lock(impl_->mutex);
  JournalHeader header = read_header(impl_->database);
  std::erase_if(header, is_checksum);
  return header;
}

std::vector<JournalTask> Journal::tasks() const {
  const std::lock_guard lock(impl_->mutex);
  return read_tasks(impl_->database);
}

void Journal::add(const FinishedSample& sample) {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->failure) std::rethrow_exception(impl_->failure);
  Statement& insert = *impl_->insert;
  insert.bind(1, std::string_view(sample.puzzle)).bind(2, sample.test).bind(3, sample.puzzle_id);
  insert.bind(4, std::string_view(sample.name)).bind(5, sample.steps).bind(6, static_cast<double>(sample.q_halt));
  insert.bind(7, std::span(sample.prediction)).bind(8, sample_checksum(sample)).step();
  impl_->pending = true;
}

void Journal::commit(double patience) {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->failure) std::rethrow_exception(impl_->failure);
  impl_->commit(patience);
}

void Journal::for_each_sample(const std::function<void(const FinishedSample& sample)>& visit) const {
  const std::lock_guard lock(impl_->mutex);
  const std::string sql = std::string("SELECT ") + columns + " FROM sample ORDER BY puzzle, test, puzzle_id";
  Statement row(impl_->database, sql.c_str());
  while (row.step()) visit(read_row(impl_->database, row));
}

std::vector<FinishedSample> Journal::samples(const std::string& puzzle, std::int64_t test) const {
  const std::lock_guard lock(impl_->mutex);
  const std::string sql =
      std::string("SELECT ") + columns + " FROM sample WHERE puzzle = ? AND test = ? ORDER BY puzzle_id";
  Statement row(impl_->database, sql.c_str());
  row.bind(1, std::string_view(puzzle)).bind(2, test);
  std::vector<FinishedSample> samples;
  while (row.step()) samples.push_back(read_row(impl_->database, row));
  return samples;
}

void check_same_run(const std::string& name, const JournalHeader& header, const std::string& expected_name,
                    const JournalHeader& expected) {
  const auto value_in = [](const JournalHeader& fields, const std::string& key) {
    const auto found =
        std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.first == key; });
    return found == fields.end() ? std::string("nothing") : found->second;
  };
  JournalHeader all = expected;
  all.insert(all.end(), header.begin(), header.end());
  for (const auto& [key, value] : all) {
    const std::string ours = value_in(header, key);
    const std::string theirs = value_in(expected, key);
    if (ours == theirs) continue;
    std::string difference = "was made with " + key;
    difference.append(" = ").append(ours).append(", ").append(expected_name).append(" with ").append(theirs);
    throw input_error(name, "", difference, "only samples of the same model, options and challenges belong together");
  }
}

}  // namespace trm::arc
