#pragma once
// A matrix whose last element touches an unreadable page, so that a kernel that
// reads or writes beyond it crashes. The rest of the
// allocation (before the first element, and between rows) is filled with canaries:
// NaN as floats, 255 as bytes. `outside_is_untouched` says whether all are intact.

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#elif !defined(__wasm__)
#include <sys/mman.h>
#include <unistd.h>
#endif

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <random>

#include "runtime/tensor.hpp"

namespace trm {

// Memory whose end touches an unreadable page.
class EdgeMemory {
 public:
#if defined(__wasm__)  // which has no unreadable pages: nothing beyond the end is found there
  explicit EdgeMemory(std::size_t bytes)
      : readable_((bytes + 127) / 64 * 64), base_(static_cast<std::byte*>(std::aligned_alloc(64, readable_))) {
    if (base_ == nullptr) throw std::bad_alloc();
  }
  ~EdgeMemory() {
    std::free(base_);
  }
#elif defined(_WIN32)
  explicit EdgeMemory(std::size_t bytes) {
    constexpr std::size_t page = 4096;
    readable_ = (bytes + 64 + page - 1) / page * page;
    void* map = VirtualAlloc(nullptr, readable_ + page, MEM_RESERVE, PAGE_NOACCESS);
    if (map == nullptr || VirtualAlloc(map, readable_, MEM_COMMIT, PAGE_READWRITE) == nullptr) throw std::bad_alloc();
    base_ = static_cast<std::byte*>(map);
  }
  ~EdgeMemory() {
    VirtualFree(base_, 0, MEM_RELEASE);
  }
#else
  explicit EdgeMemory(std::size_t bytes) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    readable_ = (bytes + 64 + page - 1) / page * page;
    mapped_ = readable_ + page;
    void* map = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) throw std::bad_alloc();
    base_ = static_cast<std::byte*>(map);
    mprotect(base_ + readable_, page, PROT_NONE);
  }
  ~EdgeMemory() {
    munmap(base_, mapped_);
  }
#endif
  EdgeMemory(const EdgeMemory&) = delete;
  EdgeMemory& operator=(const EdgeMemory&) = delete;

  [[nodiscard]] std::byte* begin() const {
    return base_;
  }
  [[nodiscard]] std::size_t size() const {
    return readable_;
  }

 private:
  std::size_t readable_ = 0;
  [[maybe_unused]] std::size_t mapped_ = 0;
  std::byte* base_ = nullptr;
};

template <class T>
class EdgeMatrix {
 public:
  EdgeMatrix(std::int64_t rows, std::int64_t cols, std::int64_t gap = 0)
      : EdgeMatrix(rows, cols, gap, static_cast<std::size_t>((rows - 1) * (cols + gap) + cols) * sizeof(T)) {}

  [[nodiscard]] MatrixView<T> view() const { return view_; }
  [[nodiscard]] MatrixView<const T> read() const { return as_const(view_); }
  [[nodiscard]] T& operator()(std::int64_t row, std::int64_t col) const { return view_.row(row)[col]; }
  [[nodiscard]] T* data() const { return view_.data; }

  // Sets element (r, c) to value(r, c).
  template <class Value>
  void fill(Value&& value) const {
    for (std::int64_t r = 0; r < view_.rows; ++r)
      for (std::int64_t c = 0; c < view_.cols; ++c) view_.row(r)[c] = static_cast<T>(value(r, c));
  }

  [[nodiscard]] bool outside_is_untouched() const {
    const auto untouched = [](const std::byte* first, const std::byte* last) {
      for (; first != last; ++first) {
        if (*first != std::byte{canary}) return false;
      }
      return true;
    };
    const auto at = [](const T* p) { return reinterpret_cast<const std::byte*>(p); };
    if (!untouched(memory_.begin(), at(view_.data))) return false;
    for (std::int64_t r = 0; r + 1 < view_.rows; ++r) {
      if (!untouched(at(view_.row(r) + view_.cols), at(view_.row(r + 1)))) return false;
    }
    return true;
  }

 private:
  static constexpr int canary = 0xFF;

  EdgeMatrix(std::int64_t rows, std::int64_t cols, std::int64_t gap, std::size_t bytes) : memory_(bytes) {
    std::memset(memory_.begin(), canary, memory_.size());
    view_ = {reinterpret_cast<T*>(memory_.begin() + memory_.size() - bytes), rows, cols, cols + gap};
  }

  EdgeMemory memory_;
  MatrixView<T> view_;
};

// Standard normal numbers; also a function for EdgeMatrix::fill.
class Random {
 public:
  explicit Random(std::uint32_t seed) : generator_(seed) {}
  float operator()(std::int64_t = 0, std::int64_t = 0) { return normal_(generator_); }
  // In [low, high].
  int integer(int low, int high) { return std::uniform_int_distribution(low, high)(generator_); }

 private:
  std::mt19937 generator_;
  std::normal_distribution<float> normal_;
};

}  // namespace trm
