#include "arc/vote/tally.hpp"

#include <algorithm>
#include <utility>

namespace trm::arc {
namespace {

// Rows, columns, and two cells a byte.
std::string packed(const Grid& grid) {
  std::string bytes{static_cast<char>(grid.rows), static_cast<char>(grid.cols)};
  for (std::size_t i = 0; i < grid.cells.size(); i += 2) {
    const unsigned high = i + 1 < grid.cells.size() ? grid.cells[i + 1] : 0U;
    bytes += static_cast<char>(grid.cells[i] | (high << 4U));
  }
  return bytes;
}

Grid unpacked(const std::string& bytes) {
  Grid grid{bytes[0], bytes[1], {}};
  grid.cells.resize(static_cast<std::size_t>(grid.rows * grid.cols));
  for (std::size_t i = 0; i < grid.cells.size(); ++i) {
    const auto pair = static_cast<unsigned char>(bytes[2 + i / 2]);
    grid.cells[i] = static_cast<std::uint8_t>(i % 2 == 0 ? pair & 0xFU : pair >> 4U);
  }
  return grid;
}

}  // namespace

void Tally::add(std::int64_t place, const Prediction& prediction) {
  const auto by_place = [](const Vote& vote, std::int32_t at) { return vote.place < at; };
  const auto at = static_cast<std::int32_t>(place);
  const auto end = votes_.begin() + static_cast<std::ptrdiff_t>(sorted_);
  const auto found = std::lower_bound(votes_.begin(), end, at, by_place);
  const auto same = [at](const Vote& vote) { return vote.place == at; };
  if ((found != end && same(*found)) || std::any_of(end, votes_.end(), same)) return;
  const auto [entry, is_new] =
      candidate_.try_emplace(packed(prediction.grid), static_cast<std::uint32_t>(grids_.size()));
  if (is_new) {
    grids_.push_back(&entry->first);
    counts_.push_back(0);
  }
  counts_[entry->second] += 1;
  votes_.push_back({at, entry->second, prediction.q_halt, static_cast<std::int32_t>(prediction.steps)});
  constexpr std::size_t most_unsorted = 64;
  const bool in_order = sorted_ + 1 == votes_.size() && (sorted_ == 0 || votes_[sorted_ - 1].place < at);
  if (in_order) sorted_ += 1;
  if (votes_.size() - sorted_ > most_unsorted) sort();
}

void Tally::sort() const {
  if (sorted_ == votes_.size()) return;
  std::ranges::sort(votes_, {}, &Vote::place);
  sorted_ = votes_.size();
}

std::vector<Candidate> Tally::standing() const {
  std::vector<Candidate> candidates(counts_.size());
  for (std::size_t i = 0; i < counts_.size(); ++i) candidates[i].votes = counts_[i];
  std::ranges::sort(candidates, std::ranges::greater{}, &Candidate::votes);
  return candidates;
}

std::vector<Candidate> Tally::ranking(std::size_t grids, const Grid* truth) const {
  sort();
  constexpr auto unseen = static_cast<std::size_t>(-1);
  std::vector<std::size_t> place_of(grids_.size(), unseen);  // among `candidates`, in the order of first votes
  std::vector<Candidate> candidates;
  for (const Vote& vote : votes_) {
    std::size_t& place = place_of[vote.candidate];
    if (place == unseen) {
      place = candidates.size();
      candidates.push_back({.grid = {vote.candidate, 0, {}}});  // which grid it is, until the order is known
    }
    count_vote(candidates[place], vote.q_halt, vote.steps);
  }
  sort_candidates(candidates);
  const std::string wanted = truth == nullptr ? std::string() : packed(*truth);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const std::string& bytes = *grids_[static_cast<std::size_t>(candidates[i].grid.rows)];
    candidates[i].grid = i < grids || (truth != nullptr && bytes == wanted) ? unpacked(bytes) : Grid{};
  }
  return candidates;
}

void drop_grids(std::vector<Candidate>& candidates, std::size_t grids, const Grid* truth) {
  for (std::size_t i = grids; i < candidates.size(); ++i) {
    if (truth == nullptr || candidates[i].grid != *truth) candidates[i].grid = {};
  }
}

}  // namespace trm::arc
