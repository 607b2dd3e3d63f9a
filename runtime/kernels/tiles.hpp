#pragma once
// How a product is cut into register tiles, each of which prefetches a part of the next panel.

#include <cstdint>

namespace trm {
namespace {

// One register tile of a product: its place, and how much of the next panel it prefetches.
struct Tile {
  std::int64_t row;
  std::int64_t height;
  std::int64_t column;
  bool wide;                 // two vectors of columns, else one
  std::int64_t index;        // among the panel's tiles
  std::int64_t fetch_bytes;  // for each Prefetch::turn
};

// A tile's rows are reached in groups of three: x86 addresses base, base + stride and base + 2 stride with one pointer.
template <int Rows>
inline constexpr int row_groups = (Rows + 2) / 3;

// The part of the next panel that a tile fetches into the second cache while it computes, so that reading weights
// from memory is spread over all tiles of a panel.
class Prefetch {
 public:
  // The tile's part of the panel at `next`, in `turns` calls of turn().
  Prefetch(const void* next, std::int64_t turns, const Tile& tile)
      : at_(static_cast<const char*>(next) + tile.index * turns * tile.fetch_bytes), stride_(tile.fetch_bytes) {}
  [[gnu::always_inline]] void turn() {
    __builtin_prefetch(at_, 0, 2);
    at_ += stride_;
  }

 private:
  const char* at_;
  std::int64_t stride_;
};

// Runs visit(tile) over a product's register tiles: the outer loop is over panels, so that each is read from
// memory once; the tiles of a panel have heights that differ by at most one. turn_bytes: how much of a panel one turn
// of all its tiles fetches. There is one division in all, because a tile of a short product takes little longer than
// a few divisions.
template <class S, class Visit>
void for_tiles(std::int64_t rows, std::int64_t n, std::int64_t turn_bytes, Visit&& visit) {
  const std::int64_t count = (rows + S::tile_rows - 1) / S::tile_rows;
  if (count == 0) return;
  const std::int64_t height = rows / count, higher = rows % count, fetch_bytes = turn_bytes / count;
  for (std::int64_t column = 0; column < n; column += 2 * S::width) {
    for (std::int64_t t = 0, row = 0; t < count; ++t) {
      const Tile tile{row, height + (t < higher ? 1 : 0), column, column + S::width < n, t, fetch_bytes};
      visit(tile);
      row += tile.height;
    }
  }
}

}  // namespace
}  // namespace trm
