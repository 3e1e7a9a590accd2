#include "sgns/pair_train.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <mutex>
#include <numbers>
#include <numeric>
#include <string>

#include "logistic_loss.h"
#include "messages.h"
#include "parallel.h"
#include "sgns/kernels.h"
#include "sgns/random.h"
#include "sgns/train.h"

namespace sgns {
namespace {

// Pairs in a task: about a millisecond of work.
constexpr std::size_t kTaskPairs = 10'000;
// Pairs from the prefetch of rows to their use.
constexpr std::size_t kPrefetchDistance = 4;
// Training has failed when the mean loss is this many times that of zero scores.
constexpr double kDivergence = 10;

void prefetch_row(const float* row, std::size_t stride) {
  for (std::size_t d = 0; d < stride; d += kRowAlignment) {
    __builtin_prefetch(row + d, 1);
  }
}

}  // namespace

PairTrainer::PairTrainer(const LabelledPairs& pairs, const PairTrainConfig& config)
    : pairs_(pairs),
      config_(config),
      loss_interval_(std::max<std::size_t>(1, pairs.labels.size() / 65536)),
      order_(pairs.labels.size()),
      input_(config.n_inputs, config.dim),
      output_(config.n_outputs, config.dim) {
  assert(pairs.labels.size() <= std::numeric_limits<std::uint32_t>::max());
  assert(pairs.inputs.size() == pairs.labels.size() &&
         pairs.outputs.size() == pairs.labels.size());
  fill_initial_input(input_, config.seed);
}

// The order of Fisher and Yates, from draws of Stream::kTokens.
void PairTrainer::shuffle(std::size_t epoch) {
  std::iota(order_.begin(), order_.end(), 0u);
  const std::uint64_t key = stream_key(config_.seed, epoch, Stream::kTokens);
  for (std::size_t i = order_.size(); i > 1; i--) {
    std::swap(order_[i - 1], order_[multiply_high(draw(key, i), i)]);
  }
}

float PairTrainer::lr_at(std::size_t epoch, std::size_t place) const {
  const auto n = static_cast<double>(order_.size());
  const double done = static_cast<double>(epoch) * n + static_cast<double>(place);
  const double progress = done / (static_cast<double>(config_.epochs) * n);
  return static_cast<float>(config_.alpha +
                            (config_.min_alpha - config_.alpha) * progress);
}

PairEpoch PairTrainer::run_epoch(std::size_t epoch, const Poll& poll) {
  input_.pad();
  output_.pad();
  shuffle(epoch);
  std::mutex mutex;  // guards total
  PairEpoch total;
  const auto task = [&](std::size_t begin, std::size_t end) {
    const PairEpoch part = train(epoch, begin, end);
    const std::lock_guard lock(mutex);
    total.loss += part.loss;
    total.weight += part.weight;
    total.dot_products += part.dot_products;
    // Negated, so that NaN fails too.
    if (!(part.loss <= kDivergence * std::numbers::ln2 * part.weight)) {
      throw Diverged("training diverged in epoch " + std::to_string(epoch + 1) +
                     ": mean loss is " + number(part.loss / part.weight) +
                     "; alpha=" + number(config_.alpha) + " is too large");
    }
  };
  for_ranges(order_.size(), kTaskPairs, config_.n_threads, task, poll);
  return total;
}

PairEpoch PairTrainer::train(std::size_t epoch, std::size_t begin, std::size_t end) {
  const Kernels& kernels = default_kernels();
  alignas(64) std::array<float, error_stride(1)> label{};
  alignas(64) std::array<float, error_size(1, 1)> score{};
  alignas(64) std::array<float, scratch_size(1, 1)> scratch{};
  PairEpoch report;
  const std::size_t stride = input_.stride();
  for (std::size_t i = begin; i < end; i++) {
    if (i + kPrefetchDistance < end) {
      const std::size_t next = order_[i + kPrefetchDistance];
      prefetch_row(input_.row(static_cast<std::size_t>(pairs_.inputs[next])), stride);
      prefetch_row(output_.row(static_cast<std::size_t>(pairs_.outputs[next])), stride);
    }
    const std::size_t pair = order_[i];
    const float weight = pairs_.weights.empty() ? 1.0f : pairs_.weights[pair];
    float* const input = input_.row(static_cast<std::size_t>(pairs_.inputs[pair]));
    float* const target = output_.row(static_cast<std::size_t>(pairs_.outputs[pair]));
    label[0] = static_cast<float>(pairs_.labels[pair]);
    const Tile tile{.inputs = &input,
                    .n_inputs = 1,
                    .targets = &target,
                    .n_targets = 1,
                    .labels = label.data(),
                    .dim = config_.dim,
                    .lr = lr_at(epoch, i) * weight,
                    .distinct = true};
    kernels.tile(tile, scratch.data(), score.data());
    report.dot_products += tile.n_inputs * tile.n_targets;
    if (pair % loss_interval_ != 0) continue;
    const double s = score[0];
    report.loss += weight * logistic_loss(label[0] != 0 ? s : -s);
    report.weight += weight;
  }
  return report;
}

}  // namespace sgns
