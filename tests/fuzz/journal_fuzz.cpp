// A journal from anybody: what Journal::read accepts, every other reader of it must bear.

#include <fstream>

#include "arc/run/journals.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/temporary_directory.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const trm::TemporaryDirectory folder;
  const auto path = folder / "journal";
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  return trm::fuzz(data, size, [&](std::span<const std::byte> /*bytes*/) {
    const trm::arc::Journal journal = trm::arc::Journal::read(path);
    (void)journal.header();
    const auto tasks = trm::arc::tasks_of(journal);
    auto predictions = trm::arc::no_predictions(tasks);
    (void)trm::arc::add_journals({&journal, 1}, tasks, predictions);
    (void)trm::arc::rank_all(predictions, 1);
  });
}
