// trm identifiers: the reference builder's identifiers.json, rebuilt.

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "arc/grid_json.hpp"
#include "arc/identifiers.hpp"
#include "base/error.hpp"
#include "cli/command.hpp"
#include "cli/cost.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_line.hpp"
#include "cli/paths.hpp"
#include "cli/progress.hpp"
#include "cli/terminal.hpp"
#include "io/atomic_file.hpp"

namespace trm {
namespace {

struct IdentifiersOptions {
  std::vector<std::string> challenges;  // in the builder's order of subsets
  std::string test_set;
  std::int64_t augmentations = 0;
  std::int64_t first_id = 1;  // of a puzzle; the ids below are blank
  std::string output;
  const CLI::App* command = nullptr;
};

constexpr std::uint32_t builder_seed = 42;  // the builder's own default

// --seed as given, before or after the command's name.
std::uint32_t seed_of(const CommonOptions& common, const CLI::App& command) {
  if (command.count("--seed") + command.get_parent()->count("--seed") == 0) return builder_seed;
  if (common.seed <= std::numeric_limits<std::uint32_t>::max()) return static_cast<std::uint32_t>(common.seed);
  throw Error(ErrorKind::usage, "--seed " + std::to_string(common.seed) + ": numpy takes seeds below 4294967296");
}

// arc-agi_evaluation_challenges.json is the subset "evaluation" of the files that begin "arc-agi".
bool is_subset(const std::string& file, const std::string& name) {
  const std::string stem = std::filesystem::path(file).filename().string();
  const std::string end = name + "_challenges.json";
  return stem == end || stem.ends_with('_' + end);
}

std::vector<arc::Subset> read_subsets(const IdentifiersOptions& options) {
  const auto is_test_set = [&](const std::string& file) { return is_subset(file, options.test_set); };
  if (!options.test_set.empty() && std::ranges::none_of(options.challenges, is_test_set)) {
    note("trm: warning: no challenges file is of the subset '" + options.test_set +
         "' (--test-set); the ids do not depend on it");
  }
  std::vector<arc::Subset> subsets;
  for (const std::string& file : options.challenges) {
    subsets.push_back(arc::read_subset(file));
    if (!subsets.back().has_solutions) {
      note("trm: warning: " + file + ": no solutions beside it; as in the builder, an unknown test output is [[0]]");
    }
  }
  return subsets;
}

int write_identifiers(const CommonOptions& common, const IdentifiersOptions& options) {
  const Stopwatch watch;
  std::vector<InputPath> inputs;
  for (const std::string& file : options.challenges) {
    inputs.push_back({file, "a challenges file"});
    inputs.push_back({arc::solutions_beside(file).string(), "a solutions file"});
  }
  check_paths(inputs, std::array{OutputPath{options.output, OutputKind::json}}, common.force);
  const arc::BuilderOptions builder{seed_of(common, *options.command), options.augmentations};
  const std::vector<arc::Subset> subsets = read_subsets(options);
  std::size_t tasks = 0;
  for (const arc::Subset& subset : subsets) tasks += subset.tasks.size();
  std::int64_t ids = options.first_id;
  std::size_t not_full = 0;
  AtomicFile file(options.output);
  for (std::int64_t id = 0; id < options.first_id; ++id) file.write(id == 0 ? "[\"<blank>\"" : ", \"<blank>\"");
  {
    Progress progress(tasks, "tasks", common.quiet);
    arc::for_each_named_task(subsets, builder, [&](const arc::NamedTask& task) {
      std::string text;
      for (const std::string& name : task.names) text += ", " + arc::json_string(name);
      file.write(text);
      ids += static_cast<std::int64_t>(task.names.size());
      not_full += task.augmentations < options.augmentations ? 1 : 0;
      progress.advance();
      return !interrupted();
    });
  }
  if (interrupted()) {
    note("trm: interrupted: " + options.output + " is not written");
    return exit_interrupted;
  }
  file.write("]");
  file.commit();
  if (common.json) {
    print(json_line(nlohmann::ordered_json{{"identifiers", ids},
                                           {"tasks", tasks},
                                           {"not_full", not_full},
                                           {"seed", builder.seed},
                                           {"augmentations", builder.augmentations},
                                           {"seconds", watch.seconds()},
                                           {"peak_rss_bytes", peak_rss_bytes()}}));
  }
  if (!common.quiet) {
    note(options.output + ": " + std::to_string(ids) + " ids of " + std::to_string(tasks) + " tasks, " +
         (options.first_id == 1 ? "the blank one" : std::to_string(options.first_id) + " blank ones") + " included" +
         (not_full > 0 ? "; " + std::to_string(not_full) + " tasks have fewer augmentations that differ" : "") + "; " +
         duration_text(watch.seconds()) + ", peak memory " + size_text(peak_rss_bytes()));
  }
  return exit_done;
}

}  // namespace

void add_identifiers(CLI::App& app, Program& program) {
  CLI::App* command = add_command(
      app, "identifiers", "Rebuild the identifiers.json of an ARC data set from its challenges.",
      "  trm identifiers --challenges arc-agi_training_challenges.json arc-agi_evaluation_challenges.json \\\n"
      "                  --test-set evaluation --num-aug 1000 --seed 42 -o identifiers.json\n"
      "\n"
      "The same files in the same order, number and seed that the reference's builder was given (--subsets,\n"
      "--num-aug, --seed) give the same bytes. The order matters: all random choices come from one generator.\n"
      "A file's subset is what its name says before _challenges.json: arc-agi_evaluation_challenges.json is\n"
      "'evaluation'. Answers are read from <name>_solutions.json beside <name>_challenges.json, since which\n"
      "augmentations differ depends on them; without that file, as in the builder, from the challenges themselves\n"
      "or a dummy.");
  auto options = std::make_shared<IdentifiersOptions>();
  options->command = command;
  command->add_option("--challenges", options->challenges, "Challenges files in the order of the builder's --subsets")
      ->required()
      ->type_name("FILE...");
  command
      ->add_option("--test-set", options->test_set,
                   "The builder's --test-set-name. It moves test examples between the splits\n"
                   "and changes no id; a name that is no subset is warned of")
      ->type_name("NAME");
  command->add_option("--num-aug", options->augmentations, "Augmentations of each task")
      ->required()
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{10'000'000}).description(""))
      ->type_name("N");
  command
      ->add_option("--puzzle-identifiers-start", options->first_id,
                   "The builder's option of this name: id of the first puzzle (default: 1);\n"
                   "the ids below it are blank")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{100'000'000}).description(""))
      ->type_name("N");
  command->add_option("-o,--output", options->output, "File to write")->required()->type_name("FILE");
  set_action(command, program, options, write_identifiers, OnInterrupt::stop);
}

}  // namespace trm
