#pragma once
// The one way this project reports failure: an exception whose message is one
// line that names the file, the place in it and the remedy, and whose kind is
// the exit code of the program (README, "Exit codes").

#include <stdexcept>
#include <string>

namespace trm {

enum class ErrorKind : int {
  work = 1,   // the work could not be done
  usage = 2,  // the caller asked for something that does not exist
  input = 3,  // a file's content is wrong
  io = 4,     // reading or writing failed
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

// "FILE: PLACE: WHAT; REMEDY". Empty parts are left out.
[[nodiscard]] inline Error input_error(const std::string& file, const std::string& place, const std::string& what,
                                       const std::string& remedy = {}) {
  std::string message = file;
  if (!place.empty()) message += (message.empty() ? "" : ": ") + place;
  message += (message.empty() ? "" : ": ") + what;
  if (!remedy.empty()) message += "; " + remedy;
  return {ErrorKind::input, message};
}

}  // namespace trm
