#pragma once
// A trace: named tensors of a computation in their order, in a folder. index.txt names one a line; NAME.npy holds it
// in float32.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/tensor.hpp"

namespace trm {

class TraceWriter {
 public:
  explicit TraceWriter(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // Rows from `first` on of the tensor `name`. Those of one name come before any name with another first component
  // ("pass3"). Throws Error(io).
  void take(const std::string& name, MatrixView<const float> rows, std::int64_t first);
  // Writes what is left, and the index. Returns the number of tensors.
  std::size_t finish();

 private:
  struct Tensor {
    std::int64_t columns = 0;
    std::vector<float> values{};
  };
  void flush();

  std::filesystem::path folder_;
  std::string component_;
  std::map<std::string, Tensor> open_;  // those of the component, which are incomplete
  std::string index_;
  std::size_t count_ = 0;
};

// Where two tensors of one name differ most.
struct TensorDifference {
  std::string name;
  std::vector<std::int64_t> shape_a, shape_b;
  double largest = 0;               // difference; NaN if one of the tensors is NaN where the other is not
  double magnitude = 0;             // the largest of B
  std::vector<std::int64_t> place;  // of the largest difference; empty if the shapes differ
  float value_a = 0, value_b = 0;   // there
  std::string hint;                 // what A looks like: "A is B transposed"; empty: nothing known
};

struct TraceComparison {
  std::size_t compared = 0;  // tensors of the same name
  std::size_t agree = 0;
  std::size_t only_a = 0, only_b = 0;       // tensors without a partner
  std::optional<TensorDifference> first{};  // the first that differs, in the order of A
};

// Tensors agree if no value differs by more than `tolerance` times the largest magnitude in B's. Axes of one element
// do not count. Throws Error(input) for a folder that holds no trace.
[[nodiscard]] TraceComparison compare_traces(const std::filesystem::path& a, const std::filesystem::path& b,
                                             double tolerance);

}  // namespace trm
