#include "sgns/word_offsets.h"

#include <algorithm>
#include <cmath>

namespace sgns {
namespace {

std::size_t n_bias_rows(std::size_t n_words, const TrainConfig& config) {
  if (!config.output_bias) return 0;
  return (n_words + WordOffsets::kWordsInRow - 1) / WordOffsets::kWordsInRow;
}

}  // namespace

WordOffsets::WordOffsets(std::span<const std::int64_t> counts,
                         const TrainConfig& config)
    : biases_(n_bias_rows(counts.size(), config), kWordsInRow) {
  if (!config.has_offsets()) return;
  double total = 0, total_weight = 0;
  for (const std::int64_t count : counts) {
    total += static_cast<double>(count);
    total_weight += std::pow(static_cast<double>(count), config.ns_exponent);
  }
  const double k = static_cast<double>(config.negative);
  const auto correction = [&](double count) {
    const double log_q = config.ns_exponent * std::log(count) - std::log(total_weight);
    if (config.loss == Loss::kNce) return -log_q - std::log(k);
    const bool resampled = config.exclude == Exclude::kTarget;
    return -log_q - (resampled ? k * std::log1p(-std::exp(log_q)) : 0.0);
  };
  double sum_of_start = 0;
  for (std::size_t i = 0; i < counts.size(); i++) {
    const double count = static_cast<double>(counts[i]);
    const double fixed = config.loss == Loss::kSoftmax ? 0 : correction(count);
    const double bias = config.output_bias ? std::log(count / total) : 0;
    corrections_.push_back(static_cast<float>(fixed));
    start_.push_back(static_cast<float>(fixed + bias));
    if (config.output_bias) biases_.data()[i] = static_cast<float>(bias);
    sum_of_start += std::exp(fixed + bias);
  }
  log_sum_of_start_ = std::log(sum_of_start);
}

}  // namespace sgns
