#include "models/puzzle_name.hpp"

namespace trm {
namespace {

// Fills in what `transform` ("t3") and `image` ("0987654321") say. False where they say something else.
bool read_augmentation(std::string_view transform, std::string_view image, PuzzleNameParts& parts) {
  if (transform.size() != 2 || transform[0] != 't' || transform[1] < '0' || transform[1] > '7') return false;
  if (image.size() != parts.colour.size() || image[0] != '0') return false;
  std::array<bool, 10> seen{};
  for (std::size_t i = 0; i < image.size(); ++i) {
    if (image[i] < '0' || image[i] > '9') return false;
    const auto colour = static_cast<std::uint8_t>(image[i] - '0');
    if (seen[colour]) return false;
    seen[colour] = true;
    parts.colour[i] = colour;
  }
  parts.transform = transform[1] - '0';
  return true;
}

// "NAME_t3_0987654321", which ends in 14 characters of augmentation.
std::optional<PuzzleNameParts> split_hrm_name(std::string_view name) {
  constexpr std::size_t length = std::string_view("_t3_0987654321").size();
  if (name.size() <= length) return std::nullopt;
  const std::string_view end = name.substr(name.size() - length);
  PuzzleNameParts parts{.puzzle = name.substr(0, name.size() - length)};
  if (end[0] != '_' || end[3] != '_' || !read_augmentation(end.substr(1, 2), end.substr(4), parts)) return std::nullopt;
  return parts;
}

}  // namespace

std::optional<PuzzleNameParts> split_puzzle_name(std::string_view name) {
  constexpr std::size_t separator = puzzle_name_separator.size();
  const std::size_t first = name.find(puzzle_name_separator);
  if (first == std::string_view::npos) {
    const auto parts = split_hrm_name(name);
    return parts ? *parts : PuzzleNameParts{.puzzle = name};
  }
  const std::string_view rest = name.substr(first + separator);
  const std::size_t second = rest.find(puzzle_name_separator);
  if (second == std::string_view::npos) return std::nullopt;
  PuzzleNameParts parts{.puzzle = name.substr(0, first)};
  if (!read_augmentation(rest.substr(0, second), rest.substr(second + separator), parts)) return std::nullopt;
  return parts;
}

std::string_view plain_name(std::string_view name) {
  const auto parts = split_puzzle_name(name);
  return parts ? parts->puzzle : name.substr(0, name.find(puzzle_name_separator));
}

}  // namespace trm
