#pragma once
// A training configuration that a trainer pickled beside the weights.

#include "convert/checkpoint/checkpoint.hpp"
#include "convert/checkpoint/pickle.hpp"

namespace trm {

// The first of the usual keys of the outermost dictionary (hyper_parameters, config, ...) that holds a configuration: a
// dictionary, or an object with attributes (a dataclass, argparse's Namespace, OmegaConf's nodes). Its values come as
// YAML text; what is neither a scalar nor made of scalars becomes null. Nothing is called. Empty where there is none.
[[nodiscard]] Checkpoint::Configuration find_configuration(const pickle::Document& document);

}  // namespace trm
