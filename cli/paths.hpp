#pragma once
// One look at all paths of a command before any work: no output may be one of its inputs or another output, be a
// folder, lie in a folder that does not exist, or replace a file of another kind.

#include <span>
#include <string>
#include <string_view>

namespace trm {

struct InputPath {
  std::string path;       // empty: not given
  std::string_view what;  // "the model"
};

// What is written, told by the first bytes of a file that is there already.
enum class OutputKind { model, json, journal, html, svg, npy };

struct OutputPath {
  std::string path;  // empty: not given. A device or a pipe takes anything
  OutputKind kind;
};

// Compares files, not names: a link to an input is the input. `force`: a file of another kind may be replaced.
// Throws Error(usage) for the first path that must not be written, Error(io) for one that cannot be.
void check_paths(std::span<const InputPath> inputs, std::span<const OutputPath> outputs, bool force);

}  // namespace trm
