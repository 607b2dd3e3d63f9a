#include "cli/paths.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/error.hpp"
#include "io/atomic_file.hpp"
#include "io/io_error.hpp"

namespace trm {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& path, const std::string& what, const std::string& remedy) {
  throw Error(ErrorKind::usage, {.file = path, .place = {}, .what = what, .remedy = remedy});
}

bool same_file(const std::string& a, const std::string& b) {
  std::error_code failure;
  if (fs::equivalent(a, b, failure)) return true;
  if (fs::exists(a, failure) && fs::exists(b, failure)) return false;
  const fs::path first = fs::weakly_canonical(write_target(a), failure);
  return !failure && first == fs::weakly_canonical(write_target(b), failure) && !failure;
}

std::string_view name_of(OutputKind kind) {
  switch (kind) {
    case OutputKind::model:
      return "model file";
    case OutputKind::json:
      return "JSON file";
    case OutputKind::journal:
      return "journal";
    case OutputKind::html:
      return "HTML page";
    case OutputKind::svg:
      return "SVG picture";
    case OutputKind::npy:
      return ".npy array";
  }
  return "file";
}

bool begins(std::string_view start, OutputKind kind) {
  const std::size_t text = std::min(start.find_first_not_of(" \t\r\n\xEF\xBB\xBF"), start.size());
  const char first = text < start.size() ? start[text] : '\0';
  switch (kind) {
    case OutputKind::model:
      return start.starts_with("GGUF");
    case OutputKind::json:
      return first == '{' || first == '[';
    case OutputKind::journal:
      return start.starts_with("SQLite format 3");
    case OutputKind::html:
    case OutputKind::svg:
      return first == '<';
    case OutputKind::npy:
      return start.starts_with("\x93NUMPY");
  }
  return false;
}

// An empty file is of every kind: mktemp and shells make such.
bool is_of_kind(const std::string& path, OutputKind kind) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, 64> start{};
  file.read(start.data(), start.size());
  const auto count = static_cast<std::size_t>(file.gcount());
  return count == 0 || begins({start.data(), count}, kind);
}

void check_place(const OutputPath& output, bool force) {
  std::error_code failure;
  const fs::path target = write_target(output.path);
  const fs::file_status status = fs::status(target, failure);
  if (fs::is_directory(status)) throw io_error(output.path, "cannot write", EISDIR);
  if (fs::exists(status) && !fs::is_regular_file(status)) return;
  if (!fs::exists(status)) {
    const fs::path folder = target.has_parent_path() ? target.parent_path() : ".";
    if (fs::is_directory(folder, failure)) return;
    throw Error(ErrorKind::io, {.file = output.path,
                                .place = {},
                                .what = "cannot write: the folder " + folder.string() + " does not exist",
                                .remedy = "make it, or check the spelling"});
  }
  if (force || is_of_kind(output.path, output.kind)) return;
  refuse(output.path, "exists and is no " + std::string(name_of(output.kind)),
         "give another name, or --force to replace it");
}

}  // namespace

void check_paths(std::span<const InputPath> inputs, std::span<const OutputPath> outputs, bool force) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::string& path = outputs[i].path;
    if (path.empty()) continue;
    check_place(outputs[i], force && outputs[i].kind != OutputKind::journal);
    std::error_code failure;
    const fs::file_status status = fs::status(path, failure);
    if (fs::exists(status) && !fs::is_regular_file(status)) continue;  // a device has no content to lose
    for (const InputPath& input : inputs) {
      if (input.path.empty() || !same_file(path, input.path)) continue;
      refuse(path, "would overwrite " + std::string(input.what) + " that this command reads", "give another name");
    }
    for (const OutputPath& other : outputs.first(i)) {
      if (other.path.empty() || !same_file(path, other.path)) continue;
      refuse(path,
             "would be written twice, as a " + std::string(name_of(other.kind)) + " and as a " +
                 std::string(name_of(outputs[i].kind)),
             "give each its own name");
    }
  }
}

}  // namespace trm
