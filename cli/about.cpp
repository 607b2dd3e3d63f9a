// What the program says about itself: trm help, version, completion and manual.

#include "cli/command.hpp"
#include "cli/help/completion.hpp"
#include "cli/help/help.hpp"
#include "cli/help/manual.hpp"
#include "cli/terminal.hpp"
#include "cli/version.hpp"

namespace trm {
namespace {

struct AboutOptions {
  const CLI::App* program = nullptr;
  std::vector<std::string> words;  // of a command
  std::string shell;
};

int show_help(const CommonOptions& /*common*/, const AboutOptions& options) {
  const CommandDefinition program = define(*options.program);
  print(help_text(find_command(program, options.words), help_width()));
  return exit_done;
}

int show_version(const CommonOptions& /*common*/, const AboutOptions& /*options*/) {
  print(version_text());
  return exit_done;
}

int write_manual(const CommonOptions& /*common*/, const AboutOptions& options) {
  const CommandDefinition program = define(*options.program);
  print(manual_page(find_command(program, options.words), version_number()));
  return exit_done;
}

int write_completion(const CommonOptions& /*common*/, const AboutOptions& options) {
  const CommandDefinition program = define(*options.program);
  const auto write = options.shell == "bash"   ? bash_completion
                     : options.shell == "fish" ? fish_completion
                                               : zsh_completion;
  print(write(program));
  return exit_done;
}

}  // namespace

void add_about(CLI::App& app, Program& program) {
  auto options = std::make_shared<AboutOptions>();
  options->program = &app;
  CLI::App* help =
      add_command(app, "help", "Explain a command and its options.", "  trm help sudoku\n  trm help study noise");
  help->add_option("COMMAND", options->words, "The command's words")->type_name("")->expected(0, -1);
  set_action(help, program, options, show_help, OnInterrupt::die);

  CLI::App* version = add_command(app, "version", "Show version, commit, compiler and kernel sets.", "  trm version");
  set_action(version, program, options, show_version, OnInterrupt::die);

  CLI::App* manual =
      add_command(app, "manual", "Write the manual page of the program or of a command, in the language of man(7).",
                  "  trm manual study noise > trm-study-noise.1");
  manual->add_option("COMMAND", options->words, "The command's words")->type_name("")->expected(0, -1);
  set_action(manual, program, options, write_manual, OnInterrupt::die);

  CLI::App* completion =
      add_command(app, "completion", "Write the script by which a shell completes trm's commands and options.",
                  "  trm completion bash > ~/.local/share/bash-completion/completions/trm\n"
                  "  trm completion zsh > ~/.zfunc/_trm                 a folder of $fpath\n"
                  "  trm completion fish > ~/.config/fish/completions/trm.fish");
  choose_from(completion->add_option("SHELL", options->shell, "Which shell")->required(), {"bash", "zsh", "fish"});
  set_action(completion, program, options, write_completion, OnInterrupt::die);
}

}  // namespace trm
