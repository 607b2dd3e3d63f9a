#include "puzzles/nested_lists.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/error.hpp"
#include "io/text.hpp"
#include "puzzles/question_table.hpp"

namespace trm {
namespace {

constexpr std::size_t deepest = 32;
constexpr std::string_view openers = "[({";
constexpr std::string_view closers = "])}";
constexpr std::string_view spaces = " \t";

bool contains(std::string_view set, char c) {
  return set.find(c) != std::string_view::npos;
}

// Behind "grid =", as programs write it.
std::string_view without_assignment(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return line;
  const std::string_view variable = trimmed(line.substr(0, equals));
  const bool is_name = !variable.empty() && std::all_of(variable.begin(), variable.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_';
  });
  return is_name ? trimmed(line.substr(equals + 1)) : line;
}

}  // namespace

NestedLists::NestedLists(std::string name, std::function<bool(const TextRow&)> is_whole, std::size_t most_cells)
    : name_(std::move(name)), is_whole_(std::move(is_whole)), most_cells_(most_cells) {}

bool NestedLists::begin(std::string_view line) {
  const std::string_view text = without_assignment(trimmed(line));
  if (text.empty() || !contains(openers, text.front())) return false;
  const std::string_view inside = trimmed(text.substr(1));
  return inside.empty() || std::isalpha(static_cast<unsigned char>(inside.front())) == 0;
}

void NestedLists::fail(const std::string& what, const std::string& remedy) const {
  throw input_error(name_, place(number_, position_ + 1), what, remedy);
}

// What the value that comes next is: of its key, or of the list it stands in.
NestedLists::Role NestedLists::role_of_value() const {
  if (frames_.empty()) return Role::puzzles;
  const Frame& frame = frames_.back();
  if (!frame.object) return frame.role;
  if (names_question(frame.key)) return Role::puzzles;
  return names_answer(frame.key) ? Role::answers : Role::ignored;
}

void NestedLists::feed(std::string_view line, std::size_t number, std::deque<ListedPuzzle>& out) {
  number_ = number;
  position_ = frames_.empty() ? std::min(line.find_first_of(openers), line.size()) : 0;
  for (; position_ < line.size(); ++position_) {
    const char c = line[position_];
    if (contains(spaces, c) || c == ',' || c == ';') continue;
    if (contains(openers, c)) {
      open_frame(c, line);
    } else if (contains(closers, c)) {
      close_frame(c, out);
    } else if (frames_.empty()) {
      if (c == '#') return;
      fail(quoted(c) + " behind the closing bracket", "end the line there");
    } else if (c == '"' || c == '\'') {
      take_text(take_string(line), line, out);
    } else if (c == ':') {
      fail("a colon without a name before it", "names stand before colons, in curly brackets");
    } else {
      take_text(take_word(line), line, out);
    }
  }
}

// From the quote at the position to the closing one, where the position is left.
std::string NestedLists::take_string(std::string_view line) {
  const char quote = line[position_];
  std::string text;
  for (std::size_t i = position_ + 1; i < line.size(); ++i) {
    if (line[i] == quote) {
      position_ = i;
      return text;
    }
    if (line[i] != '\\' || i + 1 == line.size()) {
      text += line[i];
      continue;
    }
    i += 1;
    text += line[i] == 'n' ? '\n' : line[i] == 't' ? '\t' : line[i];
  }
  fail("the quote is never closed", std::string("close it with another ") + quote + " in the same line");
}

// A number, a word, a dot: up to what ends it, before which the position is left.
std::string NestedLists::take_word(std::string_view line) {
  const std::size_t end = std::min(line.find_first_of(" \t,;:[](){}\"'", position_), line.size());
  std::string word(line.substr(position_, end - position_));
  position_ = end - 1;
  return word;
}

void NestedLists::take_text(std::string text, std::string_view line, std::deque<ListedPuzzle>& out) {
  Frame& frame = frames_.back();
  if (!frame.object) {
    if (frame.role == Role::ignored) return;
    if (is_whole_({text})) return deliver({{std::move(text)}}, out);
    if (frame.texts.size() == most_cells_) {
      fail("a list of more than " + plural(most_cells_, "cell"), "a puzzle has fewer");
    }
    frame.texts.push_back(std::move(text));
    return;
  }
  if (!frame.has_key) {
    const std::size_t colon = line.find_first_not_of(spaces, position_ + 1);
    if (colon == std::string_view::npos || line[colon] != ':') {
      fail("no colon follows a name", "curly brackets hold names and values");
    }
    position_ = colon;
    frame.key = std::move(text);
    frame.has_key = true;
    return;
  }
  if (role_of_value() != Role::ignored) return deliver({{std::move(text)}}, out);
  frame.has_key = false;
}

void NestedLists::open_frame(char bracket, std::string_view line) {
  if (frames_.size() == deepest) fail("more than " + std::to_string(deepest) + " brackets are open", "close some");
  if (!frames_.empty() && frames_.back().object && !frames_.back().has_key) {
    fail("a value without a name", "curly brackets hold names and values");
  }
  Frame frame;
  frame.role = role_of_value();
  frame.close = closers[openers.find(bracket)];
  // Curly brackets hold names in JSON, cells in C.
  const std::string_view inside = trimmed(line.substr(position_ + 1));
  frame.object = bracket == '{' && (inside.empty() || inside.find(':') != std::string_view::npos);
  frames_.push_back(std::move(frame));
}

void NestedLists::close_frame(char bracket, std::deque<ListedPuzzle>& out) {
  if (frames_.empty() || frames_.back().close != bracket) {
    fail(std::string("no bracket is open that ") + quoted(bracket) + " closes", "take it out or open one");
  }
  Frame closed = std::move(frames_.back());
  frames_.pop_back();
  if (!closed.object) return close_list(std::move(closed), out);
  if (closed.question.empty() && !closed.answer.empty()) {
    fail("an answer without a question", "name the puzzle question or puzzle");
  }
  if (!closed.question.empty()) out.push_back({std::move(closed.question), std::move(closed.answer), number_});
  if (!frames_.empty()) frames_.back().has_key = false;
}

void NestedLists::close_list(Frame list, std::deque<ListedPuzzle>& out) {
  Frame* outer = frames_.empty() ? nullptr : &frames_.back();
  const bool of_object = outer != nullptr && outer->object;
  const int kinds = (list.texts.empty() ? 0 : 1) + (list.rows.empty() ? 0 : 1) + (list.puzzles ? 1 : 0);
  if (kinds > 1)
    fail("a list of cells and of other lists", "a puzzle is a list of nine lists of nine cells, or a text");
  if (list.role != Role::ignored && !list.texts.empty()) {
    if (outer == nullptr || of_object || is_whole_(list.texts)) return deliver({std::move(list.texts)}, out);
    if (outer->rows.size() == most_cells_) fail("a list of too many lists", "a puzzle has fewer rows");
    outer->rows.push_back(std::move(list.texts));
  } else if (!list.rows.empty()) {
    return deliver(std::move(list.rows), out);
  }
  if (of_object) outer->has_key = false;
}

// A value that is a puzzle or the answer to one: to its object, or out.
void NestedLists::deliver(TextRows puzzle, std::deque<ListedPuzzle>& out) {
  const Role role = role_of_value();
  if (!frames_.empty() && frames_.back().object) {
    Frame& object = frames_.back();
    object.has_key = false;
    if (role == Role::ignored) return;
    TextRows& place_for_it = role == Role::answers ? object.answer : object.question;
    if (!place_for_it.empty()) fail("two values named " + object.key, "an object holds one puzzle");
    place_for_it = std::move(puzzle);
    return;
  }
  if (role == Role::answers) {
    fail("a list of answers apart from their questions", "give an object a puzzle, with question and answer");
  }
  if (!frames_.empty()) frames_.back().puzzles = true;
  out.push_back({std::move(puzzle), {}, number_});
}

}  // namespace trm
