#include "hot_rows.h"

#include <algorithm>
#include <cmath>

#include "sgns/train.h"

namespace sgns {
namespace {

// So many rows pay; more cost more in merging than they save.
constexpr std::size_t kHotRows = 64;
// Centres of all threads between two merges. Below the smaller number merging costs
// more than it saves.
constexpr double kMostCentres = 4000, kFewestCentres = 500;
// Learning rate times the steps of one row between two merges, by all threads.
constexpr double kMostChange = 6.5;

}  // namespace

HotPlan plan_hot_rows(const Trainer& trainer, std::size_t n_threads) {
  if (n_threads < 2) return {};
  const double change = trainer.config().alpha * trainer.steps_of_first();
  const double centres = std::min(kMostCentres, kMostChange / change);
  if (centres < kFewestCentres) return {};
  const double interval = centres / static_cast<double>(n_threads);
  return {kHotRows, static_cast<std::size_t>(std::max(interval, 1.0))};
}

double steps_of_first(std::span<const std::int64_t> counts,
                      std::span<const std::uint32_t> keep, const TrainConfig& config) {
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
  return kept(0) / all_kept +
         static_cast<double>(config.negative) * noise(0) / all_noise;
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
