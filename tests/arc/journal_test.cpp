// The journal with two processes' worth of connections: who may write, what a reader sees and when.

#include "arc/run/journal.hpp"

#include <chrono>
#include <cmath>
#include <limits>
#include <thread>

#include "arc/tokens.hpp"
#include "tests/catch.hpp"
#include "tests/puzzles/error_text.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::arc::journal_test {
namespace {

const JournalHeader header{{"challenges", "c"}, {"steps", "16"}};
const std::vector<JournalTask> tasks{{"one", 2}, {"other", 1}};

JournalSample sample(std::int64_t test, std::int64_t id, float q_halt = 0.25F) {
  return {"one", test, id, "one|||t1|||0123456789", 16, q_halt, std::vector<std::uint8_t>(cells, 3)};
}

std::size_t count(const Journal& journal) {
  std::size_t keys = 0;
  journal.for_each_key([&](const JournalKey&) { keys += 1; });
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

}  // namespace trm::arc::journal_test
