#pragma once
// The lines of a text, one at a time, as they arrive: from a file, a pipe, a terminal or memory. Holds one line and one
// buffer, however long the text is.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "io/input_file.hpp"

namespace trm {

class LineSource {
 public:
  // A file, or standard input for "-". Takes what one read gives and waits for no more than the next line needs.
  // Once `interrupted` answers true, the text has ended. Throws Error(io) naming a file that cannot be read.
  [[nodiscard]] static LineSource open(const std::string& path, std::function<bool()> interrupted = {});
  // A text in memory, which must outlive the source; `name` is for messages.
  [[nodiscard]] static LineSource text(std::string_view text, std::string name);

  LineSource(LineSource&&) noexcept;
  LineSource& operator=(LineSource&&) noexcept;
  ~LineSource();

  // The next line without its end ("\n", "\r\n" or "\r") and without a byte order mark; false at the text's end. A line
  // that an interruption cuts is not given. Throws Error(input) for a line of more than 16 MiB and for UTF-16.
  [[nodiscard]] bool next(std::string& line);

  [[nodiscard]] const std::string& name() const;  // for messages
  [[nodiscard]] std::size_t number() const;       // of the line given last, from 1; 0 before the first
  [[nodiscard]] bool interrupted() const;         // did the text end because `interrupted` answered true?
  // Can next() go on now? False where a pipe or a terminal has given nothing more so far.
  [[nodiscard]] bool ready() const;

 private:
  struct State;
  explicit LineSource(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace trm
