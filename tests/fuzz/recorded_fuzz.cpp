// A folder of recorded predictions. The input is its six files one after another, each behind its length in two bytes,
// little-endian; the last takes the rest.

#include <array>
#include <fstream>

#include "arc/vote/recorded.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/temporary_directory.hpp"

namespace {

constexpr std::array files = {"identifiers.json", "puzzle_identifiers.npy", "q_halt_logits.npy", "test_puzzles.json",
                              "inputs.npy",       "predictions.npy"};

void unpack(const std::filesystem::path& folder, std::span<const std::byte> bytes) {
  for (const char* file : files) {
    std::size_t size = bytes.size();
    if (file != files.back() && size >= 2) {
      size = static_cast<std::size_t>(bytes[0]) | static_cast<std::size_t>(bytes[1]) << 8;
      bytes = bytes.subspan(2);
      size = std::min(size, bytes.size());
    }
    std::ofstream(folder / file, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(size));
    bytes = bytes.subspan(size);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const trm::TemporaryDirectory folder;
  unpack(folder.path(), std::as_bytes(std::span(data, size)));
  return trm::fuzz(data, size, [](std::span<const std::byte> /*bytes*/) {
    const auto tasks = trm::arc::read_challenges(folder / "test_puzzles.json");
    auto predictions = trm::arc::no_predictions(tasks);
    (void)trm::arc::add_recorded(folder.path(), tasks, predictions, {});
  });
}
