#include "sgns/config.h"

#include <cmath>
#include <stdexcept>
#include <string>

namespace sgns {
namespace {

void require(bool holds, const char* expected) {
  if (!holds) throw std::invalid_argument(expected);
}

void check_range(const char* name, std::int64_t value, std::int64_t low,
                 std::int64_t high) {
  if (value < low || value > high) {
    throw std::invalid_argument(std::string(name) + " must be an int from " +
                                std::to_string(low) + " to " + std::to_string(high) +
                                ", got " + std::to_string(value));
  }
}

}  // namespace

void check(const TrainConfig& config) {
  check_range("vector_size", config.vector_size, 1, 100'000);
  check_range("window", config.window, 0, kMostWindow);
  check_range("negative", config.negative, config.has_noise() ? 1 : 0, 1'000);
  check_range("epochs", config.epochs, 1, 100'000);
  check_range("workers", config.workers, 1, 1'024);
  require(config.sample >= 0 && config.sample <= 1, "sample must be from 0 to 1");
  require(std::isfinite(config.ns_exponent), "ns_exponent must be finite");
  require(config.positive_weight > 0 && std::isfinite(config.positive_weight),
          "positive_weight must be > 0");
  require(!config.output_bias || config.has_offsets(),
          "output_bias needs the loss nce, sampled_softmax or softmax");
  require(config.alpha > 0 && std::isfinite(config.alpha), "alpha must be > 0");
  require(config.min_alpha >= 0 && config.min_alpha <= config.alpha,
          "min_alpha must be from 0 to alpha");
}

}  // namespace sgns
