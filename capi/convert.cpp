// trm_convert and trm_convert_tensors: the library trm_convert.

#include "convert/convert.hpp"

#include <array>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>

#include "capi/guard.hpp"
#include "convert/weight_encoder.hpp"
#include "io/sha256.hpp"
#include "io/shape.hpp"

namespace trm::capi {
namespace {

std::string text_of(const char* given, const char* otherwise = "") {
  return given == nullptr ? otherwise : given;
}

WeightSet weights_of(const char* given) {
  const std::string name = text_of(given);
  if (name.empty()) return WeightSet::automatic;
  if (name == "ema") return WeightSet::ema;
  if (name == "raw") return WeightSet::raw;
  refuse("weights", name, "give ema or raw");
}

gguf::Type type_of(const char* given) {
  const std::string name = text_of(given, "f32");
  if (name != "f32" && name != "f16" && name != "int8" && name != "q4_0") {
    refuse("type", name, "give f32, f16, int8 or q4_0");
  }
  return parse_weight_type(name);
}

ConvertOptions options_of(const trm_convert_options& given) {
  ConvertOptions options;
  options.config = text_of(given.config);
  options.dataset = text_of(given.dataset);
  options.identifiers = text_of(given.identifiers);
  options.type = type_of(given.type);
  options.ids = text_of(given.ids, "all");
  options.key = text_of(given.key);
  options.weights = weights_of(given.weights);
  for (const char* const* one = given.overrides; one != nullptr && *one != nullptr; ++one) {
    options.overrides.emplace_back(*one);
  }
  if (given.cells < 0) refuse("cells", std::to_string(given.cells), "give 1 or more, or 0 for the data set's");
  if (given.cells > 0) options.seq_len = given.cells;
  if (given.on_remark != nullptr) {
    options.remark = [given](const std::string& remark) { given.on_remark(given.context, remark.c_str()); };
  }
  if (given.on_progress != nullptr) {
    options.progress = [given](double share) {
      if (given.on_progress(given.context, share) != 0) throw Cancelled();
    };
  }
  return options;
}

// Memory of the C library, which trm_bytes_free gives back.
class Bytes final : public ByteSink {
 public:
  [[nodiscard]] std::string name() const override { return "memory"; }
  void require_space(std::uint64_t bytes) override {
    bytes_.reset(static_cast<std::byte*>(std::malloc(bytes)));
    if (!bytes_) throw std::bad_alloc();
    capacity_ = bytes;
  }
  void write(std::span<const std::byte> bytes) override {
    overwrite(size_, bytes);
    size_ += bytes.size();
  }
  void overwrite(std::uint64_t offset, std::span<const std::byte> bytes) override {
    if (bytes.size() > capacity_ - offset) throw std::bad_alloc();
    if (!bytes.empty()) std::memcpy(bytes_.get() + offset, bytes.data(), bytes.size());
  }
  void commit() override {
    *out_ = bytes_.release();
    *length_ = size_;
  }

  Bytes(void** out, std::size_t* length) : out_(out), length_(length) {}

 private:
  struct Free {
    void operator()(std::byte* bytes) const { std::free(bytes); }
  };
  std::unique_ptr<std::byte, Free> bytes_;
  std::uint64_t capacity_ = 0;
  std::uint64_t size_ = 0;
  void** out_;
  std::size_t* length_;
};

ElementType element_type_of(const char* given, const std::string& key) {
  struct Name {
    const char* name;
    ElementType type;
  };
  constexpr std::array names = {Name{"F32", ElementType::f32}, Name{"F16", ElementType::f16},
                                Name{"BF16", ElementType::bf16}, Name{"F64", ElementType::f64}};
  const std::string type = text_of(given);
  for (const Name& known : names) {
    if (type == known.name) return known.type;
  }
  refuse("tensor " + key, "has the type " + (type.empty() ? "NULL" : type), "give F32, F16, BF16 or F64");
}

std::vector<Checkpoint::Tensor> tensors_of(const trm_tensor* tensors, std::size_t count) {
  if (count > 0) required(tensors, "tensors");
  std::vector<Checkpoint::Tensor> list;
  for (std::size_t i = 0; i < count; ++i) {
    const trm_tensor& given = tensors[i];
    Checkpoint::Tensor tensor;
    tensor.key = &required(given.name, "tensor.name");
    tensor.type = element_type_of(given.type, tensor.key);
    if (given.dimensions > 0) {
      tensor.shape.assign(&required(given.shape, "tensor.shape"), given.shape + given.dimensions);
    }
    for (const std::int64_t size : tensor.shape) {
      if (size < 0) refuse("tensor " + tensor.key, "has a side of " + std::to_string(size));
    }
    tensor.values = &required(static_cast<const std::byte*>(given.data), "tensor.data");
    list.push_back(std::move(tensor));
  }
  return list;
}

std::string sha256_of(std::span<const Checkpoint::Tensor> tensors) {
  Sha256 sum;
  for (const Checkpoint::Tensor& tensor : tensors) {
    const auto elements = static_cast<std::size_t>(element_count(tensor.shape).value_or(0));
    sum.add({tensor.values, elements * element_size(tensor.type)});
  }
  return sum.digest();
}

}  // namespace
}  // namespace trm::capi

trm_status trm_convert(const char* checkpoint, const char* output, const trm_convert_options* options,
                       trm_error* error) {
  using namespace trm::capi;
  return guarded(error, [&] {
    trm::ConvertOptions given = options_of(read_struct(options, "options"));
    given.checkpoint = &required(checkpoint, "checkpoint");
    given.output = &required(output, "output");
    static_cast<void>(convert(given));
  });
}

trm_status trm_convert_tensors(const trm_tensor* tensors, size_t count, const char* config,
                               const trm_convert_options* options, void** bytes, size_t* length, trm_error* error) {
  using namespace trm::capi;
  if (bytes != nullptr) *bytes = nullptr;
  return guarded(error, [&] {
    required(bytes, "bytes");
    required(length, "length");
    const trm::ConvertOptions given = options_of(read_struct(options, "options"));
    const trm::ConfigText text{.name = "config", .text = &required(config, "config")};
    const auto list = tensors_of(tensors, count);
    const auto checkpoint = trm::Checkpoint::of(list, "state dict");
    static_cast<void>(convert(given, checkpoint, text, sha256_of(list), std::make_unique<Bytes>(bytes, length)));
  });
}

void trm_bytes_free(void* bytes) {
  std::free(bytes);
}
