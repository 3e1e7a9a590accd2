#include "hot_rows.h"

#include <algorithm>
#include <cmath>

#include "sgns/train.h"

namespace sgns {
namespace {

// So many rows pay; more cost more in merging than they save. In a small vocabulary the
// copies would be a large part of the matrix, and nearly all that threads learn would
// stay unseen by the others until they overshoot together.
constexpr std::size_t kHotRows = 64, kFewestWords = 64 * kHotRows;
// Centres of all threads between two merges. Below the smaller number merging costs
// more than it saves.
constexpr double kMostCentres = 4000, kFewestCentres = 500;
// Learning rate times the changes of one row between two merges, by all threads: that
// of 4000 centres at the default settings on English text, which costs no quality.
constexpr double kMostChange = 40;

}  // namespace

HotPlan plan_hot_rows(const Trainer& trainer, std::size_t n_threads) {
  if (n_threads < 2 || trainer.keep().size() < kFewestWords) return {};
  const double change = trainer.config().alpha * trainer.changes_of_first();
  const double centres = std::min(kMostCentres, kMostChange / change);
  if (centres < kFewestCentres) return {};
  const double interval = centres / static_cast<double>(n_threads);
  return {kHotRows, static_cast<std::size_t>(std::max(interval, 1.0))};
}

double changes_of_first(std::span<const std::int64_t> counts,
                        std::span<const std::uint32_t> keep,
                        const TrainConfig& config) {
  const auto kept = [&](std::size_t i) {
    return static_cast<double>(counts[i]) * static_cast<double>(keep[i]);
  };
  const auto noise = [&](std::size_t i) {
    return std::pow(static_cast<double>(counts[i]), config.ns_exponent);
  };
  double all_kept = 0, all_noise = 0;
  for (std::size_t i = 0; i < counts.size(); i++) {
    all_kept += kept(i);
    all_noise += noise(i);
  }
  const double as_centre = kept(0) / all_kept, as_noise = noise(0) / all_noise;
  // The errors of a softmax over all words add up to no more than those of two targets.
  const bool softmax = config.loss == Loss::kSoftmax;
  const double negative = softmax ? 1 : static_cast<double>(config.negative);
  const bool shrink = config.window_weighting == WindowWeighting::kShrink;
  const double window = static_cast<double>(config.window);
  const double contexts = shrink ? window + 1 : 2 * window;  // on average, or most
  const bool cbow = config.architecture == Architecture::kCbow;
  const double of_output = (as_centre + negative * as_noise) * (cbow ? 1 : contexts);
  const double of_input = as_centre * contexts * (1 + negative);
  return std::max(of_output, of_input);
}

HotRows::HotRows(Matrix& shared, std::size_t n_rows)
    : shared_(shared.data()),
      stride_(shared.stride()),
      n_rows_(std::min(n_rows, shared.n_rows())),
      copies_(n_rows_, shared.dim()),
      merged_(n_rows_, shared.dim()) {
  std::copy_n(shared_, n_rows_ * stride_, copies_.data());
  std::copy_n(shared_, n_rows_ * stride_, merged_.data());
}

void HotRows::merge() {
  float* const copies = copies_.data();
  float* const merged = merged_.data();
  for (std::size_t i = 0; i < n_rows_ * stride_; i++) {
    shared_[i] += copies[i] - merged[i];
    copies[i] = merged[i] = shared_[i];
  }
}

}  // namespace sgns
