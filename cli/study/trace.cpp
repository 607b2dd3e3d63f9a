// trm study trace: all intermediate tensors of a step, and the first in which two implementations differ.

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "cli/json_line.hpp"
#include "cli/raw_inputs.hpp"
#include "cli/study/study.hpp"
#include "cli/study/trace_folder.hpp"
#include "cli/terminal.hpp"
#include "io/shape.hpp"
#include "models/trace_step.hpp"

namespace trm {
namespace {

struct TraceOptions {
  std::string a;  // a model to trace, or a trace
  std::string b;  // a trace to compare with
  RawInputOptions inputs;
  std::size_t sample = 0;
  std::int64_t step = 1;
  std::string out;
  double tolerance = 1e-4;
};

// A trace holds files that other folders have, too, such as logits.npy.
void make_trace_folder(const std::filesystem::path& folder, bool force) {
  std::error_code failure;
  const bool empty = !std::filesystem::exists(folder, failure) || std::filesystem::is_empty(folder, failure);
  if (!force && !empty && !std::filesystem::exists(folder / "index.txt", failure)) {
    throw Error(ErrorKind::usage, folder.string() +
                                      ": holds other files than a trace, which could be replaced; "
                                      "give a new folder, or --force");
  }
  make_folder(folder);
}

int write_trace(const CommonOptions& common, const TraceOptions& options) {
  if (options.inputs.inputs.empty() || options.out.empty()) {
    throw Error(ErrorKind::usage,
                "study trace: a model needs --inputs X.npy and -o DIR; two folders, A and B, are "
                "compared");
  }
  const CommandSession session = open_session(options.a, common, {});
  const RawInputs inputs = read_raw_inputs(options.inputs, session.model, session.name);
  if (options.sample >= inputs.samples.size()) {
    throw Error(ErrorKind::usage, "--sample " + std::to_string(options.sample) + ": " + options.inputs.inputs +
                                      " has samples 0 to " + std::to_string(inputs.samples.size() - 1));
  }
  make_trace_folder(options.out, common.force);
  TraceWriter writer(options.out);
  trace_step(session.model, inputs.samples[options.sample], options.step,
             [&](const std::string& name, MatrixView<const float> rows, std::int64_t first) {
               writer.take(name, rows, first);
             });
  const std::size_t count = writer.finish();
  if (common.json) print(json_line({{"tensors", count}, {"step", options.step}}));
  if (!common.quiet) note(std::to_string(count) + " tensors of step " + std::to_string(options.step));
  return exit_done;
}

std::string scientific(double value) {
  std::string text(32, '\0');
  text.resize(static_cast<std::size_t>(std::snprintf(text.data(), text.size(), "%.3g", value)));
  return text;
}

void print_text(const TraceComparison& found, const TraceOptions& options) {
  if (found.first) {
    const TensorDifference& d = *found.first;
    print("first difference: " + d.name + ' ' + shape_text(d.shape_a) + '\n');
    if (d.shape_a != d.shape_b) {
      print("  the shape in " + options.b + " is " + shape_text(d.shape_b) + '\n');
    } else {
      print("  largest difference " + scientific(d.largest) + " at " + shape_text(d.place) + ": " +
            scientific(static_cast<double>(d.value_a)) + " and " + scientific(static_cast<double>(d.value_b)) + "; " +
            scientific(options.tolerance * d.magnitude) + " is allowed: " + scientific(options.tolerance) +
            " of the largest magnitude, " + scientific(d.magnitude) + '\n');
    }
    if (!d.hint.empty()) print("  " + d.hint + '\n');
  }
  print(std::to_string(found.agree) + " of " + std::to_string(found.compared) + " tensors agree; " +
        std::to_string(found.only_a) + " are only in A, " + std::to_string(found.only_b) + " only in B\n");
}

void print_json(const TraceComparison& found) {
  nlohmann::ordered_json object{{"compared", found.compared},
                                {"agree", found.agree},
                                {"only_in_a", found.only_a},
                                {"only_in_b", found.only_b},
                                {"first", nullptr}};
  if (found.first) {
    const TensorDifference& d = *found.first;
    object["first"] = {{"name", d.name}, {"shape_a", d.shape_a}, {"shape_b", d.shape_b}, {"difference", d.largest},
                       {"at", d.place},  {"a", d.value_a},       {"b", d.value_b},       {"magnitude", d.magnitude},
                       {"hint", d.hint}};
  }
  print(json_line(object));
}

int study_trace(const CommonOptions& common, const TraceOptions& options) {
  if (options.b.empty()) return write_trace(common, options);
  if (!options.inputs.inputs.empty() || !options.out.empty()) {
    throw Error(ErrorKind::usage, "study trace: --inputs and -o are for tracing a model; A and B are folders");
  }
  const TraceComparison found = compare_traces(options.a, options.b, options.tolerance);
  if (found.compared == 0) {
    throw input_error(options.b, "", "has no tensor of a name that " + options.a + " has",
                      "name tensors as 'trm study trace' does");
  }
  common.json ? print_json(found) : print_text(found, options);
  return found.first ? exit_work : exit_done;
}

}  // namespace

void add_trace_study(CLI::App& study, Program& program) {
  CLI::App* command = add_command(
      study, "trace", "Find the first intermediate tensor in which two implementations differ.",
      "  trm study trace model.gguf --inputs inputs.npy --puzzle-identifiers ids.npy -o ours\n"
      "  tests/reference/trace.py checkpoint --inputs inputs.npy --puzzle-identifiers ids.npy -o theirs\n"
      "  trm study trace ours theirs\n"
      "\n"
      "With a model: writes the tensors of one step of one sample, each as NAME.npy, and index.txt with their names "
      "in\n"
      "the order of computation. A name is that of PyTorch's module: pass3.L_level.layers.0.mlp.input is the input of\n"
      "that module in pass 3 of the step (from 0); without .input, its output. layers.0 is a layer's output.\n"
      "With two folders: names the first tensor of A that differs from B's, with its largest difference. Only names\n"
      "that both have are compared. Exit code 0: all agree; 1: some differ.\n"
      "int8 rounds every activation: compare it with a larger --tolerance, such as 0.5.");
  auto options = std::make_shared<TraceOptions>();
  command->add_option("A", options->a, "Model file (.gguf) to trace, or the folder of a trace")
      ->required()
      ->type_name("");
  command->add_option("B", options->b, "Folder of the trace to compare A with")->type_name("");
  add_raw_input_options(*command, options->inputs);
  command->add_option("--sample", options->sample, "Which sample of the inputs, from 0 (default: 0)")->type_name("N");
  command->add_option("--step", options->step, "Which supervision step, from 1 (default: 1)")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 20).description(""))
      ->type_name("K");
  command->add_option("-o,--out", options->out, "Folder for the trace; made if it is missing")->type_name("DIR");
  command
      ->add_option("--tolerance", options->tolerance,
                   "Largest difference that counts as none, as a share of the\nlargest magnitude in B's tensor "
                   "(default: 1e-4)")
      ->check(CLI::Range(0.0, 1e6).description(""))
      ->type_name("X");
  set_action(command, program, options, study_trace, OnInterrupt::die);
}

}  // namespace trm
