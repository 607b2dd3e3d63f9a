#pragma once
// numpy's legacy generator after np.random.seed(seed): MT19937, whose words std::mt19937 gives in the same order, and
// numpy's way from words to bounded integers.

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <utility>

namespace trm::arc {

class NumpyRandom {
 public:
  explicit NumpyRandom(std::uint32_t seed) : words_(seed) {}

  // An integer from 0 to `most`: draws words, cut to the bits of `most`, until one is at most `most`. Draws no word if
  // `most` is 0.
  std::uint32_t up_to(std::uint32_t most);
  // np.random.randint(0, end); `end` > 0.
  std::uint32_t randint(std::uint32_t end) { return up_to(end - 1); }
  // np.random.shuffle of a list or an array of one axis. np.random.permutation shuffles a copy.
  template <class T>
  void shuffle(std::span<T> items) {
    for (std::size_t last = items.size(); last-- > 1;) {
      using std::swap;
      swap(items[last], items[up_to(static_cast<std::uint32_t>(last))]);
    }
  }

 private:
  std::mt19937 words_;
};

}  // namespace trm::arc
