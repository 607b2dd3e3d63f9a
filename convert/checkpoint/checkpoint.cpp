#include "convert/checkpoint/checkpoint.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "convert/checkpoint/container.hpp"
#include "io/shape.hpp"

namespace trm {
namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 20;        // converted at once
constexpr std::uint64_t window_bytes = std::uint64_t{16} << 20;  // largest storage range kept for a strided tensor

[[noreturn]] void refuse(const std::string& name, std::string_view start) {
  if (start.empty()) throw input_error(name, {}, "is empty", "copy it again");
  if (start.starts_with("GGUF")) throw input_error(name, {}, "is a model file, not a checkpoint", "use it as MODEL");
  throw input_error(name, {}, "not a checkpoint", "what torch.save writes, .safetensors and .npz are read");
}

Container open_zip(const ByteSource& source) {
  ZipArchive zip = ZipArchive::open(source);
  const auto has = [&](std::string_view end) {
    return std::ranges::any_of(zip.records(), [&](const ZipRecord& record) { return record.name.ends_with(end); });
  };
  if (zip.find("data.pkl") != nullptr || has("/data.pkl")) return open_torch_zip(std::move(zip), source.name());
  if (has(".npy")) return open_npz(std::move(zip), source.name());
  throw input_error(source.name(), {}, "a zip with neither data.pkl nor .npy arrays",
                    "give what torch.save or numpy.savez wrote");
}

// Recognises the container by its content, since checkpoints carry any name.
Container open_container(const std::shared_ptr<const ByteSource>& source) {
  std::array<char, 16> bytes{};
  const std::size_t size = std::min<std::uint64_t>(source->size(), bytes.size());
  source->read(0, std::as_writable_bytes(std::span(bytes).first(size)));
  const std::string_view start(bytes.data(), size);
  if (start.starts_with("PK")) return open_zip(*source);
  if (is_torch_legacy(*source)) return open_torch_legacy(source);
  if (is_safetensors(*source)) return open_safetensors(source);
  refuse(source->name(), start);
}

void check_tensors(const Container& container, const std::string& name) {
  if (container.tensors.empty() && std::ranges::none_of(container.skipped, &SkippedItem::tensor)) {
    throw input_error(name, {}, "holds no tensor", "save a state dict");
  }
  for (const CheckpointTensor& tensor : container.tensors) {
    const std::optional<std::int64_t> end = view_end(tensor.shape, tensor.stride, tensor.storage_offset);
    if (!end)
      throw input_error(name, "tensor " + tensor.key, "its shape, stride or offset is absurd", "copy the file again");
    const std::uint64_t held = container.storages[tensor.storage].bytes / element_size(tensor.type);
    if (static_cast<std::uint64_t>(*end) > held) {
      throw input_error(name, "tensor " + tensor.key,
                        "needs " + std::to_string(*end) + " elements of a storage that holds " + std::to_string(held),
                        "the file is truncated or damaged: copy it again");
    }
  }
}

// How many consecutive elements of the tensor lie side by side in its storage.
std::int64_t dense_run(const CheckpointTensor& tensor) {
  std::int64_t run = 1;
  for (std::size_t axis = tensor.shape.size(); axis-- > 0;) {
    if (tensor.shape[axis] == 1) continue;
    if (tensor.stride[axis] != run) break;
    run *= tensor.shape[axis];
  }
  return run;
}

// Where element `index`, counted in C order, lies in the storage.
std::int64_t storage_position(const CheckpointTensor& tensor, std::int64_t index) {
  std::int64_t position = tensor.storage_offset;
  for (std::size_t axis = tensor.shape.size(); axis-- > 0;) {
    position += index % tensor.shape[axis] * tensor.stride[axis];
    index /= tensor.shape[axis];
  }
  return position;
}

}  // namespace

std::string to_string(const SkippedItem& item) {
  return item.key + (item.key.empty() ? "" : ": ") + item.what;
}

struct Checkpoint::Impl {
  std::shared_ptr<const ByteSource> source;
  Container container;

  // The part of a storage that the last read strided tensor covers, where it is small.
  std::vector<std::byte> window;
  std::size_t window_storage = 0;
  std::uint64_t window_begin = 0;

  bool fill_window(const CheckpointTensor& tensor);
  void gather(const CheckpointTensor& tensor, std::int64_t first, std::span<std::byte> out);
};

// A strided tensor is read in runs of a few bytes. Its part of the storage is kept in memory where that part is small.
bool Checkpoint::Impl::fill_window(const CheckpointTensor& tensor) {
  const std::uint64_t size = element_size(tensor.type);
  const std::uint64_t begin = static_cast<std::uint64_t>(tensor.storage_offset) * size;
  const auto end =
      static_cast<std::uint64_t>(view_end(tensor.shape, tensor.stride, tensor.storage_offset).value()) * size;
  if (end - begin > window_bytes) return false;
  if (window_storage == tensor.storage && window_begin == begin && window.size() == end - begin) return true;
  window.clear();
  std::vector<std::byte> bytes(end - begin);
  container.read(tensor.storage, begin, bytes);
  window = std::move(bytes);
  window_storage = tensor.storage;
  window_begin = begin;
  return true;
}

void Checkpoint::Impl::gather(const CheckpointTensor& tensor, std::int64_t first, std::span<std::byte> out) {
  if (out.empty()) return;
  const auto size = static_cast<std::int64_t>(element_size(tensor.type));
  const std::int64_t run = dense_run(tensor);
  const bool strided = run != element_count(tensor.shape).value();
  const bool in_window = strided && fill_window(tensor);
  if (strided && !in_window && !container.storages[tensor.storage].seekable) {
    throw input_error(source->name(), "tensor " + tensor.key, "is strided in a compressed record",
                      "save the file again uncompressed");
  }
  while (!out.empty()) {
    const std::int64_t count = std::min(run - first % run, static_cast<std::int64_t>(out.size()) / size);
    const std::span<std::byte> piece = out.first(static_cast<std::size_t>(count * size));
    const auto at = static_cast<std::uint64_t>(storage_position(tensor, first) * size);
    if (in_window) {
      std::memcpy(piece.data(), window.data() + (at - window_begin), piece.size());
    } else {
      container.read(tensor.storage, at, piece);
    }
    first += count;
    out = out.subspan(piece.size());
  }
}

Checkpoint::Checkpoint() : impl_(std::make_unique<Impl>()) {}
Checkpoint::Checkpoint(Checkpoint&&) noexcept = default;
Checkpoint& Checkpoint::operator=(Checkpoint&&) noexcept = default;
Checkpoint::~Checkpoint() = default;

Checkpoint Checkpoint::open(const std::filesystem::path& path) {
  return Checkpoint(ByteSource::open(path));
}

Checkpoint Checkpoint::view(std::span<const std::byte> bytes, std::string name) {
  return Checkpoint(ByteSource::view(bytes, std::move(name)));
}

Checkpoint::Checkpoint(ByteSource source) : Checkpoint() {
  impl_->source = std::make_shared<const ByteSource>(std::move(source));
  impl_->container = open_container(impl_->source);
  check_tensors(impl_->container, impl_->source->name());
}

Checkpoint Checkpoint::of(std::span<const Tensor> tensors, std::string name) {
  Container container{.kind = "memory", .tensors = {}, .skipped = {}, .storages = {}, .read = {}};
  std::vector<const std::byte*> values;
  for (const Tensor& tensor : tensors) {
    const auto count = element_count(tensor.shape);
    if (!count) throw input_error(name, "tensor " + tensor.key, "its shape is absurd");
    CheckpointTensor listed{.key = tensor.key, .type = tensor.type, .shape = tensor.shape, .stride = tensor.shape};
    std::int64_t stride = 1;
    for (std::size_t axis = tensor.shape.size(); axis-- > 0; stride *= tensor.shape[axis]) listed.stride[axis] = stride;
    listed.storage = container.storages.size();
    container.storages.push_back({.bytes = static_cast<std::uint64_t>(*count) * element_size(tensor.type)});
    container.tensors.push_back(std::move(listed));
    values.push_back(tensor.values);
  }
  container.read = [values](std::size_t storage, std::uint64_t offset, std::span<std::byte> out) {
    std::memcpy(out.data(), values[storage] + offset, out.size());
  };
  check_tensors(container, name);
  Checkpoint checkpoint;
  checkpoint.impl_->source = std::make_shared<const ByteSource>(ByteSource::view({}, std::move(name)));
  checkpoint.impl_->container = std::move(container);
  return checkpoint;
}

const std::string& Checkpoint::name() const {
  return impl_->source->name();
}
const char* Checkpoint::container() const {
  return impl_->container.kind;
}
std::span<const CheckpointTensor> Checkpoint::tensors() const {
  return impl_->container.tensors;
}
std::span<const SkippedItem> Checkpoint::skipped() const {
  return impl_->container.skipped;
}
const Checkpoint::Configuration& Checkpoint::configuration() const {
  return impl_->container.configuration;
}

void Checkpoint::read_raw(const CheckpointTensor& tensor, std::int64_t first, std::span<std::byte> out) const {
  const auto size = static_cast<std::int64_t>(element_size(tensor.type));
  const auto bytes = static_cast<std::int64_t>(out.size());
  const std::int64_t count = element_count(tensor.shape).value();
  if (bytes % size != 0 || first < 0 || first > count || bytes / size > count - first) {
    throw Error(ErrorKind::work, name() + ": tensor " + tensor.key + ": elements past its end were asked for");
  }
  impl_->gather(tensor, first, out);
}

void Checkpoint::read(const CheckpointTensor& tensor, std::int64_t first, std::span<float> out) const {
  const std::size_t size = element_size(tensor.type);
  std::vector<std::byte> raw;
  while (!out.empty()) {
    const std::span<float> piece = out.first(std::min(out.size(), piece_bytes / size));
    raw.resize(piece.size() * size);
    read_raw(tensor, first, raw);
    to_float(tensor.type, raw, piece);
    first += static_cast<std::int64_t>(piece.size());
    out = out.subspan(piece.size());
  }
}

}  // namespace trm
