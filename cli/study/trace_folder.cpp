#include "cli/study/trace_folder.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <span>

#include "base/error.hpp"
#include "cli/numbers.hpp"
#include "io/atomic_file.hpp"
#include "io/npy.hpp"
#include "io/text.hpp"

namespace trm {
namespace {

using Tensor = NpyArray<float>;

std::vector<std::string> read_index(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder / "index.txt")) {
    throw input_error(folder.string(), "", "holds no trace: it has no index.txt",
                      "'trm study trace MODEL --inputs X.npy -o DIR' writes one; "
                      "tests/reference/trace.py writes PyTorch's");
  }
  const std::string text = read_small_file(folder / "index.txt");
  std::vector<std::string> names;
  for (const std::string_view line : split_lines(text)) {
    if (!line.empty()) names.emplace_back(line);
  }
  return names;
}

Tensor read_tensor(const std::filesystem::path& folder, const std::string& name) {
  auto tensor = read_npy<float>(folder / (name + ".npy"));
  std::erase(tensor.shape, 1);
  return tensor;
}

double largest_magnitude(std::span<const float> values) {
  double largest = 0;
  for (const float x : values) largest = std::max(largest, std::abs(static_cast<double>(x)));
  return largest;
}

double distance(double a, double b) {
  return std::isnan(a) && std::isnan(b) ? 0 : std::abs(a - b);
}

// Whether |a(i) - b[i]| <= allowed for all i.
template <class A>
bool agrees(A&& a, std::span<const float> b, double allowed) {
  for (std::size_t i = 0; i < b.size(); ++i) {
    if (!(distance(a(i), static_cast<double>(b[i])) <= allowed)) return false;
  }
  return true;
}

// The usual mistakes: another order of two axes, and a factor.
std::string hint_of(const Tensor& a, const Tensor& b, double allowed) {
  if (a.values.size() != b.values.size()) return {};
  if (b.shape.size() == 2) {
    const auto rows = static_cast<std::size_t>(b.shape[0]), columns = static_cast<std::size_t>(b.shape[1]);
    const auto transposed = [&](std::size_t i) {
      return static_cast<double>(a.values[i % columns * rows + i / columns]);
    };
    if (agrees(transposed, b.values, allowed)) return "A is B transposed";
  }
  if (a.shape != b.shape) return {};
  double ab = 0, bb = 0;
  for (std::size_t i = 0; i < b.values.size(); ++i) {
    ab += static_cast<double>(a.values[i]) * static_cast<double>(b.values[i]);
    bb += static_cast<double>(b.values[i]) * static_cast<double>(b.values[i]);
  }
  const double factor = ab / bb;
  const auto scaled = [&](std::size_t i) { return static_cast<double>(a.values[i]) / factor; };
  return agrees(scaled, b.values, allowed) ? "A is " + fixed(factor, 4) + " times B" : std::string();
}

// Nothing if they agree.
std::optional<TensorDifference> difference(const std::string& name, const Tensor& a, const Tensor& b,
                                           double tolerance) {
  TensorDifference found{.name = name,
                         .shape_a = a.shape,
                         .shape_b = b.shape,
                         .magnitude = largest_magnitude(b.values),
                         .place = {},
                         .hint = {}};
  const double allowed = tolerance * found.magnitude;
  if (a.shape == b.shape) {
    std::size_t worst = 0;
    for (std::size_t i = 0; i < a.values.size(); ++i) {
      const double d = distance(static_cast<double>(a.values[i]), static_cast<double>(b.values[i]));
      if (d <= found.largest || std::isnan(found.largest)) continue;
      found.largest = d;
      worst = i;
    }
    if (found.largest <= allowed) return {};
    found.value_a = a.values[worst];
    found.value_b = b.values[worst];
    for (std::size_t axis = a.shape.size(); axis > 0; --axis) {  // the last axis first
      const std::int64_t size = a.shape[axis - 1];
      found.place.insert(found.place.begin(), static_cast<std::int64_t>(worst) % size);
      worst /= static_cast<std::size_t>(size);
    }
  }
  found.hint = hint_of(a, b, allowed);
  return found;
}

}  // namespace

void TraceWriter::take(const std::string& name, MatrixView<const float> rows, std::int64_t first) {
  if (std::string component = name.substr(0, name.find('.')); component != component_) {
    flush();
    component_ = std::move(component);
  }
  const auto [tensor, is_new] = open_.try_emplace(name);
  if (is_new) {
    index_ += name + '\n';
    ++count_;
  }
  auto& [columns, values] = tensor->second;
  columns = rows.cols;
  values.resize(std::max(values.size(), static_cast<std::size_t>((first + rows.rows) * columns)));
  for (std::int64_t r = 0; r < rows.rows; ++r) {
    std::copy_n(rows.row(r), columns, values.data() + (first + r) * columns);
  }
}

void TraceWriter::flush() {
  for (const auto& [name, tensor] : open_) {
    const std::vector<std::int64_t> shape = {static_cast<std::int64_t>(tensor.values.size()) / tensor.columns,
                                             tensor.columns};
    write_npy<float>(folder_ / (name + ".npy"), shape, tensor.values);
  }
  open_.clear();
}

std::size_t TraceWriter::finish() {
  flush();
  write_file(folder_ / "index.txt", index_);
  return count_;
}

TraceComparison compare_traces(const std::filesystem::path& a, const std::filesystem::path& b, double tolerance) {
  const auto names_a = read_index(a), names_b = read_index(b);
  std::set<std::string> left(names_b.begin(), names_b.end());
  TraceComparison result;
  for (const std::string& name : names_a) {
    if (left.erase(name) == 0) {
      ++result.only_a;
      continue;
    }
    ++result.compared;
    auto found = difference(name, read_tensor(a, name), read_tensor(b, name), tolerance);
    if (!found) {
      ++result.agree;
    } else if (!result.first) {
      result.first = std::move(found);
    }
  }
  result.only_b = left.size();
  return result;
}

}  // namespace trm
