// trm study: what a model's result is made of.

#include "cli/study/study.hpp"

#include <array>
#include <filesystem>

#include "base/error.hpp"
#include "cli/interrupt.hpp"
#include "cli/paths.hpp"
#include "io/atomic_file.hpp"

namespace trm {

void add_plot_option(CLI::App& command, std::string& plot) {
  command.add_option("--plot", plot, "Draw it, with intervals, into an SVG file")
      ->check(CLI::Validator(
          [](const std::string& path) {
            if (path.ends_with(".svg") || path.starts_with("/dev/")) return std::string();
            return "'" + path + "': only SVG is drawn; give a name such as " +
                   std::filesystem::path(path).replace_extension(".svg").string();
          },
          "", ""))
      ->type_name("FILE.svg");
}

void add_wide_option(CLI::App& command, bool& wide) {
  command.add_flag("--wide", wide, "Show both ends of every interval; the table then needs more than 80 columns");
}

CLI::Option* add_study_options(CLI::App& command, StudyOptions& options) {
  CLI::Option* data = add_example_options(command, options.examples);
  command.add_option("--steps", options.steps, "Supervision steps to run (default: what the model was trained for)")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 20).description(""))
      ->type_name("N");
  add_plot_option(command, options.plot);
  add_wide_option(command, options.wide);
  return data;
}

Study open_study(const CommonOptions& common, const StudyOptions& options) {
  check_paths(std::array{InputPath{options.model, "the model"}, InputPath{options.examples.data, "the data set"}},
              std::array{OutputPath{options.plot, OutputKind::svg}}, common.force);
  Study study{.session = open_session(options.model, common, {.steps = options.steps}), .data = {}};
  study.data = open_data_set(options.examples.data, study.session.model, study.session.name);
  study.total = examples_to_read(options.examples, study.data);
  return study;
}

std::string subject(const std::string& model, const std::string& data) {
  const std::filesystem::path path = std::filesystem::path(data).lexically_normal();
  const auto name = path.has_filename() ? path.filename() : path.parent_path().filename();
  return std::filesystem::path(model).filename().string() + " on " + name.string();
}

void require_labels(std::size_t labelled, const DataSet& data) {
  if (labelled > 0 || interrupted()) return;
  throw input_error(data.name, "", "no example has a label, so nothing can be counted", "give data with answers");
}

void write_plot(const std::string& path, const LinePlot& plot) {
  if (!path.empty()) write_file(path, to_svg(plot));
}

void add_study(CLI::App& app, Program& program) {
  CLI::App* study =
      add_command(app, "study", "Find out what a model's result is made of.",
                  "  trm study steps sudoku.gguf test.csv --plot steps.svg\n"
                  "  trm study noise sudoku.gguf test.csv --noise 0,0.1,0.3 --samples 8\n"
                  "  trm study tries sudoku.gguf test.csv --plot tries.svg\n"
                  "  trm study quantization sudoku.gguf test.csv --type int8\n"
                  "  trm study identity arc.gguf --challenges c.json --solutions s.json --limit 100\n"
                  "  trm study votes submission.json.journal --solutions solutions.json\n"
                  "  trm study trace ours theirs\n"
                  "  trm study steps --help      everything about one of them\n"
                  "\n"
                  "Every share comes with its number of examples and its 95 % interval; a table on stdout, or --json.");
  study->require_subcommand(1);
  add_identity_study(*study, program);
  add_steps_study(*study, program);
  add_votes_study(*study, program);
  add_quantization_study(*study, program);
  add_noise_study(*study, program);
  add_trace_study(*study, program);
  add_tries_study(*study, program);
}

}  // namespace trm
