// The arena: the buffers of a layout fit the counted size, do not overlap, and are aligned and zeroed.

#include "runtime/arena.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <vector>

namespace trm::runtime_arena_test {
namespace {

struct Part {
  const std::byte* data;
  std::size_t bytes;
};

TEST_CASE("an arena holds what its layout takes") {
  std::vector<Part> parts;
  std::vector<std::size_t> used;
  std::vector<bool> counting;
  const auto take = [&](Arena& arena, auto zero, std::int64_t count) {
    auto* data = arena.take<decltype(zero)>(count);
    parts.push_back({reinterpret_cast<const std::byte*>(data), static_cast<std::size_t>(count) * sizeof zero});
  };
  const auto arena = Arena::sized([&](Arena& a) {
    parts.clear();
    counting.push_back(a.counting());
    take(a, float{}, 3);
    take(a, std::uint8_t{}, 1);
    take(a, double{}, 1000);
    take(a, std::uint8_t{}, 0);
    take(a, std::int32_t{}, 16);
    if (a.counting()) {
      for (const Part& part : parts) CHECK(part.data == nullptr);
    }
    used.push_back(a.bytes());
  });
  CHECK(counting == std::vector<bool>{true, false});
  CHECK(used[0] == used[1]);
  CHECK(arena.bytes() == used[0]);
  CHECK(used[0] == 64 + 64 + 8000 + 0 + 64 + 5 * Arena::guard_bytes);
  const std::byte* end = nullptr;
  for (const Part& part : parts) {
    CHECK(reinterpret_cast<std::uintptr_t>(part.data) % Arena::alignment == 0);
    CHECK(part.data >= end);
    CHECK(std::all_of(part.data, part.data + part.bytes, [](std::byte b) { return b == std::byte{}; }));
    end = part.data + part.bytes;
  }
}

TEST_CASE("an empty arena is an arena") {
  CHECK(Arena::sized([](Arena&) {}).bytes() == 0);
}

TEST_CASE("a moved arena keeps its memory") {
  int* data = nullptr;
  auto arena = Arena::sized([&](Arena& a) { data = a.take<int>(100); });
  *data = 7;
  const Arena moved = std::move(arena);
  CHECK(*data == 7);
  CHECK(moved.bytes() == 448 + Arena::guard_bytes);
}

}  // namespace
}  // namespace trm::runtime_arena_test
