#pragma once
// The votes on one test input, counted as its samples finish. The ranking is the one that rank() gives of all
// predictions in the order of their places, to the bit, whatever the order in which they came. Equal grids are held
// once, with four bits a cell, and 16 bytes a sample.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "arc/vote/ranking.hpp"

namespace trm::arc {

class Tally {
 public:
  // `place`: the prediction's place in the order that counts, such as its puzzle id. One that is there already does not
  // count again.
  void add(std::int64_t place, const Prediction& prediction);

  // The candidates by votes, without grids and confidences: all that decided() and chance_of_change() look at.
  [[nodiscard]] std::vector<Candidate> standing() const;
  // As rank() gives it. Of the candidates from place `grids` on only the one that equals `truth` has its grid.
  [[nodiscard]] std::vector<Candidate> ranking(std::size_t grids, const Grid* truth) const;

 private:
  struct Vote {
    std::int32_t place = 0;
    std::uint32_t candidate = 0;
    float q_halt = 0;
    std::int32_t steps = 0;
  };
  void sort() const;

  mutable std::vector<Vote> votes_;  // the first `sorted_` by place, the others as they came
  mutable std::size_t sorted_ = 0;
  std::unordered_map<std::string, std::uint32_t> candidate_;  // by packed grid
  std::vector<const std::string*> grids_;                     // [candidates], the map's keys
  std::vector<std::int64_t> counts_;                          // [candidates]
};

// Takes the grids away that Tally::ranking() would leave out.
void drop_grids(std::vector<Candidate>& candidates, std::size_t grids, const Grid* truth);

}  // namespace trm::arc
