// Puzzles as text and as tokens, and their rules.

#include "capi/guard.hpp"
#include "puzzles/maze.hpp"
#include "puzzles/sudoku.hpp"
#include "puzzles/views.hpp"

namespace trm::capi {
namespace {

constexpr std::int64_t largest_side = 1 << 15;

// A kind of puzzle and its number of cells a row.
struct Kind {
  std::size_t side = 0;
  std::optional<sudoku::Alphabet> alphabet{};  // of a sudoku; nothing: a maze

  [[nodiscard]] std::size_t cells() const { return side * side; }
  [[nodiscard]] std::int64_t vocab_size() const { return alphabet ? alphabet->vocab_size() : maze::vocab_size; }
};

Kind kind_of(int kind, std::int64_t side) {
  if (kind == TRM_SUDOKU || kind == TRM_SUDOKU_NANO) {
    const auto shape = sudoku::shape_of(side == 0 ? sudoku::side : static_cast<std::size_t>(side));
    if (!shape)
      refuse("side", std::to_string(side) + " is the side of no sudoku", "give 4, 6, 9, 16 or 25, or 0 for 9");
    return {.side = shape->side, .alphabet = sudoku::Alphabet{.blank = kind == TRM_SUDOKU ? 1 : 2, .shape = *shape}};
  }
  if (kind != TRM_MAZE) refuse("kind", std::to_string(kind) + " is no trm_puzzle_kind");
  if (side < 1 || side > largest_side) {
    refuse("side", std::to_string(side) + " is the side of no maze", "give the cells of a row");
  }
  return {.side = static_cast<std::size_t>(side)};
}

Tokens tokens_of(const Kind& kind, const std::int32_t* tokens, const char* name) {
  const Tokens all(&required(tokens, name), kind.cells());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i] >= 0 && all[i] < kind.vocab_size()) continue;
    throw input_error("", std::string(name) + ", cell " + std::to_string(i),
                      "token " + std::to_string(all[i]) + " is not in the vocabulary",
                      "0 to " + std::to_string(kind.vocab_size() - 1) + " are");
  }
  return all;
}

// Hands out the puzzles' tokens while there is room. Returns how many puzzles there are.
template <class Reader, class ToTokens>
std::size_t read_all(Reader reader, const ToTokens& to_tokens, const Kind& kind, std::int32_t* tokens,
                     std::size_t capacity) {
  std::size_t count = 0;
  while (const auto puzzle = reader.next()) {
    if (tokens != nullptr && count < capacity) {
      to_tokens(puzzle->question, std::span(tokens + count * kind.cells(), kind.cells()));
    }
    count += 1;
  }
  return count;
}

std::size_t read_all(const Kind& kind, LineSource source, std::int32_t* tokens, std::size_t capacity) {
  if (!kind.alphabet)
    return read_all(maze::Reader(std::move(source), kind.side), maze::to_tokens, kind, tokens, capacity);
  const auto to_tokens = [&](const sudoku::Grid& grid, std::span<std::int32_t> out) {
    kind.alphabet->to_tokens(grid, out);
  };
  return read_all(sudoku::Reader(std::move(source), kind.alphabet->shape), to_tokens, kind, tokens, capacity);
}

std::string text_of(const Kind& kind, Tokens tokens) {
  return kind.alphabet ? sudoku::to_line(kind.alphabet->from_tokens(tokens)) : maze::to_text(maze::from_tokens(tokens));
}

std::vector<std::string> faults_of(const Kind& kind, Tokens question, Tokens answer) {
  if (!kind.alphabet) return maze::check(maze::from_tokens(question), maze::from_tokens(answer)).faults;
  return sudoku::faults(kind.alphabet->from_tokens(question), kind.alphabet->from_tokens(answer));
}

}  // namespace
}  // namespace trm::capi

trm_status trm_puzzles_read(trm_puzzle_kind kind, int64_t side, const char* text, size_t length, const char* name,
                            int32_t* tokens, size_t capacity, size_t* count, trm_error* error) {
  using namespace trm::capi;
  return guarded(error, [&] {
    std::size_t& out = required(count, "count");
    out = 0;
    const Kind known = kind_of(number_of(kind), side);
    const std::string_view all(&required(text, "text"), length);
    auto source = trm::LineSource::text(all, name == nullptr ? "text" : name);
    out = read_all(known, std::move(source), tokens, capacity);
    if (tokens != nullptr && out > capacity) {
      refuse("capacity", std::to_string(capacity) + " puzzles, but the text has " + std::to_string(out),
             "count them first, without tokens");
    }
  });
}

trm_status trm_puzzle_write(trm_puzzle_kind kind, int64_t side, const int32_t* tokens, char* text, size_t capacity,
                            size_t* length, trm_error* error) {
  using namespace trm::capi;
  return guarded(error, [&] {
    const Kind known = kind_of(number_of(kind), side);
    const trm::Tokens all = tokens_of(known, tokens, "tokens");
    write_text(text_of(known, all), text, capacity, length);
  });
}

trm_status trm_puzzle_check(trm_puzzle_kind kind, int64_t side, const int32_t* question, const int32_t* answer,
                            size_t* faults, char* text, size_t capacity, trm_error* error) {
  using namespace trm::capi;
  return guarded(error, [&] {
    const Kind known = kind_of(number_of(kind), side);
    const auto found = faults_of(known, tokens_of(known, question, "question"), tokens_of(known, answer, "answer"));
    required(faults, "faults") = found.size();
    write_text(found.empty() ? "" : found.front(), text, capacity, nullptr);
  });
}
