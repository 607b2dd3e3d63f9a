#include "cli/help/suggestion.hpp"

#include <algorithm>

namespace trm {
namespace {

// The distance of Damerau and Levenshtein, in which a pair is swapped once at most.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      const std::size_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

std::string last_word(const std::string& name) {
  return name.substr(name.rfind(' ') + 1);
}

std::vector<std::string> option_names(const CommandDefinition& command) {
  std::vector<std::string> names;
  for (const auto* list : {&command.options, &command.common}) {
    for (const OptionDefinition& option : *list) names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

// The first command, in the order of the help, that has the option; nothing: none.
const CommandDefinition* owner_of(const CommandDefinition& command, const std::string& option) {
  if (command.commands.empty()) {
    const auto names = option_names(command);
    return std::ranges::find(names, option) == names.end() ? nullptr : &command;
  }
  for (const CommandDefinition& part : command.commands) {
    if (const auto* owner = owner_of(part, option)) return owner;
  }
  return nullptr;
}

std::string explained_by(const CommandDefinition& command) {
  return "'" + command.name + " --help' explains";
}

}  // namespace

std::string nearest(const std::string& word, std::span<const std::string> names) {
  const std::size_t letters = word.size() - std::min(word.find_first_not_of('-'), word.size());
  std::string best;
  std::size_t least = letters / 3 + 2;  // one typing mistake, two in six letters, three in nine
  for (const std::string& name : names) {
    const bool begun = letters >= 3 && name.starts_with(word);
    const std::size_t far = begun ? 1 : distance(word, name);
    if (far >= least || far >= letters) continue;
    least = far;
    best = name;
  }
  return best;
}

std::string unknown_command(const CommandDefinition& command, const std::string& word) {
  std::vector<std::string> names;
  for (const CommandDefinition& sub : command.commands) names.push_back(last_word(sub.name));
  const std::string start = "'" + word + "' is no command of " + command.name;
  const std::string meant = nearest(word, names);
  return start + (meant.empty() ? "; '" + command.name + " --help' lists them" : "; did you mean '" + meant + "'?");
}

std::string unknown_option(const CommandDefinition& program, const CommandDefinition& command,
                           const std::string& word) {
  const std::string given = word.substr(0, word.find('='));
  const std::string start = "'" + given + "' is no option of " + command.name;
  const auto names = option_names(command);
  const std::string meant = nearest(given, names);
  if (!meant.empty()) return start + "; did you mean '" + meant + "'? " + explained_by(command);
  const auto* owner = given.starts_with("--") ? owner_of(program, given) : nullptr;
  if (owner != nullptr) return start + "; '" + owner->name + "' has it; " + explained_by(command);
  return start + "; " + explained_by(command);
}

}  // namespace trm
