#include "hot_rows.h"

#include <algorithm>
#include <cmath>

#include "sgns/train.h"
#include "sgns/word_offsets.h"

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
// Every node is on about half as many paths as the one above it, so a tier of nodes
// four times as deep in number can wait four times as long. More nodes do not pay.
constexpr std::size_t kRootTier = 16, kHotNodes = 256, kTierFactor = 4;

// Context words of a centre, on average or, where windows do not shrink, at most.
double contexts_of(const TrainConfig& config) {
  const double window = static_cast<double>(config.window);
  return config.window_weighting == WindowWeighting::kShrink ? window + 1 : 2 * window;
}

std::vector<HotTier> node_tiers() {
  std::vector<HotTier> tiers;
  std::size_t every = 1;
  for (std::size_t end = kRootTier; end <= kHotNodes; end *= kTierFactor) {
    tiers.push_back({end, every});
    every *= kTierFactor;
  }
  return tiers;
}

}  // namespace

HotPlan plan_hot_rows(const Trainer& trainer, std::size_t n_threads) {
  if (n_threads < 2 || trainer.keep().size() < kFewestWords) return {};
  const TrainConfig& config = trainer.config();
  const auto interval = [&](double changes) {
    const double centres = std::min(kMostCentres, kMostChange / config.alpha / changes);
    return centres / static_cast<double>(n_threads);
  };
  const double words = interval(trainer.changes_of_first());
  if (words * static_cast<double>(n_threads) < kFewestCentres) return {};
  const double root = config.has_nodes() ? interval(changes_of_root(config)) : words;
  const double least = std::max(1.0, std::min(words, root));
  HotPlan plan{.words = {{kHotRows, static_cast<std::size_t>(words / least)}},
               .nodes = {},
               .interval = static_cast<std::size_t>(least)};
  if (config.has_nodes()) plan.nodes = node_tiers();
  return plan;
}

std::vector<HotTier> HotPlan::biases() const {
  std::vector<HotTier> tiers = words;
  for (HotTier& tier : tiers) tier.end /= WordOffsets::kWordsInRow;
  return tiers;
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
  const double n_inputs = changes_of_root(config);
  const double of_output = (as_centre + negative * as_noise) * n_inputs;
  const double of_input = as_centre * contexts_of(config) * (1 + negative);
  return std::max(of_output, of_input);
}

double changes_of_root(const TrainConfig& config) {
  return config.architecture == Architecture::kCbow ? 1 : contexts_of(config);
}

HotRows::HotRows(Matrix& shared, const std::vector<HotTier>& tiers, bool from_end)
    : shared_(shared.data()),
      stride_(shared.stride()),
      n_rows_(tiers.empty() ? 0 : std::min(tiers.back().end, shared.n_rows())),
      first_(from_end ? shared.n_rows() - n_rows_ : 0),
      from_end_(from_end),
      to_copies_(0),
      tiers_(tiers),
      copies_(n_rows_, shared.dim()),
      merged_(n_rows_, shared.dim()) {
  std::copy_n(shared_ + first_ * stride_, n_rows_ * stride_, copies_.data());
  std::copy_n(copies_.data(), n_rows_ * stride_, merged_.data());
  to_copies_ = reinterpret_cast<std::uintptr_t>(copies_.data()) -
               reinterpret_cast<std::uintptr_t>(shared_ + first_ * stride_);
}

void HotRows::merge(std::size_t number) {
  std::size_t begin = 0;
  for (const HotTier& tier : tiers_) {
    const std::size_t end = std::min(tier.end, n_rows_);
    if (number % tier.every == 0 && from_end_) {
      merge_rows(n_rows_ - end, n_rows_ - begin);
    } else if (number % tier.every == 0) {
      merge_rows(begin, end);
    }
    begin = end;
  }
}

void HotRows::merge_rows(std::size_t begin, std::size_t end) {
  float* const shared = shared_ + first_ * stride_;
  float* const copies = copies_.data();
  float* const merged = merged_.data();
  for (std::size_t i = begin * stride_; i < end * stride_; i++) {
    shared[i] += copies[i] - merged[i];
    copies[i] = merged[i] = shared[i];
  }
}

}  // namespace sgns
