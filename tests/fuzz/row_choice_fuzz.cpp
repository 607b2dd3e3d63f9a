// The choice of puzzle ids: the text itself, a file of names or a challenges file, and identifiers.json.

#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "convert/puzzle_rows.hpp"
#include "convert/row_choice.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

constexpr std::int64_t rows = 8;

// A file in memory, for readers that take a path.
class MemoryFile {
 public:
  explicit MemoryFile(std::span<const std::byte> bytes) : file_(memfd_create("fuzz", MFD_CLOEXEC)) {
    if (file_ < 0 || ::write(file_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) std::abort();
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(file_); }
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  int file_;
};

// A choice that names nothing, or something that is not there, is wrong usage.
template <class Action>
void allowing_usage(Action action) {
  try {
    action();
  } catch (const trm::Error& error) {
    if (error.kind() != trm::ErrorKind::usage) throw;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const MemoryFile file(std::as_bytes(std::span(data, size)));
  const auto choose = [&](const std::string& choice, const std::string& identifiers) {
    trm::fuzz(data, size, [&](std::span<const std::byte> /*bytes*/) {
      allowing_usage([&] {
        trm::RowChoice parsed = trm::RowChoice::parse(choice, rows);
        (void)trm::choose_rows(parsed, identifiers, rows);
      });
    });
  };
  if (!text.starts_with('@')) choose(text, {});
  choose("@" + file.path(), {});
  choose("all", file.path());
  choose("0,1,a", file.path());
  choose("@" + file.path(), file.path());
  return 0;
}
