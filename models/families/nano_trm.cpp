// nano-trm (PyPI nano-trm 0.1): TRM's recursion with other names, rotary positions of rows and columns, and
// convolutions among the hidden units of the feed-forwards.

#include <array>

#include "models/families/trm_step.hpp"

namespace trm {
namespace {

constexpr std::array nano_initial_latents = {"z_H_init", "z_L_init"};

constexpr auto nano_field_names = std::to_array<FieldName>({
    {"num_layers", "L_layers"},
    {"N_supervision_val", "halt_max_steps"},
    {"ffn_expansion", "expansion"},
    {"puzzle_emb_dim", "puzzle_emb_ndim"},
    {"num_puzzles", "num_puzzle_identifiers"},
    {"pos_emb_type", "pos_encodings"},
    {"use_mlp_t", "mlp_t"},
    {"", "rms_norm_eps"},     // always 1e-5
    {"", "no_ACT_continue"},  // one halting output
});

// Any text but these two switches positions off.
std::optional<PositionEncoding> nano_positions(std::string_view text) {
  if (text == "1d") return PositionEncoding::rope;
  if (text == "2d" || text == to_string(PositionEncoding::nano_rope2d)) return PositionEncoding::nano_rope2d;
  return PositionEncoding::none;
}

}  // namespace

extern const Family nano_trm_family;
const Family nano_trm_family = {.name = "nano_trm",
                                .initial_latents = nano_initial_latents,
                                .l_level = true,
                                .l_level_name = "lenet",
                                .token_embedding = "input_embedding.embedding_weight",
                                .q_outputs = 1,
                                .exact_rotary = true,
                                .field_names = nano_field_names,
                                .positions = nano_positions,
                                .derives_prefix = false,
                                .step = trm_step};

}  // namespace trm
