#include "cli/command.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <system_error>

#include "cli/help/suggestion.hpp"
#include "cli/version.hpp"
#include "runtime/cpu.hpp"
#include "runtime/threads.hpp"

namespace trm {
namespace {

constexpr int most_threads = 4096;

// CLI11 takes -1 and 2^64 for other numbers.
std::string whole_number_fault(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure == std::errc() && end == text.data() + text.size()) return {};
  return text + " is no whole number from 0 to 18446744073709551615";
}

}  // namespace

void add_common_options(CLI::App& app, CommonOptions& common) {
  const std::string group = common_option_group;
  app.set_help_flag("-h,--help", "Show this help")->group(group);
  app.set_version_flag("-V,--version", version_text, "Show version, commit, compiler and kernel sets")->group(group);
  app.add_option("--threads", common.threads, "Threads to use; 0: all this process may use (default)")
      ->check(CLI::Range(0, most_threads).description(""))
      ->type_name("N")
      ->group(group);
  app.add_option("--isa", common.isa,
                 "Force a kernel set by name ('trm info --cpu' lists what this CPU has);\n"
                 "default: the fastest")
      ->type_name("NAME")
      ->group(group);
  app.add_flag("--quiet", common.quiet, "Nothing on stderr but errors: no progress, verdicts or summary")->group(group);
  app.add_flag("--json", common.json, "Results as JSON on stdout")->group(group);
  app.add_flag("--force", common.force, "Replace an output file even if it is of another kind than what is written")
      ->group(group);
  app.add_option("--seed", common.seed, "Seed of random choices; a command that makes none ignores it (default 0)")
      ->check(CLI::Validator(whole_number_fault, "", ""))
      ->type_name("N")
      ->group(group);
}

CLI::Option* translate(CLI::Option* option, const Choices& choices) {
  std::vector<std::string> names;
  std::string listed;
  for (const auto& choice : choices) {
    names.push_back(choice.first);
    listed += (listed.empty() ? "" : "|") + choice.first;
  }
  const auto choose = [choices, names, listed](std::string& text) -> std::string {
    for (const auto& [name, value] : choices) {
      if (text != name) continue;
      text = value;
      return {};
    }
    const std::string meant = nearest(text, names);
    return "'" + text + "' is none of " + listed + (meant.empty() ? "" : "; did you mean '" + meant + "'?");
  };
  return option->transform(CLI::Validator(choose, "", ""))->type_name(listed);
}

CLI::Option* choose_from(CLI::Option* option, const std::vector<std::string>& names) {
  Choices choices;
  for (const std::string& name : names) choices.emplace_back(name, name);
  return translate(option, choices);
}

int wanted_threads(const CommonOptions& common) {
  if (common.threads > 0) return common.threads;
  const char* variable = std::getenv("OMP_NUM_THREADS");  // of batch systems: "4", or a list whose first number counts
  const int set = variable == nullptr ? 0 : std::atoi(variable);
  return set > 0 ? std::min(set, most_threads) : available_threads();
}

int threads_of(const CommonOptions& common) {
  return startable_threads(wanted_threads(common));
}

CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& description,
                      const std::string& examples) {
  CLI::App* command = app.add_subcommand(name, description);
  command->footer("Examples:\n" + examples);
  return command;
}

}  // namespace trm
