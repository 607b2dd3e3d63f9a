#include "cli/arguments.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "cli/command.hpp"
#include "cli/help/definitions.hpp"

namespace trm {
namespace {

struct Chosen {
  const CLI::App* command;
  std::ptrdiff_t place;  // behind the words of the command
};

Chosen chosen_by(const CLI::App& app, const std::vector<std::string>& arguments) {
  Chosen chosen{&app, 0};
  for (auto at = arguments.begin(); at != arguments.end(); ++at) {
    const auto found = chosen.command->get_subcommands([&](const CLI::App* sub) { return sub->get_name() == *at; });
    if (!found.empty()) chosen = {found.front(), at + 1 - arguments.begin()};
  }
  return chosen;
}

bool is_number(const std::string& word) {
  float number = 0;
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), number);
  return failure == std::errc() && end == word.data() + word.size();
}

bool is_value_of(const OptionDefinition& option, const std::string& word) {
  const auto names = alternatives(option);
  if (names.empty()) {  // --halt, whose value may be a number or a rule
    const bool rule = word == "residual" || word.starts_with("residual:");
    return (rule || (is_number(word) && word.size() < 12)) && !std::filesystem::exists(word);
  }
  return std::ranges::find(names, word) != names.end();
}

void join_values(const CommandDefinition& command, std::vector<std::string>& arguments) {
  for (const OptionDefinition& option : command.options) {
    if (!option.value_optional) continue;
    for (std::size_t i = 0; i + 1 < arguments.size(); ++i) {
      if (std::ranges::find(option.names, arguments[i]) == option.names.end()) continue;
      if (!is_value_of(option, arguments[i + 1])) continue;
      arguments[i] += '=' + arguments[i + 1];
      arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    }
  }
}

void put_model_first(const Chosen& chosen, std::vector<std::string>& arguments) {
  if (chosen.command->get_option_no_throw("MODEL") == nullptr) return;
  auto place = arguments.begin() + chosen.place;
  for (const auto* option : chosen.command->get_options()) {  // positional ones before the model: that of trm bench
    if (option->get_positional() && option->get_name() == "MODEL") break;
    if (option->get_positional() && place != arguments.end()) ++place;
  }
  for (auto at = place; at != arguments.end(); ++at) {
    std::string model;
    auto end = at + 1;
    if ((*at == "-m" || *at == "--model") && end != arguments.end()) {
      model = *end++;
    } else if (at->starts_with("--model=")) {
      model = at->substr(8);
    } else {
      continue;
    }
    arguments.erase(at, end);
    arguments.insert(place, model);
    return;
  }
}

}  // namespace

std::vector<std::string> prepared(const CLI::App& app, std::vector<std::string> arguments) {
  const Chosen chosen = chosen_by(app, arguments);
  join_values(define(*chosen.command), arguments);
  put_model_first(chosen, arguments);
  return arguments;
}

}  // namespace trm
