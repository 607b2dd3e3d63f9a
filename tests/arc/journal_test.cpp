// The journal with two processes' worth of connections: who may write, what a reader sees and when.

#include "arc/run/journal.hpp"

#include <cmath>
#include <limits>
#include <thread>

#include "arc/tokens.hpp"
#include "io/sqlite.hpp"
#include "tests/catch.hpp"
#include "tests/puzzles/error_text.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::arc::journal_test {
namespace {

const JournalHeader header{{"challenges", "c"}, {"steps", "16"}};
const std::vector<JournalTask> tasks{{"one", 2}, {"other", 1}};

FinishedSample sample(std::int64_t test, std::int64_t id, float q_halt = 0.25F) {
  return {"one", test, id, "one|||t1|||0123456789", 16, q_halt, std::vector<std::uint8_t>(cells, 3)};
}

std::size_t count(const Journal& journal) {
  std::size_t keys = 0;
  journal.for_each_sample([&](const FinishedSample&) { keys += 1; });
  return keys;
}

}  // namespace

TEST_CASE("what several threads add gets into the file unasked") {
  const TemporaryDirectory folder;
  const auto path = folder / "j";
  Journal journal = Journal::write(path, header, tasks, false);
  std::vector<std::thread> threads;
  for (std::int64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&journal, t] {
      for (std::int64_t i = 0; i < 25; ++i) journal.add(sample(0, 25 * t + i));
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(journal.samples("one", 0).size() == 100);
  // A reader of the file, while it is being written, comes to see all of them.
  while (count(Journal::read(path)) < 100) std::this_thread::yield();
  const Journal reader = Journal::read(path);
  CHECK(count(reader) == 100);
  CHECK(reader.header() == header);
  CHECK(reader.tasks() == tasks);
}

TEST_CASE("samples come back as they went in, in the order of their ids") {
  const TemporaryDirectory folder;
  {
    Journal journal = Journal::write(folder / "j", header, tasks, false);
    journal.add(sample(1, 9, -1.5F));
    journal.add(sample(1, 2, std::numeric_limits<float>::quiet_NaN()));
  }
  const auto samples = Journal::read(folder / "j").samples("one", 1);
  REQUIRE(samples.size() == 2);
  CHECK(samples[0].puzzle_id == 2);
  CHECK(std::isnan(samples[0].q_halt));
  CHECK(samples[1].q_halt == -1.5F);
  CHECK(samples[1].name == "one|||t1|||0123456789");
  CHECK(samples[1].steps == 16);
  CHECK(samples[1].prediction == std::vector<std::uint8_t>(cells, 3));
}

TEST_CASE("one writer at a time, and only of the same run") {
  const TemporaryDirectory folder;
  const auto path = folder / "j";
  {
    const Journal journal = Journal::write(path, header, tasks, false);
    CHECK(error_text([&] { (void)Journal::write(path, header, tasks, true); }, ErrorKind::io).find("another program") !=
          std::string::npos);
  }
  CHECK(error_text([&] { (void)Journal::write(path, header, tasks, false); }, ErrorKind::usage).find("continue it") !=
        std::string::npos);
  JournalHeader other = header;
  other[1].second = "4";
  CHECK(error_text([&] { (void)Journal::write(path, other, tasks, true); }).find("steps = 16") != std::string::npos);
  CHECK_NOTHROW(Journal::write(path, header, tasks, true));
  (void)error_text([&] { (void)Journal::read(folder / "none"); }, ErrorKind::io);
}

TEST_CASE("a reader in the middle of a read delays a commit, and loses no row") {
  const TemporaryDirectory folder;
  const auto path = folder / "j";
  Journal journal = Journal::write(path, header, tasks, false);
  const Database reader(path, Database::Access::write);
  reader.wait_at_most(60);
  reader.execute("BEGIN");
  CHECK(reader.integer("SELECT count(*) FROM sample") == 0);  // and keeps its lock
  journal.add(sample(0, 1));
  // The committer has tried once it lets nobody else begin to read.
  const auto tried = [&] {
    const Database other(path, Database::Access::write);
    return !other.execute_unless_locked("SELECT count(*) FROM sample");
  };
  while (!tried()) std::this_thread::yield();
  journal.add(sample(0, 2));
  CHECK(error_text([&] { journal.commit(0.01); }, ErrorKind::io).find("is reading this journal") != std::string::npos);
  journal.add(sample(0, 3));
  CHECK(reader.integer("SELECT count(*) FROM sample") == 0);
  reader.execute("COMMIT");
  while (reader.integer("SELECT count(*) FROM sample") < 3) std::this_thread::yield();  // unasked again
  journal.add(sample(0, 4));
  CHECK_NOTHROW(journal.commit());
  CHECK(count(Journal::read(path)) == 4);
}

TEST_CASE("a journal that is not as it was written is refused") {
  const TemporaryDirectory folder;
  const auto path = folder / "j";
  Journal::write(path, header, tasks, false).add(sample(0, 1));
  const auto change = [&](const char* sql) { Database(path, Database::Access::write).execute(sql); };
  CHECK(count(Journal::read(path)) == 1);
  SECTION("a number of the tasks") {
    change("UPDATE task SET test_inputs = 3");
  }
  SECTION("a task's name") {
    change("UPDATE task SET name = 'two' WHERE position = 1");
  }
  SECTION("a task less") {
    change("DELETE FROM task WHERE position = 1");
  }
  SECTION("a value of the header") {
    change("UPDATE header SET value = '17' WHERE key = 'steps'");
  }
  SECTION("a field more") {
    change("INSERT INTO header VALUES ('more', '1')");
  }
  SECTION("no checksum") {
    change("DELETE FROM header WHERE key = 'checksum'");
  }
  SECTION("another q_halt") {
    change("UPDATE sample SET q_halt = 9");
  }
  SECTION("another id") {
    change("UPDATE sample SET puzzle_id = 2");
  }
  SECTION("an index more") {
    change("CREATE INDEX i ON sample (name)");
  }
  SECTION("a table more") {
    change("CREATE TABLE more (a)");
  }
  SECTION("a column more") {
    change("ALTER TABLE sample ADD COLUMN more");
  }
  SECTION("a view") {
    change("CREATE VIEW v AS SELECT 1");
  }
  SECTION("a trigger") {
    change("CREATE TRIGGER t AFTER INSERT ON sample BEGIN DELETE FROM sample; END");
  }
  SECTION("a format to come") {
    change("PRAGMA user_version = 3");
  }
  CHECK(error_text([&] { (void)Journal::read(path); }).find("j: ") != std::string::npos);
  CHECK(error_text([&] { (void)Journal::write(path, header, tasks, true); }).find("j: ") != std::string::npos);
}

TEST_CASE("a journal of the first format, without a checksum of its header, is read") {
  const TemporaryDirectory folder;
  const auto path = folder / "j";
  Journal::write(path, header, tasks, false).add(sample(0, 1));
  Database(path, Database::Access::write).execute("DELETE FROM header WHERE key = 'checksum'; PRAGMA user_version = 1");
  const Journal journal = Journal::read(path);
  CHECK(journal.header() == header);
  CHECK(count(journal) == 1);
}

TEST_CASE("numbers that no journal has are refused") {
  const TemporaryDirectory folder;
  for (const FinishedSample& odd : {sample(-1, 1), sample(0, -1), sample(0, std::int64_t{1} << 40)}) {
    const TemporaryDirectory own;
    Journal::write(own / "j", header, tasks, false).add(odd);
    CHECK(error_text([&] { (void)Journal::read(own / "j"); }).find("damaged") != std::string::npos);
  }
  FinishedSample foreign = sample(0, 1);
  foreign.name = "two|||t1|||0123456789";
  Journal::write(folder / "k", header, tasks, false).add(foreign);
  CHECK(error_text([&] { (void)Journal::read(folder / "k"); }).find("damaged") != std::string::npos);
  const std::vector<JournalTask> many{{"one", 1 << 20}, {"other", 1}};
  CHECK(error_text([&] { (void)Journal::write(folder / "m", header, many, false); }).find("at most") !=
        std::string::npos);
}

}  // namespace trm::arc::journal_test
