#pragma once
// Which rows of the id table a conversion keeps.

#include <cstdint>
#include <string>
#include <unordered_map>

namespace trm {

class RowChoice {
 public:
  // "all"; "none"; "0,5,17" or names; "@names.txt" with one id or name a line (or a
  // JSON array of names); "@challenges.json": every augmentation of its tasks. A number
  // without leading zeros below `rows` is an id, anything else a name ("00576224" is one).
  // Throws Error(usage) for an empty choice.
  static RowChoice parse(const std::string& text, std::int64_t rows);

  [[nodiscard]] bool all() const { return all_; }
  [[nodiscard]] bool none() const { return none_; }
  [[nodiscard]] bool needs_names() const { return !names_.empty() || !tasks_.empty(); }
  [[nodiscard]] std::string unseen_names() const;  // the first few that no row had so far, for messages
  // Whether to keep a row. To be asked once for every row: it notes which items of the choice occur.
  [[nodiscard]] bool keeps(std::int64_t id, const std::string& name);
  // Afterwards: throws Error(usage) when an id or name is none of the table's, or no task is.
  void check_complete() const;
  // Tasks of the challenges file without any row: the model was not trained on them.
  [[nodiscard]] std::int64_t unknown_tasks() const;

 private:
  using Seen = std::unordered_map<std::string, bool>;
  void add(std::string item, std::int64_t rows);
  void add_file(const std::string& file, std::int64_t rows);

  std::string text_;
  bool all_ = false;
  bool none_ = false;
  std::unordered_map<std::int64_t, bool> ids_;
  Seen names_;
  Seen tasks_;  // plain puzzle names
};

}  // namespace trm
