#include "convert/model_config.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/error.hpp"
#include "io/text.hpp"
#include "models/family.hpp"

namespace trm {
namespace {

// Fields without a default in the reference implementation.
std::vector<const char*> required_fields(const Family& the_family) {
  std::vector<const char*> required = {"hidden_size", "num_heads", "expansion", "halt_max_steps", "pos_encodings"};
  if (the_family.h_level) required.push_back("H_layers");
  if (the_family.l_level) required.insert(required.end(), {"L_layers", "H_cycles", "L_cycles"});
  if (the_family.mamba) required.push_back("mamba_layers");
  return required;
}

YAML::Node parse(const std::string& text, const std::string& where) {
  try {
    return YAML::Load(text);
  } catch (const YAML::Exception& error) {
    const auto place = error.mark.is_null() ? std::string() : "line " + std::to_string(error.mark.line + 1);
    throw input_error(where, place, "not YAML: " + error.msg);
  }
}

// The node whose entries are the model's fields.
YAML::Node read_arch(const std::filesystem::path& file) {
  if (file.empty()) return YAML::Node(YAML::NodeType::Map);
  const YAML::Node root = parse(read_small_file(file), file.string());
  if (!root.IsMap()) throw input_error(file.string(), "", "not a configuration: no mapping of keys to values");
  const YAML::Node arch = root["arch"];
  if (!arch) return root;
  if (!arch.IsMap()) throw input_error(file.string(), "arch", "not a mapping of keys to values");
  return arch;
}

bool is_field(std::string_view key) {
  const auto fields = hyperparameter_fields();
  return key == "name" ||
         std::any_of(fields.begin(), fields.end(), [&](const auto& field) { return key == field.name; });
}

void apply(const std::string& override, YAML::Node& arch) {
  const auto equals = override.find('=');
  std::string key = override.substr(0, equals);
  if (key.starts_with("arch.")) key.erase(0, 5);
  if (equals == std::string::npos || !is_field(key)) {
    std::string known = "name";
    for (const auto& field : hyperparameter_fields()) known += std::string(", ") + field.name;
    throw Error(ErrorKind::usage, {.file = {},
                                   .place = override,
                                   .what = equals == std::string::npos ? "no '='" : "unknown key",
                                   .remedy = "known keys: " + known,
                                   .settings = {"overrides"}});
  }
  arch[key == "family" ? "name" : key] = parse(override.substr(equals + 1), override);
}

// "recursive_reasoning.trm@TinyRecursiveReasoningModel_ACTV1" is the family "trm".
const Family& family_of(const YAML::Node& arch, const std::string& where, std::span<const Family* const> recognised) {
  if (!arch["name"]) {
    if (recognised.size() == 1) return *recognised.front();
    throw input_error(where, "arch",
                      "name is missing, and the tensors' names are those of " +
                          (recognised.empty() ? "no family" : "several families: " + family_names(recognised)),
                      "set name to one of " + family_names(recognised.empty() ? all_families() : recognised),
                      {"overrides"});
  }
  std::string name = arch["name"].IsScalar() ? arch["name"].Scalar() : "";
  name = name.substr(0, name.find('@'));
  name = name.substr(name.rfind('.') + 1);  // npos + 1 is 0
  try {
    return family(name);
  } catch (const Error& error) {
    throw input_error(where, "arch.name", error.what(), "correct it there, or override name", {"overrides"});
  }
}

// False: the node cannot be read as such a value.
template <class T>
bool assign(const YAML::Node& node, T& out) {
  return node.IsScalar() && YAML::convert<T>::decode(node, out);
}
bool assign(const YAML::Node& node, PositionEncoding& out) {
  const auto encoding = node.IsScalar() ? parse_position_encoding(node.Scalar()) : std::nullopt;
  if (encoding) out = *encoding;
  return encoding.has_value();
}

std::string shown(const YAML::Node& node) {
  return node.IsScalar() ? "\"" + node.Scalar() + "\"" : "not a single value";
}

// Checks what the configuration alone fixes: sizes still unknown count as 1.
void check(Hyperparameters h, const std::string& where) {
  for (auto* size : {&h.vocab_size, &h.seq_len, &h.num_puzzle_identifiers}) *size = std::max<std::int64_t>(*size, 1);
  try {
    validate(h);
  } catch (const Error& error) {
    throw input_error(where, "", error.what(), "correct it there, or override it", {"overrides"});
  }
}

}  // namespace

ModelConfig read_model_config(const std::filesystem::path& file, std::span<const std::string> overrides,
                              std::span<const Family* const> recognised) {
  const std::string where = file.empty() ? "no all_config.yaml beside the checkpoint" : file.string();
  YAML::Node arch = read_arch(file);
  for (const auto& override : overrides) apply(override, arch);

  std::string problems;
  const auto report = [&](const std::string& problem) { problems += (problems.empty() ? "" : "; ") + problem; };
  const Family& the_family = family_of(arch, where, recognised);
  for (const char* key : required_fields(the_family)) {
    if (!arch[key]) report(std::string(key) + " is missing");
  }
  Hyperparameters h;
  h.puzzle_emb_len = the_family.from_hrm ? 0 : 16;  // the reference's defaults
  h.no_act_continue = !the_family.from_hrm;
  for (const auto& field : hyperparameter_fields()) {
    const YAML::Node node = arch[field.name];
    if (!node || (field.of_mamba && !the_family.mamba)) continue;
    if (!std::visit([&](auto member) { return assign(node, h.*member); }, field.member)) {
      report(std::string(field.name) + " is " + shown(node));
    }
  }
  if (!problems.empty()) {
    throw input_error(where, "arch", problems, "give the training run's all_config.yaml, or override the fields",
                      {"config", "overrides"});
  }
  h.family = the_family.name;
  if (h.puzzle_emb_len == 0 && h.hidden_size > 0) {
    h.puzzle_emb_len = (h.puzzle_emb_ndim + h.hidden_size - 1) / h.hidden_size;
  }
  check(h, where);
  return {h, !arch["name"]};
}

DataSetSizes read_data_set_sizes(const std::filesystem::path& file) {
  const auto json = nlohmann::json::parse(read_small_file(file), nullptr, false);
  if (!json.is_object()) throw input_error(file.string(), "", "not a JSON object", "give the data set's dataset.json");
  const auto size = [&](const char* key) -> std::optional<std::int64_t> {
    const auto found = json.find(key);
    if (found == json.end()) return std::nullopt;
    if (!found->is_number_integer() || found->get<std::int64_t>() < 1) {
      throw input_error(file.string(), key, "is " + found->dump() + ", not a positive integer");
    }
    return found->get<std::int64_t>();
  };
  return {.seq_len = size("seq_len"),
          .vocab_size = size("vocab_size"),
          .num_puzzle_identifiers = size("num_puzzle_identifiers")};
}

}  // namespace trm
