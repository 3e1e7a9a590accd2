#include "windows.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "sgns/distribution.h"
#include "sgns/random.h"

namespace sgns::bench {
namespace {

constexpr std::uint64_t kTotal = 1'000'000'000;  // of the counts
constexpr double kSample = 1e-3;
constexpr std::size_t kSmallVocabulary = 1000;
constexpr std::size_t kMostContexts = 20;
constexpr std::uint64_t kRadius = 5;  // the largest that is drawn

// So many windows that they meet most rows before they start anew.
std::size_t n_windows(std::size_t n_words) {
  return std::clamp(2 * n_words, std::size_t{1} << 14, std::size_t{1} << 19);
}

bool contains(std::span<const std::int32_t> words, std::int32_t word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool has_repeats(std::vector<std::int32_t> words) {
  std::sort(words.begin(), words.end());
  return std::adjacent_find(words.begin(), words.end()) != words.end();
}

// Words by count^exponent, each count times the share that subsampling keeps.
Distribution distribution(std::size_t n_words, double exponent, double sample) {
  if (n_words < kSmallVocabulary) {
    return Distribution(std::vector<double>(n_words, 1.0));
  }
  const std::vector<std::int64_t> counts = zipf_counts(n_words);
  const std::vector<std::uint32_t> keep = keep_thresholds(counts, sample);
  std::vector<double> weights(n_words);
  for (std::size_t r = 0; r < n_words; r++) {
    weights[r] = std::pow(static_cast<double>(counts[r]), exponent) *
                 (static_cast<double>(keep[r]) + 1);
  }
  return Distribution(weights);
}

}  // namespace

std::vector<std::int64_t> zipf_counts(std::size_t n_words) {
  double sum = 0;
  for (std::size_t r = 0; r < n_words; r++) sum += 1 / (static_cast<double>(r) + 2.7);
  std::vector<std::int64_t> counts(n_words);
  for (std::size_t r = 0; r < n_words; r++) {
    const double share = 1 / (static_cast<double>(r) + 2.7) / sum;
    counts[r] = std::max<std::int64_t>(1, std::llround(share * double{kTotal}));
  }
  return counts;
}

Windows::Windows(Shape shape, std::size_t n_words, std::size_t contexts,
                 std::size_t targets)
    : n_targets_(targets) {
  assert(targets >= 1 && contexts <= kMostContexts && contexts + targets < n_words);
  draw_words(n_words, n_windows(n_words) + 2 * kMostContexts);
  draw_windows(contexts);
  if (shape == Shape::kPath) {
    draw_paths(n_words);
  } else {
    draw_noise(n_words);
  }
  find_repeats();
}

void Windows::draw_words(std::size_t n_words, std::size_t n) {
  const Distribution words = distribution(n_words, 1, kSample);
  const bool is_small = n_words < kSmallVocabulary;
  for (std::uint64_t i = 0; words_.size() < n; i++) {
    const WordId word = words.draw(draw(1, i));
    const std::size_t recent = std::min(words_.size(), kMostContexts);
    if (!is_small || !contains(std::span(words_).last(recent), word)) {
      words_.push_back(word);
    }
  }
}

void Windows::draw_windows(std::size_t contexts) {
  for (std::size_t c = kMostContexts; c + kMostContexts < words_.size(); c++) {
    const std::size_t radius = 1 + multiply_high(draw(2, c), kRadius);
    const std::size_t before = contexts > 0 ? contexts / 2 : radius;
    const std::size_t after = contexts > 0 ? contexts - before : radius;
    reach_ = std::max(reach_, after);
    windows_.push_back({.centre = static_cast<std::uint32_t>(c),
                        .begin = static_cast<std::uint32_t>(c - before),
                        .end = static_cast<std::uint32_t>(c + after + 1),
                        .distinct = true});
  }
}

void Windows::draw_noise(std::size_t n_words) {
  const Distribution noise = distribution(n_words, 0.75, 0);
  const bool is_small = n_words < kSmallVocabulary;
  std::uint64_t draws = 0;
  for (const Window& window : windows_) {
    const std::size_t first = targets_.size();
    const std::int32_t centre = words_[window.centre];
    targets_.push_back(centre);
    while (targets_.size() < first + n_targets_) {
      const WordId word = noise.draw_excluding(draw(3, draws++), centre);
      if (!is_small || !contains(std::span(targets_).subspan(first), word)) {
        targets_.push_back(word);
      }
    }
  }
}

// Nodes by levels: the root is 0, the next two 1 and 2, and so on.
void Windows::draw_paths(std::size_t n_words) {
  for (std::size_t w = 0; w < windows_.size(); w++) {
    std::uint64_t node = 0;
    const std::size_t first = targets_.size();
    for (std::size_t depth = 0; depth < n_targets_; depth++) {
      auto row = static_cast<std::int32_t>(node % n_words);
      while (contains(std::span(targets_).subspan(first), row)) {
        row = (row + 1) % static_cast<std::int32_t>(n_words);
      }
      targets_.push_back(row);
      node = 2 * node + 1 + (draw(4, w) >> depth & 1);
    }
  }
}

void Windows::find_repeats() {
  for (std::size_t w = 0; w < windows_.size(); w++) {
    Window& window = windows_[w];
    const auto begin = words_.begin() + window.begin;
    const auto centre = words_.begin() + window.centre;
    std::vector<std::int32_t> contexts(begin, centre);
    contexts.insert(contexts.end(), centre + 1, words_.begin() + window.end);
    window.distinct = !has_repeats(std::move(contexts)) &&
                      !has_repeats({targets(w).begin(), targets(w).end()});
  }
}

}  // namespace sgns::bench
