#pragma once
// What a reader of one container format gives to Checkpoint: the tensors it
// lists, and a way to the bytes of the storages they are views of.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "convert/checkpoint/checkpoint.hpp"
#include "io/byte_source.hpp"
#include "io/zip.hpp"

namespace trm {

struct Storage {
  std::uint64_t bytes = 0;
  bool seekable = true;  // false: compressed, reading backwards starts over
};

struct Container {
  const char* kind = "";
  std::vector<CheckpointTensor> tensors;
  std::vector<SkippedItem> skipped;
  std::vector<Storage> storages;
  // Always whole elements of one tensor.
  std::function<void(std::size_t storage, std::uint64_t offset, std::span<std::byte> out)> read;
  Checkpoint::Configuration configuration{};
};

// A tensor that is there but not read; `why` names its type or layout.
[[nodiscard]] inline SkippedItem unread_tensor(std::string key, const std::string& why) {
  return {.key = std::move(key), .what = "a tensor of " + why, .tensor = true};
}

// Each throws Error(input) for a file that is not sound. That every tensor lies
// within its storage is checked by Checkpoint, for all of them alike.
[[nodiscard]] Container open_torch_zip(ZipArchive zip, const std::string& name);
[[nodiscard]] Container open_npz(ZipArchive zip, const std::string& name);
[[nodiscard]] Container open_safetensors(std::shared_ptr<const ByteSource> source);
[[nodiscard]] Container open_torch_legacy(std::shared_ptr<const ByteSource> source);  // before 2020

// Whether the bytes begin as such a file does.
[[nodiscard]] bool is_safetensors(const ByteSource& source);
[[nodiscard]] bool is_torch_legacy(const ByteSource& source);

}  // namespace trm
