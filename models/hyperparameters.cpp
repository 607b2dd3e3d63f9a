#include "models/hyperparameters.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "base/error.hpp"

namespace trm {
namespace {

using H = Hyperparameters;

constexpr auto fields = std::to_array<HyperparameterField>({
    {"family", &H::family},
    {"vocab_size", &H::vocab_size},
    {"seq_len", &H::seq_len},
    {"hidden_size", &H::hidden_size},
    {"num_heads", &H::num_heads},
    {"expansion", &H::expansion},
    {"H_layers", &H::h_layers},
    {"L_layers", &H::l_layers},
    {"H_cycles", &H::h_cycles},
    {"L_cycles", &H::l_cycles},
    {"halt_max_steps", &H::halt_max_steps},
    {"num_puzzle_identifiers", &H::num_puzzle_identifiers},
    {"puzzle_emb_ndim", &H::puzzle_emb_ndim},
    {"puzzle_emb_len", &H::puzzle_emb_len},
    {"pos_encodings", &H::pos_encodings},
    {"rope_theta", &H::rope_theta},
    {"rms_norm_eps", &H::rms_norm_eps},
    {"mlp_t", &H::mlp_t},
    {"no_ACT_continue", &H::no_act_continue},
    {"mamba_layers", &H::mamba_layers, FieldPresence::with_mamba},
    {"mamba_d_state", &H::mamba_d_state, FieldPresence::with_mamba},
    {"mamba_head_dim", &H::mamba_head_dim, FieldPresence::with_mamba},
    {"mamba_expand", &H::mamba_expand, FieldPresence::with_mamba},
    {"mamba_d_conv", &H::mamba_d_conv, FieldPresence::with_mamba},
    {"mamba_n_groups", &H::mamba_n_groups, FieldPresence::with_mamba},
    {"use_conv_swiglu", &H::use_conv_swiglu, FieldPresence::unless_default},
    {"use_board_swiglu", &H::use_board_swiglu, FieldPresence::unless_default},
    {"max_grid_size", &H::max_grid_size, FieldPresence::unless_default},
    {"lambda_", &H::lambda_, FieldPresence::unless_default},
    {"noise_scale", &H::noise_scale, FieldPresence::unless_default},
    {"H_init_std", &H::h_init_std, FieldPresence::unless_default},
    {"L_init_std", &H::l_init_std, FieldPresence::unless_default},
    {"board_height", &H::board_height, FieldPresence::unless_default},
    {"board_width", &H::board_width, FieldPresence::unless_default},
    {"conv_type", &H::conv_type, FieldPresence::fixed_point},
    {"conv_kernel_size", &H::conv_kernel_size, FieldPresence::fixed_point},
    {"conv_bias", &H::conv_bias, FieldPresence::fixed_point},
    {"norm_type", &H::norm_type, FieldPresence::fixed_point},
    {"norm_placement", &H::norm_placement, FieldPresence::fixed_point},
    {"residual_scale", &H::residual_scale, FieldPresence::fixed_point},
    {"outer_only", &H::outer_only, FieldPresence::fixed_point},
    {"normalize_input_injection", &H::normalize_input_injection, FieldPresence::fixed_point},
    {"softmax_temp", &H::softmax_temp, FieldPresence::fixed_point},
    {"causal", &H::causal, FieldPresence::fixed_point},
    {"fixed_init", &H::fixed_init, FieldPresence::fixed_point},
    {"fp_thresh", &H::fp_thresh, FieldPresence::fixed_point},
    {"stepsize", &H::stepsize, FieldPresence::fixed_point},
    {"stepsize_decay_eval", &H::stepsize_decay_eval, FieldPresence::fixed_point},
    {"stepsize_decay", &H::stepsize_decay, FieldPresence::fixed_point},
    {"decay_patience", &H::decay_patience, FieldPresence::fixed_point},
    {"eps", &H::eps, FieldPresence::fixed_point},
    {"use_spec_norm_linear", &H::use_spec_norm_linear, FieldPresence::fixed_point},
});

// In the order of PositionEncoding.
constexpr std::array<const char*, 5> encoding_names = {"rope", "learned", "none", "rope2d", "nano_rope2d"};

// Limits far beyond every published model: within them no later product of sizes overflows.
struct Limit {
  std::int64_t H::*member;
  std::int64_t least;
  std::int64_t most;
};

constexpr auto limits = std::to_array<Limit>({
    {&H::vocab_size, 1, 1 << 16},
    {&H::seq_len, 1, 1 << 16},
    {&H::hidden_size, 1, 1 << 14},
    {&H::num_heads, 1, 1 << 14},
    {&H::h_layers, 0, 256},
    {&H::l_layers, 0, 256},
    {&H::h_cycles, 1, 1024},
    {&H::l_cycles, 1, 1024},
    {&H::halt_max_steps, 1, 1 << 20},
    {&H::num_puzzle_identifiers, 0, (std::int64_t{1} << 31) - 1},
    {&H::puzzle_emb_ndim, 0, 1 << 20},
    {&H::puzzle_emb_len, 0, 1 << 12},
    {&H::mamba_layers, 0, 256},
    {&H::mamba_d_state, 1, 1 << 12},
    {&H::mamba_head_dim, 1, 1 << 12},
    {&H::mamba_expand, 1, 64},
    {&H::mamba_d_conv, 1, 64},
    {&H::mamba_n_groups, 1, 1 << 10},
    {&H::max_grid_size, 0, 1 << 8},
    {&H::board_height, 0, 1 << 16},
    {&H::board_width, 0, 1 << 16},
    {&H::conv_kernel_size, 1, 81},  // max_taps of runtime/stencil.hpp
    {&H::decay_patience, 0, 1 << 20},
});

// Fields that hold one of a few names.
struct NameField {
  std::string H::*member;
  const char* field;
  std::array<std::string_view, 4> names;
};

constexpr auto name_fields = std::to_array<NameField>({
    {&H::conv_type, "conv_type", {"none", "conv1d", "conv2d"}},
    {&H::norm_type, "norm_type", {"post-norm", "pre-norm", "peri-norm"}},
    {&H::norm_placement, "norm_placement", {"none", "input", "output"}},
    {&H::residual_scale, "residual_scale", {"none", "fixed", "input-independent", "input-dependent"}},
});

const char* name_of(std::int64_t H::*member) {
  for (const auto& field : fields) {
    const auto* candidate = std::get_if<std::int64_t H::*>(&field.member);
    if (candidate != nullptr && *candidate == member) return field.name;
  }
  return "";
}

// Collects what is wrong, so that one message names all of it.
class Problems {
 public:
  void require(bool holds, const std::string& otherwise) {
    if (!holds) text_ += (text_.empty() ? "" : "; ") + otherwise;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

void check_attention(const H& h, Problems& problems) {
  if (h.mlp_t || h.num_heads < 1 || h.hidden_size < 1) return;
  problems.require(h.head_dim() > 0, "num_heads " + std::to_string(h.num_heads) +
                                         " leaves no channel a head of hidden_size " + std::to_string(h.hidden_size));
  const auto dim = std::to_string(h.head_dim());
  problems.require(h.pos_encodings != PositionEncoding::rope || h.head_dim() % 2 == 0,
                   "head_dim " + dim + " is odd and cannot carry rotary positions");
  if (h.pos_encodings != PositionEncoding::rope2d && h.pos_encodings != PositionEncoding::nano_rope2d) return;
  problems.require(h.head_dim() % 4 == 0, "head_dim " + dim +
                                              " is no multiple of 4, as rotary positions of rows and "
                                              "columns need");
}

void check_mamba(const H& h, Problems& problems) {
  if (h.mamba_layers == 0) return;
  problems.require(!h.mlp_t, "mlp_t with mamba_layers: the hybrid mixes tokens by attention");
  const auto inner = h.mamba_expand * h.hidden_size;
  problems.require(inner % h.mamba_head_dim == 0, "mamba_head_dim " + std::to_string(h.mamba_head_dim) +
                                                      " does not divide mamba_expand times hidden_size, " +
                                                      std::to_string(inner));
  problems.require(inner / h.mamba_head_dim % h.mamba_n_groups == 0,
                   "mamba_n_groups " + std::to_string(h.mamba_n_groups) + " does not divide the " +
                       std::to_string(inner / h.mamba_head_dim) + " heads of mamba");
}

// Whether the cells can be laid out as the board that a sub-layer works on. A length that is not known yet counts as 1.
void check_board(const H& h, Problems& problems) {
  const auto cells = std::to_string(h.seq_len);
  const bool of_rows = h.pos_encodings == PositionEncoding::nano_rope2d && !h.mlp_t;
  if (h.pos_encodings == PositionEncoding::rope2d && !h.mlp_t && h.seq_len > 1) {
    const bool given = h.board_height > 0 && h.board_width > 0;
    problems.require(given ? h.board_height * h.board_width == h.seq_len : board_side(h.seq_len).has_value(),
                     given ? "board_height times board_width is not seq_len " + cells
                           : "seq_len " + cells + " is no square board; set board_height and board_width");
  }
  problems.require(!of_rows || board_side(h.seq_len), "seq_len " + cells + " is no square board");
  problems.require(!h.use_board_swiglu || h.seq_len <= 1 || h.max_grid_size * h.max_grid_size == h.seq_len,
                   "max_grid_size " + std::to_string(h.max_grid_size) + " is not the side of " + cells + " cells");
}

// The names, the numbers of the stopping rule, and a convolution over the cells.
void check_fixed_point(const H& h, Problems& problems) {
  for (const auto& [member, field, names] : name_fields) {
    const std::string& name = h.*member;
    problems.require(!name.empty() && std::ranges::find(names, name) != names.end(),
                     std::string(field) + " \"" + name + "\" is not known");
  }
  problems.require(!h.use_spec_norm_linear, "use_spec_norm_linear: scales of this kind are not implemented");
  problems.require(h.softmax_temp > 0 && std::isfinite(h.softmax_temp), "softmax_temp is not positive");
  for (const double number : {h.fp_thresh, h.stepsize, h.stepsize_decay, h.stepsize_decay_eval, h.eps}) {
    problems.require(std::isfinite(number) && number >= 0,
                     "fp_thresh, stepsize, a decay of it or eps is negative or not finite");
  }
  if (h.conv_type != "conv2d") return;
  problems.require(h.conv_kernel_size % 2 == 1 && h.conv_kernel_size <= 9,
                   "conv_kernel_size " + std::to_string(h.conv_kernel_size) + " of conv2d is not odd or above 9");
  problems.require(h.seq_len <= 1 || board_side(h.seq_len),
                   "seq_len " + std::to_string(h.seq_len) + " is no square board, as conv2d needs");
}

void check_puzzle_embedding(const H& h, Problems& problems) {
  const auto len = std::to_string(h.puzzle_emb_len);
  if (h.puzzle_emb_ndim == 0) {
    problems.require(h.puzzle_emb_len == 0, "puzzle_emb_len " + len + " without puzzle_emb_ndim; set it to 0");
  } else {
    problems.require(h.num_puzzle_identifiers > 0,
                     "num_puzzle_identifiers 0 with puzzle_emb_ndim " + std::to_string(h.puzzle_emb_ndim));
    problems.require(
        h.puzzle_emb_ndim <= h.puzzle_emb_len * h.hidden_size,
        "puzzle_emb_ndim " + std::to_string(h.puzzle_emb_ndim) + " does not fit puzzle_emb_len " + len + " tokens");
  }
}

}  // namespace

std::span<const HyperparameterField> hyperparameter_fields() {
  return fields;
}

const char* to_string(PositionEncoding encoding) {
  return encoding_names.at(static_cast<std::size_t>(encoding));
}

std::optional<PositionEncoding> parse_position_encoding(std::string_view text) {
  for (std::size_t i = 0; i < encoding_names.size(); ++i) {
    if (text == encoding_names[i]) return static_cast<PositionEncoding>(i);
  }
  return std::nullopt;
}

Mamba2Sizes mamba2_sizes(const Hyperparameters& h) {
  Mamba2Sizes sizes;
  sizes.inner = h.mamba_expand * h.hidden_size;
  sizes.heads = sizes.inner / h.mamba_head_dim;
  sizes.channels = sizes.inner + 2 * h.mamba_n_groups * h.mamba_d_state;
  sizes.projected = sizes.inner + sizes.channels + sizes.heads;
  return sizes;
}

std::int64_t swiglu_width(double expansion, std::int64_t n) {
  // Ties to even, as Python rounds.
  const auto width = static_cast<std::int64_t>(std::nearbyint(expansion * static_cast<double>(n) * 2 / 3));
  return (width + 255) / 256 * 256;
}

std::int64_t mlp_width(const Hyperparameters& h) {
  if (!h.use_board_swiglu) return swiglu_width(h.expansion, h.hidden_size);
  // nano-trm's board form truncates where the others round (nano_trm, layers.py).
  const auto width = static_cast<std::int64_t>(h.expansion * static_cast<double>(h.hidden_size) * 2 / 3);
  return (width + 255) / 256 * 256;
}

std::optional<std::int64_t> board_side(std::int64_t cells) {
  if (cells < 1) return std::nullopt;
  const auto side = static_cast<std::int64_t>(std::llround(std::sqrt(static_cast<double>(cells))));
  return side * side == cells ? std::optional(side) : std::nullopt;
}

void validate(const Hyperparameters& h) {
  Problems problems;
  for (const auto& [member, least, most] : limits) {
    problems.require(h.*member >= least && h.*member <= most, name_of(member) + (" " + std::to_string(h.*member)) +
                                                                  " is not between " + std::to_string(least) + " and " +
                                                                  std::to_string(most));
  }
  problems.require(h.expansion > 0 && h.expansion <= 64,
                   "expansion " + std::to_string(h.expansion) + " is not between 0 and 64");
  problems.require(h.rms_norm_eps >= 0 && h.rms_norm_eps < 1, "rms_norm_eps is not between 0 and 1");
  for (const double deviation : {h.noise_scale, h.h_init_std, h.l_init_std}) {
    problems.require(std::isfinite(deviation) && deviation >= 0,
                     "noise_scale, H_init_std or L_init_std is no standard deviation");
  }
  problems.require(std::isfinite(h.lambda_), "lambda_ is not finite");
  problems.require(h.rope_theta > 0 && std::isfinite(h.rope_theta), "rope_theta is not positive");
  if (problems.text().empty()) {
    problems.require(mlp_width(h) > 0 && (!h.mlp_t || swiglu_width(h.expansion, h.tokens()) > 0),
                     "expansion " + std::to_string(h.expansion) + " leaves a SwiGLU no width");
    check_attention(h, problems);
    check_mamba(h, problems);
    check_board(h, problems);
    check_fixed_point(h, problems);
    check_puzzle_embedding(h, problems);
  }
  if (!problems.text().empty()) throw Error(ErrorKind::input, problems.text());
}

}  // namespace trm
