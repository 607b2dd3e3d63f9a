#include "tests/convert/large_checkpoint.hpp"

#include <zip.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/tensor_list.hpp"

namespace trm {
namespace {

// Produces a tensor's bytes a row at a time, as libzip asks for them.
struct RowSource {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  bool table = false;  // large_value(), else ones
  std::vector<float> row{};
  std::int64_t next = 0;     // row
  std::size_t position = 0;  // bytes of `row` handed out

  zip_int64_t read(void* out, zip_uint64_t size) {
    if (position == row.size() * sizeof(float)) {
      if (next == rows) return 0;
      row.assign(static_cast<std::size_t>(cols), 1.0F);
      for (std::int64_t c = 0; table && c < cols; ++c) row[static_cast<std::size_t>(c)] = large_value(next, c);
      ++next;
      position = 0;
    }
    const std::size_t count = std::min<std::size_t>(size, row.size() * sizeof(float) - position);
    std::memcpy(out, reinterpret_cast<const char*>(row.data()) + position, count);
    position += count;
    return static_cast<zip_int64_t>(count);
  }
};

zip_int64_t serve(void* state, void* data, zip_uint64_t size, zip_source_cmd_t command) {
  auto& source = *static_cast<RowSource*>(state);
  switch (command) {
    case ZIP_SOURCE_OPEN:
      source.next = 0;
      source.position = 0;
      source.row.clear();
      return 0;
    case ZIP_SOURCE_READ:
      return source.read(data, size);
    case ZIP_SOURCE_STAT: {
      auto* stat = static_cast<zip_stat_t*>(data);
      zip_stat_init(stat);
      stat->size = static_cast<zip_uint64_t>(source.rows * source.cols) * sizeof(float);
      stat->valid = ZIP_STAT_SIZE;
      return sizeof *stat;
    }
    case ZIP_SOURCE_SUPPORTS:
      return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT,
                                            ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, -1);
    default:
      return 0;
  }
}

// Pickle opcodes, protocol 2.
std::string little(std::uint64_t value, std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}
std::string text(const std::string& value) {
  return "X" + little(value.size(), 4) + value;
}
std::string integer(std::int64_t value) {
  return "J" + little(static_cast<std::uint64_t>(value), 4);
}
std::string tuple(const std::vector<std::int64_t>& values) {
  std::string result = "(";
  for (const auto value : values) result += integer(value);
  return result + "t";
}

// torch._utils._rebuild_tensor_v2(storage, 0, shape, stride, False, OrderedDict())
std::string tensor(const TensorSpec& spec, std::size_t storage) {
  std::vector<std::int64_t> stride(spec.shape.size(), 1);
  for (std::size_t i = stride.size() - 1; i-- > 0;) stride[i] = stride[i + 1] * spec.shape[i + 1];
  const std::int64_t count = stride.front() * spec.shape.front();
  return "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "ctorch\nFloatStorage\n" +
         text(std::to_string(storage)) + text("cpu") + integer(count) + "tQK" + std::string(1, '\0') +
         tuple(spec.shape) + tuple(stride) + "\x89" + "ccollections\nOrderedDict\n)RtR";
}

std::string state_pickle(const std::vector<TensorSpec>& specs) {
  std::string bytes = "\x80\x02}(";
  for (std::size_t i = 0; i < specs.size(); ++i) {
    bytes += text("_orig_mod.model.inner." + specs[i].name) + tensor(specs[i], i);
  }
  return bytes + "u.";
}

void add_stored(zip_t* zip, const std::string& name, zip_source_t* source) {
  const zip_int64_t index = zip_file_add(zip, name.c_str(), source, 0);
  if (index < 0 || zip_set_file_compression(zip, static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0) != 0) {
    throw std::runtime_error("large checkpoint: " + std::string(zip_strerror(zip)));
  }
}

}  // namespace

void write_large_checkpoint(const std::filesystem::path& path, const Hyperparameters& hyperparameters) {
  const auto specs = tensor_list(hyperparameters);
  zip_t* zip = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  if (zip == nullptr) throw std::runtime_error("cannot create " + path.string());
  const std::string description = state_pickle(specs);
  add_stored(zip, "archive/data.pkl", zip_source_buffer(zip, description.data(), description.size(), 0));
  std::vector<std::unique_ptr<RowSource>> sources;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const auto& shape = specs[i].shape;
    sources.push_back(std::make_unique<RowSource>(RowSource{.rows = shape.size() > 1 ? shape.front() : 1,
                                                            .cols = shape.back(),
                                                            .table = specs[i].role == TensorRole::id_table}));
    add_stored(zip, "archive/data/" + std::to_string(i), zip_source_function(zip, serve, sources.back().get()));
  }
  add_stored(zip, "archive/version", zip_source_buffer(zip, "3\n", 2, 0));
  if (zip_close(zip) != 0) throw std::runtime_error("large checkpoint: " + std::string(zip_strerror(zip)));
}

}  // namespace trm
