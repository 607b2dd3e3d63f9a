#pragma once
// The one way this project reports failure: an exception that says what is wrong with which file, where in it, and what
// helps. Its parts are fields, so that a program can word them with the names of its own options.

#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trm {

enum class ErrorKind : std::uint8_t {
  work,   // the work could not be done
  usage,  // the caller asked for something that does not exist
  input,  // a file's content is wrong
  io,     // reading or writing failed
};

// Every part may be empty but `what`. All of it is one line without a full stop.
struct ErrorParts {
  std::string file;    // the file's name, or another name for the source of the bytes
  std::string place;   // where in it: "line 3, column 14", "tensor lm_head.weight"
  std::string what;    // what is wrong
  std::string remedy;  // what the user can do about it
  // The options by which the caller can change the outcome: fields of the options structs of this project, by name
  // ("seq_len"). A program names its own options in their place.
  std::vector<std::string_view> settings{};
};

// "FILE: PLACE: WHAT; REMEDY". Empty parts are left out.
[[nodiscard]] inline std::string to_text(const ErrorParts& parts) {
  std::string text = parts.file;
  if (!parts.place.empty()) text += (text.empty() ? "" : ": ") + parts.place;
  text += (text.empty() ? "" : ": ") + parts.what;
  if (!parts.remedy.empty()) text += "; " + parts.remedy;
  return text;
}

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, ErrorParts parts) : std::runtime_error(to_text(parts)), kind_(kind), parts_(std::move(parts)) {}
  Error(ErrorKind kind, std::string what)
      : Error(kind, ErrorParts{.file = {}, .place = {}, .what = std::move(what), .remedy = {}}) {}

  [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }
  [[nodiscard]] const ErrorParts& parts() const noexcept { return parts_; }

 private:
  ErrorKind kind_;
  ErrorParts parts_;
};

// Its parts, with the settings called as `name_of(setting)` says (empty: left out): the setting of a wrong value stands
// before the value, settings that change any other outcome behind the remedy.
template <class NameOf>
[[nodiscard]] ErrorParts with_settings(const Error& error, const NameOf& name_of) {
  ErrorParts parts = error.parts();
  std::string names;
  for (const std::string_view setting : parts.settings) {
    const std::string name(name_of(setting));
    if (!name.empty()) names += (names.empty() ? "" : ", ") + name;
  }
  if (names.empty()) return parts;
  if (error.kind() == ErrorKind::usage && parts.file.empty() && parts.settings.size() == 1) {
    parts.place = parts.place.empty() ? names : names + ' ' + parts.place;
  } else {
    parts.remedy += (parts.remedy.empty() ? "(" : " (") + names + ')';
  }
  return parts;
}

// An Error of ErrorKind::input; see ErrorParts.
[[nodiscard]] inline Error input_error(std::string file, std::string place, std::string what, std::string remedy = {},
                                       std::initializer_list<std::string_view> settings = {}) {
  return {ErrorKind::input, ErrorParts{.file = std::move(file),
                                       .place = std::move(place),
                                       .what = std::move(what),
                                       .remedy = std::move(remedy),
                                       .settings = settings}};
}

}  // namespace trm
