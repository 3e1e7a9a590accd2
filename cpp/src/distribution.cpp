#include "sgns/distribution.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>

#include "messages.h"

namespace sgns {
namespace {

constexpr std::uint32_t kFull = std::numeric_limits<std::uint32_t>::max();
constexpr double kTwo32 = 4294967296.0;
// When nearly all of the mass is excluded, drawing is given up after so many times.
constexpr int kMaxDraws = 64;

[[noreturn]] void fail(const std::string& message) {
  throw std::invalid_argument(message);
}

void check_weights(std::span<const double> weights) {
  constexpr std::size_t kMaxWords = (std::size_t{1} << 31) - 2;
  if (weights.empty() || weights.size() > kMaxWords) {
    fail("a distribution needs 1 to 2147483646 weights, got " +
         std::to_string(weights.size()));
  }
  for (std::size_t i = 0; i < weights.size(); i++) {
    if (!(weights[i] >= 0) || !std::isfinite(weights[i])) {
      fail("weight " + std::to_string(i) + " must be finite and >= 0, got " +
           number(weights[i]));
    }
  }
}

}  // namespace

double compensated_sum(std::span<const double> values) {
  double sum = 0, lost = 0;
  for (const double value : values) {
    const double next = sum + value;
    lost +=
        std::abs(sum) >= std::abs(value) ? (sum - next) + value : (value - next) + sum;
    sum = next;
  }
  return sum + lost;
}

Distribution::Distribution(std::span<const double> weights) {
  check_weights(weights);
  const std::size_t n = weights.size();
  const auto heaviest = static_cast<std::size_t>(
      std::max_element(weights.begin(), weights.end()) - weights.begin());
  const double sum = compensated_sum(weights);
  if (!(sum > 0) || !std::isfinite(sum)) {
    fail("the sum of the weights must be finite and > 0, got " + number(sum));
  }
  // Share of each word in units of one slot; slots with less are filled up by others.
  // Two stacks in one array: words with less than a slot grow from its front, those
  // with more from its end.
  std::vector<double> scaled(n);
  const auto stacks = std::make_unique_for_overwrite<std::uint32_t[]>(n);
  std::size_t small = 0, large = n;
  for (std::size_t i = 0; i < n; i++) {
    scaled[i] = weights[i] * static_cast<double>(n) / sum;
    stacks[scaled[i] < 1 ? small++ : --large] = static_cast<std::uint32_t>(i);
  }
  slots_.resize(n);
  while (small > 0 && large < n) {
    const std::size_t s = stacks[--small], l = stacks[large];
    const double threshold = std::floor(scaled[s] * kTwo32 + 0.5);
    // A weight > 0 keeps at least one coin, however small it is.
    const double least = weights[s] > 0 ? 1 : 0;
    slots_[s] = {
        static_cast<std::uint32_t>(std::clamp(threshold, least, double{kFull})),
        static_cast<WordId>(l)};
    scaled[l] = (scaled[l] + scaled[s]) - 1;
    if (scaled[l] < 1) {
      large++;
      stacks[small++] = static_cast<std::uint32_t>(l);
    }
  }
  // What rounding left over is a full slot of its own, but never one of weight 0.
  const auto fill_up = [&](std::size_t i) {
    slots_[i] = weights[i] > 0 ? Slot{kFull, static_cast<WordId>(i)}
                               : Slot{0, static_cast<WordId>(heaviest)};
  };
  std::for_each(stacks.get(), stacks.get() + small, fill_up);
  std::for_each(stacks.get() + large, stacks.get() + n, fill_up);
}

Distribution Distribution::unigram(std::span<const std::int64_t> counts,
                                   double exponent) {
  std::vector<double> weights(counts.size());
  for (std::size_t i = 0; i < counts.size(); i++) {
    weights[i] = std::pow(static_cast<double>(counts[i]), exponent);
    const bool never_seen = counts[i] == 0 && weights[i] == 0;
    if (!never_seen && !std::isnormal(weights[i])) {
      fail("ns_exponent=" + number(exponent) + " takes the count " +
           std::to_string(counts[i]) + " of word " + std::to_string(i) +
           " out of the range of a double");
    }
  }
  return Distribution(weights);
}

WordId Distribution::redraw(std::uint64_t bits, WordId excluded) const {
  return draw_unless(bits, [excluded](WordId word) { return word == excluded; });
}

WordId Distribution::draw_unless(std::uint64_t bits,
                                 const std::function<bool(WordId)>& is_excluded) const {
  for (int attempt = 0; attempt < kMaxDraws; attempt++) {
    const WordId word = draw(bits);
    if (!is_excluded(word)) return word;
    bits = mix64(bits + kGolden);
  }
  // Calls visit(word, mass) for both parts of every slot, masses in units of 2^-32
  // slot, until it returns true.
  const auto walk = [&](auto visit) {
    for (std::size_t i = 0; i < slots_.size(); i++) {
      const std::uint64_t own = slots_[i].threshold;
      const auto word = static_cast<WordId>(i);
      if (!is_excluded(word) && visit(word, own)) return;
      const std::uint64_t rest = (std::uint64_t{1} << 32) - own;
      if (!is_excluded(slots_[i].alias) && visit(slots_[i].alias, rest)) return;
    }
  };
  std::uint64_t total = 0;
  walk([&](WordId, std::uint64_t mass) {
    total += mass;
    return false;
  });
  assert(total > 0);
  const std::uint64_t wanted = multiply_high(bits, total);
  std::uint64_t sum = 0;
  WordId found = 0;
  walk([&](WordId word, std::uint64_t mass) {
    sum += mass;
    found = word;
    return sum > wanted;
  });
  return found;
}

std::vector<std::uint32_t> keep_thresholds(std::span<const std::int64_t> counts,
                                           double sample) {
  std::vector<std::uint32_t> thresholds(counts.size(), kFull);
  if (sample == 0) return thresholds;
  const double total = static_cast<double>(
      std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  for (std::size_t i = 0; i < counts.size(); i++) {
    const double q = static_cast<double>(counts[i]) / (sample * total);
    const double p = (std::sqrt(q) + 1) / q;
    if (p >= 1) continue;
    const double threshold = std::floor(p * kTwo32 + 0.5) - 1;
    thresholds[i] =
        static_cast<std::uint32_t>(std::clamp(threshold, 0.0, double{kFull}));
  }
  return thresholds;
}

std::size_t n_subsampled(std::span<const std::uint32_t> thresholds) {
  const auto last = std::find_if(thresholds.rbegin(), thresholds.rend(),
                                 [](std::uint32_t t) { return t != kFull; });
  return static_cast<std::size_t>(thresholds.rend() - last);
}

}  // namespace sgns
