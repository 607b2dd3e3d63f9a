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

namespace trm::arc {
namespace {

constexpr std::int64_t application_id = 0x54524d4a;  // "TRMJ"
constexpr std::int64_t format = 1;
constexpr auto commit_interval = std::chrono::milliseconds(400);
constexpr double reader_patience = 20;  // seconds a commit waits for readers, and a reader for a commit

constexpr const char* make_tables =
    "PRAGMA application_id = 0x54524d4a; PRAGMA user_version = 1;"
    "CREATE TABLE header (key TEXT PRIMARY KEY, value TEXT NOT NULL);"
    "CREATE TABLE task (position INTEGER PRIMARY KEY, name TEXT NOT NULL, test_inputs INTEGER NOT NULL);"
    "CREATE TABLE sample (puzzle TEXT NOT NULL, test INTEGER NOT NULL, puzzle_id INTEGER NOT NULL, name TEXT NOT NULL,"
    " steps INTEGER NOT NULL, q_halt REAL, prediction BLOB NOT NULL, checksum INTEGER NOT NULL,"
    " PRIMARY KEY (puzzle, test, puzzle_id));";

constexpr const char* columns = "puzzle, test, puzzle_id, name, steps, q_halt, prediction, checksum";

std::int64_t row_checksum(const JournalSample& sample) {
  StreamingChecksum sum;
  for (const std::string* text : {&sample.puzzle, &sample.name}) {
    sum.update(std::as_bytes(std::span(text->c_str(), text->size() + 1)));
  }
  for (const std::int64_t& number : {sample.test, sample.puzzle_id, sample.steps}) {
    sum.update(std::as_bytes(std::span(&number, 1)));
  }
  const float q_halt = std::isnan(sample.q_halt) ? std::numeric_limits<float>::quiet_NaN() : sample.q_halt;
  sum.update(std::as_bytes(std::span(&q_halt, 1)));
  sum.update(std::as_bytes(std::span(sample.prediction)));
  return static_cast<std::int64_t>(sum.value());
}

// A row of `columns`. Throws Error(input) when it is not what was written.
JournalSample read_row(const Database& database, const Statement& row) {
  JournalSample sample;
  sample.puzzle = row.text(0);
  sample.test = row.integer(1);
  sample.puzzle_id = row.integer(2);
  sample.name = row.text(3);
  sample.steps = row.integer(4);
  sample.q_halt = static_cast<float>(row.real(5));
  const auto prediction = row.blob(6);
  sample.prediction.assign(prediction.begin(), prediction.end());
  if (static_cast<std::int64_t>(prediction.size()) != cells || row_checksum(sample) != row.integer(7)) {
    throw input_error(database.name(), "sample of " + sample.puzzle, "the journal is damaged",
                      "leave it out, or delete it and run its samples again", {"skip_damaged"});
  }
  return sample;
}

// Is this file a journal, whole and of this format?
void check_sound(const Database& database) {
  if (database.integer("PRAGMA application_id") != application_id) {
    throw input_error(database.name(), "", "is no journal", "give one that an ARC run wrote");
  }
  const std::int64_t found = database.integer("PRAGMA user_version");
  if (found != format) {
    throw input_error(database.name(), "", "is a journal of format " + std::to_string(found),
                      "this trm reads format " + std::to_string(format));
  }
  const std::string verdict = database.text("PRAGMA integrity_check(1)");
  if (verdict != "ok") {
    throw input_error(database.name(), "", "the journal is damaged (" + verdict + ")",
                      "leave it out, or delete it and run its samples again", {"skip_damaged"});
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
  void commit();
  void commit_now_and_then(const std::stop_token& stop);

  Database database;
  std::mutex mutex{};  // guards all below, and the connection's transaction
  std::condition_variable_any wake{};
  std::optional<Statement> insert{};
  bool pending = false;  // rows wait for a commit
  std::exception_ptr failure{};
  std::jthread committer{};
};

Journal::Impl::~Impl() {
  if (!committer.joinable()) return;
  committer.request_stop();
  committer.join();
  try {
    commit();
  } catch (...) {  // commit() was there to be called by who wants to know
  }
}

void Journal::Impl::make(const JournalHeader& header, std::span<const JournalTask> tasks) const {
  database.execute(make_tables);
  Statement put_header(database, "INSERT INTO header VALUES (?, ?)");
  for (const auto& [key, value] : header)
    put_header.bind(1, std::string_view(key)).bind(2, std::string_view(value)).step();
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
  database.wait_at_most(reader_patience);
  insert.emplace(database, "INSERT OR REPLACE INTO sample VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  pending = true;
}

// Call with the mutex held, or alone.
void Journal::Impl::commit() {
  if (!pending) return;
  database.execute("COMMIT");
  pending = false;
  database.execute("BEGIN IMMEDIATE");
}

void Journal::Impl::commit_now_and_then(const std::stop_token& stop) {
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    wake.wait_for(lock, stop, commit_interval, [] { return false; });
    try {
      commit();
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
  impl.commit();
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
  JournalHeader header;
  Statement row(impl_->database, "SELECT key, value FROM header ORDER BY rowid");
  while (row.step()) header.emplace_back(row.text(0), row.text(1));
  return header;
}

std::vector<JournalTask> Journal::tasks() const {
  const std::lock_guard lock(impl_->mutex);
  std::vector<JournalTask> tasks;
  Statement row(impl_->database, "SELECT name, test_inputs FROM task ORDER BY position");
  while (row.step()) tasks.push_back({std::string(row.text(0)), row.integer(1)});
  return tasks;
}

void Journal::add(const JournalSample& sample) {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->failure) std::rethrow_exception(impl_->failure);
  Statement& insert = *impl_->insert;
  insert.bind(1, std::string_view(sample.puzzle)).bind(2, sample.test).bind(3, sample.puzzle_id);
  insert.bind(4, std::string_view(sample.name)).bind(5, sample.steps).bind(6, static_cast<double>(sample.q_halt));
  insert.bind(7, std::span(sample.prediction)).bind(8, row_checksum(sample)).step();
  impl_->pending = true;
}

void Journal::commit() {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->failure) std::rethrow_exception(impl_->failure);
  impl_->commit();
}

void Journal::for_each_key(const std::function<void(const JournalKey& key)>& visit) const {
  const std::lock_guard lock(impl_->mutex);
  Statement row(impl_->database, "SELECT puzzle, test, puzzle_id FROM sample ORDER BY puzzle, test, puzzle_id");
  while (row.step()) visit({std::string(row.text(0)), row.integer(1), row.integer(2)});
}

std::vector<JournalSample> Journal::samples(const std::string& puzzle, std::int64_t test) const {
  const std::lock_guard lock(impl_->mutex);
  const std::string sql =
      std::string("SELECT ") + columns + " FROM sample WHERE puzzle = ? AND test = ? ORDER BY puzzle_id";
  Statement row(impl_->database, sql.c_str());
  row.bind(1, std::string_view(puzzle)).bind(2, test);
  std::vector<JournalSample> samples;
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
    std::string difference = "was made with ";
    difference.append(key)
        .append(" = ")
        .append(ours)
        .append(", ")
        .append(expected_name)
        .append(" with ")
        .append(theirs);
    throw input_error(name, "", difference, "only samples of the same model, options and challenges belong together");
  }
}

}  // namespace trm::arc
