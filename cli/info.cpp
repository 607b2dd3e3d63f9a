// trm info: what a model file or a checkpoint holds, and what this CPU can run.

#include <array>
#include <nlohmann/json.hpp>

#include "arc/model_task.hpp"
#include "base/error.hpp"
#include "cli/command.hpp"
#include "cli/cost.hpp"
#include "cli/json_line.hpp"
#include "cli/terminal.hpp"
#include "convert/checkpoint/checkpoint.hpp"
#include "io/byte_source.hpp"
#include "io/text.hpp"
#include "models/model_file.hpp"
#include "models/puzzle_table.hpp"
#include "models/tensor_list.hpp"
#include "puzzles/kinds.hpp"
#include "puzzles/sudoku.hpp"
#include "runtime/cpu.hpp"
#include "runtime/kernels/kernel_set.hpp"

namespace trm {
namespace {

using Json = nlohmann::ordered_json;

struct InfoOptions {
  std::string file;
  bool verify = false;
  bool cpu = false;
};

bool is_gguf(const std::string& path) {
  const ByteSource source = ByteSource::open(path);
  std::array<char, 4> start{};
  if (source.size() < start.size()) return false;
  source.read(0, std::as_writable_bytes(std::span(start)));
  return std::string_view(start.data(), start.size()) == "GGUF";
}

std::int64_t elements(std::span<const std::int64_t> shape) {
  std::int64_t count = 1;
  for (const auto size : shape) count *= size;
  return count;
}

std::string metadata_text(const gguf::File& file, std::string_view key) {
  const auto* value = file.find(key);
  const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return text == nullptr ? "" : *text;
}

// Fields of other families, and what a field means that the family does not read, would only confuse.
bool shown(const HyperparameterField& field, const Hyperparameters& h) {
  if (field.presence == FieldPresence::with_mamba) return h.mamba_layers > 0;
  if (field.presence == FieldPresence::always) {
    return field.name != std::string_view("rope_theta") || h.pos_encodings == PositionEncoding::rope;
  }
  return std::visit([&](auto member) { return h.*member != Hyperparameters{}.*member; }, field.member);
}

// What puzzles of so many cells and tokens are.
std::string task_of(const Hyperparameters& h) {
  const std::string_view task = arc::task_of(h);
  if (task == "sudoku") return "sudoku";
  if (task == "maze") return "mazes";
  if (task == "arc") return "ARC";
  return "puzzles of " + std::to_string(h.seq_len) + " cells, " + std::to_string(h.vocab_size) + " tokens";
}

// Of the layers' weights of attention and the MLP over the channels: others may be in more bits.
std::string weights_type(const gguf::File& file, const Hyperparameters& h) {
  for (const auto& spec : tensor_list(h)) {
    const auto* tensor = spec.role == TensorRole::weight ? file.find_tensor(spec.name) : nullptr;
    if (tensor != nullptr) return gguf::to_string(tensor->type);
  }
  return "";
}

Json hyperparameters_json(const Hyperparameters& h) {
  Json object;
  for (const auto& field : hyperparameter_fields()) {
    if (!shown(field, h)) continue;
    std::visit(
        [&]<class T>(T Hyperparameters::*member) {
          if constexpr (std::is_same_v<T, PositionEncoding>) {
            object[field.name] = to_string(h.*member);
          } else {
            object[field.name] = h.*member;
          }
        },
        field.member);
  }
  return object;
}

// Parameters without the id table, as papers count them.
std::int64_t parameters(const Hyperparameters& h) {
  std::int64_t count = 0;
  for (const auto& spec : tensor_list(h)) count += spec.role == TensorRole::id_table ? 0 : elements(spec.shape);
  return count;
}

Json describe_model(const gguf::File& file) {
  const Hyperparameters h = read_hyperparameters(file);
  const PuzzleTable puzzles(file);
  const auto checksums = std::get<std::vector<std::uint64_t>>(*file.find("trm.checksums"));
  Json tensors = Json::array();
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < file.tensors().size(); ++i) {
    const auto& tensor = file.tensors()[i];
    std::array<char, 17> sum{};
    std::snprintf(sum.data(), sum.size(), "%016llx", static_cast<unsigned long long>(checksums.at(i)));
    tensors.push_back({{"name", tensor.name},
                       {"type", gguf::to_string(tensor.type)},
                       {"shape", tensor.shape},
                       {"bytes", tensor.bytes()},
                       {"xxh3", sum.data()}});
    bytes += tensor.bytes();
  }
  return {{"file", file.name()},
          {"kind", "model"},
          {"task", task_of(h)},
          {"family", h.family},
          {"type", weights_type(file, h)},
          {"steps", h.halt_max_steps},
          {"isa", kernel_set().name},
          {"parameters", parameters(h)},
          {"hyperparameters", hyperparameters_json(h)},
          {"puzzle_ids", {{"rows", puzzles.rows()}, {"of", h.num_puzzle_identifiers}, {"named", puzzles.named()}}},
          {"source",
           {{"file", metadata_text(file, "trm.source.file")}, {"sha256", metadata_text(file, "trm.source.sha256")}}},
          {"converter", metadata_text(file, "trm.converter.version")},
          {"tensor_bytes", bytes},
          {"tensors", tensors}};
}

Json describe_checkpoint(const Checkpoint& checkpoint) {
  Json tensors = Json::array();
  std::int64_t total = 0;
  for (const auto& tensor : checkpoint.tensors()) {
    const std::int64_t bytes = elements(tensor.shape) * static_cast<std::int64_t>(element_size(tensor.type));
    tensors.push_back(
        {{"name", tensor.key}, {"type", to_string(tensor.type)}, {"shape", tensor.shape}, {"bytes", bytes}});
    total += bytes;
  }
  Json unread = Json::array();
  for (const auto& item : checkpoint.skipped()) {
    if (item.tensor) unread.push_back({{"name", item.key}, {"what", item.what}});
  }
  Json description = {{"file", checkpoint.name()},
                      {"kind", "checkpoint"},
                      {"container", checkpoint.container()},
                      {"tensor_bytes", total},
                      {"tensors", tensors}};
  if (!unread.empty()) description["not_read"] = unread;
  if (!checkpoint.configuration().key.empty()) description["configuration"] = checkpoint.configuration().key;
  return description;
}

Json describe_cpu() {
  Json sets = Json::array();
  for (const auto* kernels : available_kernel_sets()) sets.push_back(kernels->name);
  return {{"kernel_sets", sets}, {"default", kernel_set().name}, {"threads", available_threads()}};
}

// The same for people: one line a value, one line a tensor.
std::string as_text(const Json& description, std::size_t indent = 0) {
  constexpr std::size_t column = 26;
  std::string text;
  for (const auto& [key, value] : description.items()) {
    const std::string start = std::string(indent, ' ') + key;
    if (key == "tensors") {
      text += start + '\n';
      for (const auto& tensor : value) {
        const auto shape = tensor["shape"].get<std::vector<std::int64_t>>();
        text += "  " + tensor["type"].get<std::string>() + "  " + shape_text(shape) + "  " +
                printable(tensor["name"].get<std::string>()) +
                (tensor.contains("xxh3") ? "  " + tensor["xxh3"].get<std::string>() : "") + '\n';
      }
    } else if (key == "not_read") {
      text += start + '\n';
      for (const auto& tensor : value) {
        text += "  " + printable(tensor["name"].get<std::string>()) + "  " +
                printable(tensor["what"].get<std::string>()) + '\n';
      }
    } else if (value.is_object()) {
      text += start + '\n' + as_text(value, indent + 2);
    } else {
      const std::string shown = value.is_string()       ? printable(value.get<std::string>())
                                : key == "tensor_bytes" ? size_text(value.get<std::int64_t>())
                                                        : value.dump();
      text += start;
      text.append(column - std::min(start.size(), column - 1), ' ').append(shown).append(1, '\n');
    }
  }
  return text;
}

Json describe(const InfoOptions& options) {
  if (options.cpu) return describe_cpu();
  if (!is_gguf(options.file)) {
    if (options.verify)
      throw Error(ErrorKind::usage, options.file + ": --verify is for model files: a checkpoint has no checksums");
    return describe_checkpoint(Checkpoint::open(options.file));
  }
  const auto file = gguf::File::open(options.file);
  if (options.verify) verify_whole(file);
  Json description = describe_model(file);
  if (options.verify) description["verified"] = true;
  return description;
}

int info(const CommonOptions& common, const InfoOptions& options) {
  if (options.cpu == !options.file.empty()) {
    throw Error(ErrorKind::usage, "info: give a file or --cpu; 'trm info --help' explains");
  }
  const Json description = describe(options);
  print(common.json ? json_line(description) : as_text(description));
  return exit_done;
}

}  // namespace

void add_info(CLI::App& app, Program& program) {
  CLI::App* command =
      add_command(app, "info", "Show what a model file or a checkpoint holds, or what this CPU can run.",
                  "  trm info sudoku.gguf             family, hyperparameters, tensors, puzzle ids, provenance\n"
                  "  trm info sudoku.gguf --verify    and compare everything with its checksums\n"
                  "  trm info step_518071 --json      the tensors of a checkpoint\n"
                  "  trm info --cpu                   kernel sets for --isa");
  auto options = std::make_shared<InfoOptions>();
  command->add_option("FILE", options->file, "Model file, or checkpoint (torch, .safetensors, .npz)")->type_name("");
  command->add_flag("--verify", options->verify,
                    "Compare every tensor and every row of the id table with its checksum");
  command->add_flag("--cpu", options->cpu, "List the kernel sets that this CPU can run, fastest last");
  set_action(command, program, options, info, OnInterrupt::die);
}

}  // namespace trm
