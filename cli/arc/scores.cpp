#include "cli/arc/scores.hpp"

#include <string>

namespace trm {

nlohmann::ordered_json to_json(std::span<const arc::PassAt> scores) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (const arc::PassAt& score : scores) object["ARC/pass@" + std::to_string(score.k)] = score.share;
  for (const arc::PassAt& score : scores) {
    object["intervals"]["ARC/pass@" + std::to_string(score.k)] = {score.interval.low, score.interval.high};
  }
  return object;
}

}  // namespace trm
