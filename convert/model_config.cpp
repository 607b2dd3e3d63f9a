#include "convert/model_config.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "io/json.hpp"
#include "models/family.hpp"

namespace trm {
namespace {

// Modules of projects that train TRM in another way (CGAR: a curriculum of depths) and leave the model as it is.
constexpr std::array<std::string_view, 1> trm_under_other_names = {"trm_cgar"};

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

// A configuration's two places of fields. They are one node where there is no `arch:`.
struct Fields {
  YAML::Node root;
  YAML::Node arch;  // the model's fields
};

Fields read_fields(const ConfigText& config) {
  const YAML::Node empty(YAML::NodeType::Map);
  if (config.text.empty()) return {empty, empty};
  YAML::Node root = parse(config.text, config.name);
  if (!root.IsMap()) throw input_error(config.name, "", "not a configuration: no mapping of keys to values");
  for (const char* wrapper : {"config", "cfg"}) {  // as some trainers keep the whole configuration in a larger one
    if (!root["arch"] && root[wrapper] && root[wrapper].IsMap()) root.reset(root[wrapper]);
  }
  YAML::Node arch = root["arch"] ? root["arch"] : root;
  if (!arch.IsMap()) throw input_error(config.name, "arch", "not a mapping of keys to values");
  return {root, arch};
}

// The value of a field, where "${.key}", "${arch.key}" and "${key}" are replaced by the values that they name.
// An undefined node for a name that is not there, or that leads back to itself.
YAML::Node resolve(const Fields& fields, const std::string& key) {
  constexpr int longest_chain = 8;
  YAML::Node node = std::as_const(fields.arch)[key];
  for (int i = 0; i < longest_chain; ++i) {
    if (!node || !node.IsScalar()) return node;
    std::string_view text = node.Scalar();
    if (!text.starts_with("${") || !text.ends_with('}')) return node;
    text = text.substr(2, text.size() - 3);
    const bool of_arch = text.starts_with('.') || text.starts_with("arch.");
    if (of_arch) text.remove_prefix(text.find('.') + 1);
    const YAML::Node next = std::as_const(of_arch ? fields.arch : fields.root)[std::string(text)];
    if (!next) return YAML::Node(YAML::NodeType::Undefined);
    node.reset(next);
  }
  return YAML::Node(YAML::NodeType::Undefined);
}

// A null stands for "not set", as in the reference.
bool is_set(const YAML::Node& node) {
  return node && !node.IsNull();
}

bool is_field(std::string_view key) {
  const auto fields = hyperparameter_fields();
  return key == "name" || std::ranges::any_of(fields, [&](const auto& field) { return key == field.name; }) ||
         std::ranges::any_of(all_families(), [&](const Family* one) {
           return !key.empty() &&
                  std::ranges::find(one->field_names, key, &FieldName::theirs) != one->field_names.end();
         });
}

// What a family's configurations call one of our fields; empty where they have no such field. Of several names, the
// first that the configuration sets, or else the first.
std::string name_in(const Fields& fields, const Family& the_family, std::string_view field) {
  std::string first(field);
  bool found = false;
  for (const auto& [theirs, ours] : the_family.field_names) {
    if (ours != field) continue;
    if (is_set(std::as_const(fields.arch)[std::string(theirs)])) return std::string(theirs);
    if (!found) first = theirs;
    found = true;
  }
  return first;
}

struct Override {
  std::string key;  // without "arch."; "name" for the family
  YAML::Node value;
};

Override parse_override(const std::string& override) {
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
  return {key == "family" ? "name" : key, parse(override.substr(equals + 1), override)};
}

// "recursive_reasoning.trm@TinyRecursiveReasoningModel_ACTV1" is the family "trm".
const Family& family_of(const YAML::Node& name_node, const std::string& where,
                        std::span<const Family* const> recognised) {
  if (!is_set(name_node)) {
    if (recognised.size() == 1) return *recognised.front();
    throw input_error(where, "arch",
                      "name is missing, and the tensors' names are those of " +
                          (recognised.empty() ? "no family" : "several families: " + family_names(recognised)),
                      "set name to one of " + family_names(recognised.empty() ? all_families() : recognised),
                      {"overrides"});
  }
  std::string name = name_node.IsScalar() ? name_node.Scalar() : "";
  name = name.substr(0, name.find('@'));
  name = name.substr(name.rfind('.') + 1);  // npos + 1 is 0
  if (std::ranges::find(trm_under_other_names, name) != trm_under_other_names.end()) name = "trm";
  try {
    return family(name);
  } catch (const Error& error) {
    throw input_error(where, "arch.name", error.what(), "correct it there, or override name", {"overrides"});
  }
}

// Reads a node into `out`. False where the node holds no such value.
template <class T>
bool assign(const YAML::Node& node, T& out) {
  return node.IsScalar() && YAML::convert<T>::decode(node, out);
}
bool assign(const YAML::Node& node, std::string& out) {
  if (!node.IsScalar()) return false;
  out = node.Scalar() == "None" ? "none" : node.Scalar();  // as Python prints an absent value
  return true;
}
bool assign(const YAML::Node& node, std::int64_t& out) {
  if (!node.IsScalar()) return false;
  if (YAML::convert<std::int64_t>::decode(node, out)) return true;
  double number = 0;  // "16.0", "1e3"
  constexpr double largest = 1e15;
  if (!YAML::convert<double>::decode(node, number) || std::abs(number) > largest || std::trunc(number) != number) {
    return false;
  }
  out = static_cast<std::int64_t>(number);
  return true;
}
bool assign(const YAML::Node& node, PositionEncoding& out, const Family& the_family) {
  const auto encoding = node.IsScalar() ? the_family.positions(node.Scalar()) : std::nullopt;
  if (encoding) out = *encoding;
  return encoding.has_value();
}

// Reads a node into a field of `h`. False where the node holds no value of its kind.
bool assign(const YAML::Node& node, const HyperparameterField& field, const Family& the_family, Hyperparameters& h) {
  if (const auto* encoding = std::get_if<PositionEncoding Hyperparameters::*>(&field.member)) {
    return assign(node, h.*(*encoding), the_family);
  }
  return std::visit(
      [&](auto member) {
        using T = std::remove_reference_t<decltype(h.*member)>;
        if constexpr (std::is_same_v<T, PositionEncoding>)
          return false;
        else
          return assign(node, h.*member);
      },
      field.member);
}

std::string shown(const YAML::Node& node) {
  return node.IsScalar() ? "\"" + node.Scalar() + "\"" : "not a single value";
}

// Checks the fields that the configuration gives. Sizes that it does not know yet count as 1.
void check(Hyperparameters h, const std::string& where) {
  for (auto* size : {&h.vocab_size, &h.seq_len, &h.num_puzzle_identifiers}) *size = std::max<std::int64_t>(*size, 1);
  try {
    validate(h);
  } catch (const Error& error) {
    throw input_error(where, "", error.what(), "correct it there, or override it", {"overrides"});
  }
}

}  // namespace

ModelConfig read_model_config(const ConfigText& config, std::span<const std::string> overrides,
                              const Recognised& recognised) {
  const std::string& where = config.name;
  Fields fields = read_fields(config);
  std::vector<Override> given_overrides;
  for (const auto& override : overrides) given_overrides.push_back(parse_override(override));
  for (const auto& [key, value] : given_overrides) {
    if (key == "name") fields.arch["name"] = value;
  }

  std::string problems;
  const auto report = [&](const std::string& problem) { problems += (problems.empty() ? "" : "; ") + problem; };
  const YAML::Node name = resolve(fields, "name");
  const Family& the_family = family_of(name, where, recognised.families);
  for (const auto& [key, value] : given_overrides) {
    const std::string theirs = name_in(fields, the_family, key);
    if (!theirs.empty()) fields.arch[theirs] = value;
  }
  for (const char* key : required_fields(the_family)) {
    const std::string theirs = name_in(fields, the_family, key);
    if (!theirs.empty() && !is_set(std::as_const(fields.arch)[theirs])) report(theirs + " is missing");
  }
  Hyperparameters h;
  h.puzzle_emb_len = the_family.from_hrm ? 0 : 16;  // the reference's defaults
  h.no_act_continue = !the_family.from_hrm;
  if (the_family.defaults != nullptr) the_family.defaults(h);
  for (const auto& field : hyperparameter_fields()) {
    const std::string theirs = name_in(fields, the_family, field.name);
    const bool unread = theirs.empty() || (field.presence == FieldPresence::with_mamba && !the_family.mamba) ||
                        (field.presence == FieldPresence::fixed_point && !the_family.fixed_point);
    const YAML::Node given = unread ? YAML::Node() : std::as_const(fields.arch)[theirs];
    if (!is_set(given)) continue;
    const YAML::Node node = resolve(fields, theirs);
    if (!node) {
      report(theirs + " is " + shown(given) + ", which names no value");
    } else if (!assign(node, field, the_family, h)) {
      report(theirs + " is " + shown(node));
    }
  }
  if (!problems.empty()) {
    throw input_error(where, "arch", problems, "give the training run's all_config.yaml, or override the fields",
                      {"config", "overrides"});
  }
  h.family = the_family.name;
  if (the_family.derives_prefix && h.puzzle_emb_len == 0 && h.hidden_size > 0) {
    h.puzzle_emb_len = (h.puzzle_emb_ndim + h.hidden_size - 1) / h.hidden_size;
  }
  const bool unused =
      the_family.derives_prefix && h.puzzle_emb_ndim == 0 && h.puzzle_emb_len > 0 && !recognised.puzzle_table;
  if (unused) h.puzzle_emb_len = 0;
  check(h, where);
  return {.hyperparameters = h, .family_recognised = !is_set(name), .puzzle_tokens_unused = unused};
}

DataSetSizes parse_data_set_sizes(std::string_view json_text, const std::string& file) {
  const nlohmann::json json = parse_json(json_text, file);
  if (!json.is_object()) throw input_error(file, "", "not a JSON object", "give the data set's dataset.json");
  const auto size = [&](const char* key) -> std::optional<std::int64_t> {
    const auto found = json.find(key);
    if (found == json.end()) return std::nullopt;
    if (!found->is_number_integer() || found->get<std::int64_t>() < 1) {
      throw input_error(file, key, "is " + found->dump() + ", not a positive integer");
    }
    return found->get<std::int64_t>();
  };
  return {.seq_len = size("seq_len"),
          .vocab_size = size("vocab_size"),
          .num_puzzle_identifiers = size("num_puzzle_identifiers")};
}

}  // namespace trm
