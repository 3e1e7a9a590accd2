#include "sgns/law.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include "messages.h"

namespace sgns {
namespace {

constexpr std::size_t kMaxIds = (std::size_t{1} << 31) - 2;

void check_size(std::size_t n) {
  if (n < 1 || n > kMaxIds) {
    throw std::invalid_argument("n must be from 1 to 2147483646, got " +
                                std::to_string(n));
  }
}

[[noreturn]] void fail_too_small(std::size_t i) {
  throw std::invalid_argument("weight " + std::to_string(i) +
                              " is too small beside the others for a double; use 0 for "
                              "what is never drawn");
}

// Brings weights whose sum would leave the range of a double into it, by a power of
// two.
void scale(std::vector<double>& weights) {
  constexpr int kSafe = 900;  // sums and products with n have the rest of the range
  double highest = 0;
  for (const double weight : weights) highest = std::max(highest, weight);
  if (!(highest > 0) || !std::isfinite(highest)) return;
  const int exponent = std::ilogb(highest);
  if (exponent > -kSafe && exponent < kSafe) return;
  for (std::size_t i = 0; i < weights.size(); i++) {
    if (!(weights[i] > 0)) continue;
    weights[i] = std::ldexp(weights[i], -exponent);
    if (weights[i] == 0) fail_too_small(i);
  }
}

}  // namespace

Masses::Masses(const Distribution& table)
    : n_(table.size()), before_(table.size() + 1 + kAtOnce), firsts_(table.size() + 1) {
  const auto slots = table.slots();
  for (std::size_t i = 0; i < n_; i++) {
    const std::uint64_t own = slots[i].threshold;
    before_[i + 1] += own;
    before_[static_cast<std::size_t>(slots[i].alias) + 1] +=
        (std::uint64_t{1} << 32) - own;
  }
  for (std::size_t i = 0; i < n_; i++) before_[i + 1] += before_[i];
  std::fill_n(before_.end() - kAtOnce, kAtOnce, total());
  std::size_t id = 0;
  for (std::uint64_t slot = 0; slot < n_; slot++) {
    while (before_[id + 1] <= slot << 32) id++;
    firsts_[slot] = static_cast<WordId>(id);
  }
  firsts_[n_] = static_cast<WordId>(n_ - 1);
}

WordId Masses::find(std::uint64_t x) const {
  assert(x < total());
  if (before_.empty()) return static_cast<WordId>(x >> 32);
  const auto slot = static_cast<std::size_t>(x >> 32);
  const WordId first = firsts_[slot];
  const auto begin = before_.begin() + 1 + first;
  // Counted without a branch, which would be mispredicted.
  WordId n = 0;
  for (std::size_t i = 0; i < kAtOnce; i++) n += begin[i] <= x ? 1 : 0;
  if (n < WordId{kAtOnce}) return first + n;
  const auto end = before_.begin() + 1 + firsts_[slot + 1];
  return static_cast<WordId>(std::upper_bound(begin + n, end, x) - before_.begin() - 1);
}

void Masses::find(std::span<const std::uint64_t> masses, WordId* ids) const {
  if (!before_.empty()) {
    for (const std::uint64_t x : masses) __builtin_prefetch(&firsts_[x >> 32]);
    for (const std::uint64_t x : masses) {
      const auto first = static_cast<std::size_t>(firsts_[x >> 32]) + 1;
      __builtin_prefetch(&before_[first]);
      __builtin_prefetch(&before_[first + kAtOnce - 1]);
    }
  }
  for (std::size_t i = 0; i < masses.size(); i++) ids[i] = find(masses[i]);
}

double Masses::log_share(WordId id) const {
  return std::log(static_cast<double>(of(id)) / static_cast<double>(total()));
}

struct Law::Lazy {
  std::once_flag masses_once, log_shares_once;
  std::optional<Masses> masses;
  std::vector<float> log_shares;
};

Law::Law(std::size_t n) : n_(n), support_(n), lazy_(std::make_shared<Lazy>()) {}

Law Law::from_weights(std::vector<double> weights) {
  scale(weights);
  Law law(weights.size());
  law.uniform_ = false;
  law.table_.emplace(weights);
  const double sum = compensated_sum(weights);
  law.support_ = 0;
  for (std::size_t i = 0; i < weights.size(); i++) {
    const double probability = weights[i] / sum;
    if (weights[i] > 0 && !(probability > 0)) fail_too_small(i);
    law.support_ += weights[i] > 0 ? 1 : 0;
    weights[i] = probability;
  }
  law.probabilities_ = std::move(weights);
  return law;
}

Law Law::unigram(std::span<const std::int64_t> counts, double alpha) {
  std::vector<double> weights(counts.size());
  for (std::size_t i = 0; i < counts.size(); i++) {
    if (counts[i] < 0) {
      throw std::invalid_argument("count " + std::to_string(i) + " must be >= 0, got " +
                                  std::to_string(counts[i]));
    }
    if (counts[i] == 0) continue;
    weights[i] = std::pow(static_cast<double>(counts[i]), alpha);
    if (!std::isnormal(weights[i])) {
      throw std::invalid_argument("alpha=" + number(alpha) + " takes count " +
                                  std::to_string(i) + ", " + std::to_string(counts[i]) +
                                  ", out of the range of a double");
    }
  }
  return from_weights(std::move(weights));
}

Law Law::uniform(std::size_t n) {
  check_size(n);
  return Law(n);
}

Law Law::log_uniform(std::size_t n) {
  check_size(n);
  std::vector<double> weights(n);
  for (std::size_t i = 0; i < n; i++) {
    weights[i] = std::log1p(1.0 / (static_cast<double>(i) + 1.0));
  }
  return from_weights(std::move(weights));
}

const Masses& Law::masses() const {
  std::call_once(lazy_->masses_once, [this] {
    if (uniform_) {
      lazy_->masses.emplace(n_);
    } else {
      lazy_->masses.emplace(*table_);
    }
  });
  return *lazy_->masses;
}

std::span<const float> Law::log_shares() const {
  std::call_once(lazy_->log_shares_once, [this] {
    std::vector<float> shares(uniform_ ? 1 : n_);
    for (std::size_t i = 0; i < shares.size(); i++) {
      shares[i] = static_cast<float>(masses().log_share(static_cast<WordId>(i)));
    }
    lazy_->log_shares = std::move(shares);
  });
  return lazy_->log_shares;
}

}  // namespace sgns
