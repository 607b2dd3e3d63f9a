#include "cli/command.hpp"

#include "runtime/cpu.hpp"

namespace trm {

void add_common_options(CLI::App& app, CommonOptions& common) {
  const std::string group = "Common options";
  app.set_help_flag("-h,--help", "Show this help")->group(group);
  app.set_version_flag("--version", "trm " TRM_VERSION, "Show the version")->group(group);
  app.add_option("--threads", common.threads, "Threads to use; 0: all this process may use (default)")
      ->check(CLI::Range(0, 4096).description(""))
      ->type_name("N")
      ->group(group);
  app.add_option("--isa", common.isa,
                 "Force a kernel set by name ('trm info --cpu' lists what this CPU has);\n"
                 "default: the fastest")
      ->type_name("NAME")
      ->group(group);
  app.add_flag("--quiet", common.quiet, "Nothing on stderr but errors: no progress, verdicts or summary")->group(group);
  app.add_flag("--json", common.json, "Results as JSON on stdout")->group(group);
  app.add_option("--seed", common.seed, "Seed of random choices; a command that makes none ignores it (default 0)")
      ->type_name("N")
      ->group(group);
}

int threads_of(const CommonOptions& common) {
  return common.threads > 0 ? common.threads : available_threads();
}

CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& description,
                      const std::string& examples) {
  CLI::App* command = app.add_subcommand(name, description);
  command->footer("Examples:\n" + examples);
  return command;
}

}  // namespace trm
