#pragma once
// A checkpoint in any container, as a list of named tensors that are read in
// pieces: what the pickle, safetensors and npz readers give and the converter takes.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "io/byte_source.hpp"
#include "io/element_type.hpp"

namespace trm {

struct CheckpointTensor {
  std::string key;  // path of dictionary keys, joined with '.', exactly as stored ("model_state_dict._orig_mod...." )
  ElementType type = ElementType::f32;
  std::vector<std::int64_t> shape;   // outermost first; empty: a scalar
  std::vector<std::int64_t> stride;  // in elements
  std::int64_t storage_offset = 0;   // in elements
  std::size_t storage = 0;           // index into the container's storages; several tensors may share one
};

// What a checkpoint holds besides the tensors that can be read.
struct SkippedItem {
  std::string key;      // as CheckpointTensor::key
  std::string what;     // "a tensor of type complex64", "an object of some.package.Class"
  bool tensor = false;  // a tensor of a type or layout that is not read
};
// "KEY: WHAT"
[[nodiscard]] std::string to_string(const SkippedItem& item);

// An open container. Movable; reading keeps at most 17 MB in memory whatever the
// tensor's size, 1 MB where tensors are contiguous. For one thread at a time.
class Checkpoint {
 public:
  // Recognises the container by its content, not its name. Throws Error(input)
  // (not a checkpoint, truncated, hostile, ...) or Error(io). A file whose tensors are all of types that are not read
  // is a checkpoint too.
  [[nodiscard]] static Checkpoint open(const std::filesystem::path& path);
  // The same over bytes in memory, which must outlive it. `name` is for messages.
  [[nodiscard]] static Checkpoint view(std::span<const std::byte> bytes, std::string name);

  // A state dict in memory: tensors whose values lie row after row. All that `tensors` points to must outlive it.
  struct Tensor {
    std::string key;
    ElementType type = ElementType::f32;
    std::vector<std::int64_t> shape;
    const std::byte* values = nullptr;
  };
  [[nodiscard]] static Checkpoint of(std::span<const Tensor> tensors, std::string name);

  Checkpoint(Checkpoint&& other) noexcept;
  Checkpoint& operator=(Checkpoint&& other) noexcept;
  ~Checkpoint();

  [[nodiscard]] const std::string& name() const;  // path, for messages
  [[nodiscard]] const char* container() const;    // "torch zip", "torch legacy", "safetensors", "npz"
  [[nodiscard]] std::span<const CheckpointTensor> tensors() const;
  [[nodiscard]] std::span<const SkippedItem> skipped() const;
  // The configuration that the file carries beside its weights (hyper_parameters, config, ...) as YAML, and under which
  // key; both empty: none.
  struct Configuration {
    std::string key;
    std::string text;
  };
  [[nodiscard]] const Configuration& configuration() const;
  // Elements [first, first + out.size()) of the tensor in C order, as float32. Strides are followed.
  void read(const CheckpointTensor& tensor, std::int64_t first, std::span<float> out) const;
  // The same elements in their own type, for tests and for `trm info`.
  void read_raw(const CheckpointTensor& tensor, std::int64_t first, std::span<std::byte> out) const;

 private:
  Checkpoint();
  explicit Checkpoint(ByteSource source);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace trm
