// Names of augmentations in both builders' dialects, and names that only look like one.

#include "models/puzzle_name.hpp"
#include "tests/catch.hpp"

#include <string>

namespace trm::models_puzzle_name_test {
namespace {

using Colours = std::array<std::uint8_t, 10>;
constexpr Colours unchanged = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

void check_plain(const std::string& name) {
  INFO(name);
  const auto parts = split_puzzle_name(name);
  REQUIRE(parts.has_value());
  CHECK(parts->puzzle == name);
  CHECK(parts->transform == 0);
  CHECK(parts->colour == unchanged);
  CHECK(plain_name(name) == name);
}

void check_augmented(const std::string& name, const std::string& puzzle, int transform, const Colours& colour) {
  INFO(name);
  const auto parts = split_puzzle_name(name);
  REQUIRE(parts.has_value());
  CHECK(parts->puzzle == puzzle);
  CHECK(parts->transform == transform);
  CHECK(parts->colour == colour);
  CHECK(plain_name(name) == puzzle);
}

}  // namespace

TEST_CASE("both dialects name the puzzle, the transform and the colours") {
  const Colours reversed = {0, 9, 8, 7, 6, 5, 4, 3, 2, 1};
  for (int transform = 0; transform < 8; ++transform) {
    const std::string t = "t" + std::to_string(transform);
    for (const std::string puzzle : {"00576224", "a", "my_task", "a_t3", "a_t3_0987654321", "t3", "_", "Ä b"}) {
      check_augmented(puzzle + "|||" + t + "|||0987654321", puzzle, transform, reversed);
      check_augmented(puzzle + "_" + t + "_0987654321", puzzle, transform, reversed);
    }
  }
  check_augmented("a|||t0|||0123456789", "a", 0, unchanged);
  check_augmented("a_t0_0123456789", "a", 0, unchanged);
}

TEST_CASE("a task's own name with underscores stays whole") {
  for (const std::string name : {"",
                                 "00576224",
                                 "<blank>",
                                 "my_task",
                                 "a_t3",
                                 "a_t3_",
                                 "a_t3_098765432",
                                 "a_t3_09876543210",
                                 "a_t8_0987654321",
                                 "a_t-1_0987654321",
                                 "a_t03_0987654321",
                                 "a_T3_0987654321",
                                 "a_t3_1987654320",
                                 "a_t3_0987654320",
                                 "a_t3_098765432x",
                                 "a_t3-0987654321",
                                 "a-t3_0987654321",
                                 "at3_0987654321",
                                 "_t3_0987654321",
                                 "t3_0987654321",
                                 "a_t3_0987654321_b",
                                 "a_t3_0987654321 ",
                                 "a_t3_-8437690512",
                                 "a_t3||0987654321",
                                 "a|t3|0987654321"}) {
    check_plain(name);
  }
}

TEST_CASE("a name with the separator whose rest is no augmentation is refused, but its puzzle is known") {
  for (const std::string rest : {"", "t3", "t3|||", "t8|||0987654321", "t3|||1987654320", "t3|||0987654320",
                                 "t3|||098765432", "t3|||0987654321|||", "t3_0987654321"}) {
    INFO(rest);
    CHECK_FALSE(split_puzzle_name("a_b|||" + rest).has_value());
    CHECK(plain_name("a_b|||" + rest) == "a_b");
  }
}

}  // namespace trm::models_puzzle_name_test
