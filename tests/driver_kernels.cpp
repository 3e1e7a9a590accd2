#include "driver_kernels.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/tables.h"
#include "sgns/distribution.h"
#include "sgns/kernels.h"
#include "sgns/matrix.h"
#include "sgns/philox.h"
#include "sgns/random.h"

namespace sgns::driver {
namespace {

constexpr float kRate = 0.025f;
constexpr float kCanary = -12345.678f;
// The tolerance of tests/test_kernels.py.
constexpr double kAbsolute = 5e-6, kRelative = 1e-5;

struct Case {
  std::size_t dim, n_inputs, n_targets;
  bool repeats_inputs = false, repeats_targets = false;
  float spoiled = 0;  // unless 0, stands in the middle of the last input row
};

using Values = std::vector<float>;

// Uniform in -1/2 .. 1/2.
float made_up(std::uint64_t key, std::uint64_t i) {
  return static_cast<float>(draw(key, i) >> 40) * 0x1p-24f - 0.5f;
}

// Rows with scores of about +-2, padding zero, a cache line of canaries behind each.
class GuardedRows {
 public:
  GuardedRows(std::size_t n_rows, std::size_t dim)
      : dim_(dim), matrix_(n_rows, padded(dim) + kRowAlignment) {
    const float scale = 4.0f / std::pow(static_cast<float>(dim), 0.25f);
    for (std::size_t r = 0; r < n_rows; r++) {
      for (std::size_t d = 0; d < dim; d++) row(r)[d] = scale * made_up(r, d);
      std::fill_n(row(r) + padded(dim), kRowAlignment, kCanary);
    }
  }

  [[nodiscard]] float* row(std::size_t r) { return matrix_.row(r); }

  // n rows from `first` on, half of them twice if they are to have repeats.
  [[nodiscard]] std::vector<float*> pick(std::size_t first, std::size_t n,
                                         bool has_repeats) {
    std::vector<float*> rows;
    for (std::size_t i = 0; i < n; i++) {
      rows.push_back(row(first + (has_repeats ? i % ((n + 1) / 2) : i)));
    }
    return rows;
  }

  void append_to(Values& values) {
    for (std::size_t r = 0; r < matrix_.n_rows(); r++) {
      values.insert(values.end(), row(r), row(r) + dim_);
      for (std::size_t d = dim_; d < matrix_.stride(); d++) {
        const bool is_padding = d < padded(dim_);
        // NaN spreads from a row to its own padding: that is no overrun.
        if (row(r)[d] == (is_padding ? 0.0f : kCanary)) continue;
        if (is_padding && std::isnan(row(r)[d])) continue;
        throw std::runtime_error("the tile wrote beyond a row");
      }
    }
  }

 private:
  std::size_t dim_;
  Matrix matrix_;
};

// Scores or errors, without what stands behind the last target.
void append(const float* from, const Case& c, Values& values) {
  for (std::size_t i = 0; i < c.n_inputs; i++, from += error_stride(c.n_targets)) {
    values.insert(values.end(), from, from + c.n_targets);
  }
}

// Two steps, one whole and one by halves, then a mean that is added to the targets:
// scores, errors and rows.
void run_tile(const Kernels& kernels, const Case& c, Values& values) {
  GuardedRows rows(c.n_inputs + c.n_targets, c.dim);
  if (c.spoiled != 0) rows.row(c.n_inputs - 1)[c.dim / 2] = c.spoiled;
  const std::vector<float*> x = rows.pick(0, c.n_inputs, c.repeats_inputs);
  const std::vector<float*> y = rows.pick(c.n_inputs, c.n_targets, c.repeats_targets);
  const std::size_t n_errors = error_size(c.n_inputs, c.n_targets);
  Matrix labels(1, error_stride(c.n_targets)), scores(1, n_errors), errors(1, n_errors);
  Matrix scratch(1, scratch_size(c.n_inputs, c.n_targets)), hidden(1, c.dim);
  labels.data()[0] = 1;
  const Tile tile{.inputs = x.data(),
                  .n_inputs = x.size(),
                  .targets = y.data(),
                  .n_targets = y.size(),
                  .labels = labels.data(),
                  .dim = c.dim,
                  .lr = kRate,
                  .next = x.data(),
                  .n_next = x.size()};
  kernels.tile(tile, scratch.data(), scores.data());
  append(scores.data(), c, values);
  kernels.errors(tile, errors.data(), nullptr);
  append(errors.data(), c, values);
  kernels.scores(tile, scores.data());
  append(scores.data(), c, values);
  kernels.update(tile, errors.data(), scratch.data());
  kernels.mean(x.data(), x.size(), c.dim, hidden.data());
  kernels.add(hidden.data(), y.data(), y.size(), c.dim);
  rows.append_to(values);
}

// Errors of made-up scores by the losses that need more than labels.
void run_losses(const Kernels& kernels, const Case& c, Values& values) {
  const std::size_t n = error_size(c.n_inputs, c.n_targets);
  const std::size_t stride = error_stride(c.n_targets);
  Matrix memory(2, n), targets(3, stride), sums(2, c.n_inputs + 1);
  for (std::size_t i = 0; i < n; i++) memory.row(0)[i] = 20 * made_up(1, i);
  if (c.spoiled != 0) memory.row(0)[(c.n_inputs - 1) * stride] = c.spoiled;
  targets.row(0)[0] = 1;
  std::fill_n(targets.row(1), c.n_targets, 1.5f);
  std::fill_n(targets.row(2), stride, kNoTarget);
  for (std::size_t t = 0; t < c.n_targets; t++) targets.row(2)[t] = 9 * made_up(2, t);
  const ScoreRows rows{.n_inputs = c.n_inputs,
                       .n_targets = c.n_targets,
                       .labels = targets.row(0),
                       .scores = memory.row(0),
                       .lr = kRate,
                       .weights = targets.row(1),
                       .offsets = targets.row(2),
                       .error = memory.row(1),
                       .most = sums.row(0),
                       .sum = sums.row(1)};
  kernels.logistic(rows);
  append(rows.error, c, values);
  kernels.add_to_sums(rows);
  kernels.add_to_sums(rows);  // the same targets again: sums to be merged
  kernels.softmax(rows);
  append(rows.error, c, values);
}

Values values_of(const Kernels& kernels, const Case& c) {
  Values values;
  run_tile(kernels, c, values);
  run_losses(kernels, c, values);
  return values;
}

bool are_close(float a, float b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) == std::isnan(b);
  return a == b ||
         std::abs(double{a} - double{b}) <= kAbsolute + kRelative * std::abs(double{b});
}

// The first table is the scalar one.
void compare(const std::vector<const Kernels*>& tables, const Case& c) {
  const Values expected = values_of(*tables.front(), c);
  for (std::size_t k = 1; k < tables.size(); k++) {
    const Values got = values_of(*tables[k], c);
    const auto [a, b] = std::ranges::mismatch(got, expected, are_close);
    if (a == got.end()) continue;
    throw std::runtime_error(
        "kernel " + std::string(tables[k]->name) + ": expected " + std::to_string(*b) +
        ", got " + std::to_string(*a) + " with " + std::to_string(c.n_inputs) + " x " +
        std::to_string(c.n_targets) + " rows of " + std::to_string(c.dim));
  }
}

// Bits, so that they are the same.
void compare_philox(const char* name) {
  constexpr std::size_t kCounters = 8 * kPhiloxLanes;
  constexpr std::uint64_t kKey = 0x0123456789ABCDEF, kSlots = 4'000'000'007;
  std::vector<std::uint64_t> low(kCounters), high(kCounters), blocks(2 * kCounters);
  for (std::size_t i = 0; i < kCounters; i++) {
    low[i] = draw(5, i);
    high[i] = draw(6, i);
  }
  std::vector<std::uint64_t> place_low = low, place_high = high;
  const std::vector<std::uint64_t> counter_low = low, counter_high = high;
  const Philox functions = philox_functions(name);
  functions.fill(kKey, kCounters, low.data(), high.data());
  functions.places(kKey, kSlots, kCounters, place_low.data(), place_high.data());
  for (std::size_t i = 0; i < kCounters; i++) {
    const PhiloxBlock block = philox(kKey, {counter_low[i], counter_high[i]});
    if (low[i] != block.low || high[i] != block.high ||
        place_low[i] != place_of(block.low, kSlots) ||
        place_high[i] != place_of(block.high, kSlots)) {
      throw std::runtime_error("kernel " + std::string(name) + ": Philox differs");
    }
  }
}

// Words, and whether any occurs twice, in a vocabulary so small that many do.
void compare_noise(const Kernels& kernels, std::size_t n_centres,
                   std::size_t negative) {
  constexpr std::size_t kWords = 100;
  constexpr std::uint64_t kKey = 0x0123456789ABCDEF;
  std::vector<double> weights;
  for (std::size_t w = 0; w < kWords; w++) weights.push_back(1.0 / (1.0 + double(w)));
  const Distribution distribution(weights);
  std::vector<std::uint64_t> positions(kNoiseBatch), centres(kNoiseBatch);
  for (std::size_t c = 0; c < n_centres; c++) {
    positions[c] = (std::uint64_t{1} << 40) + 3 * c;
    centres[c] = draw(7, c) % kWords;
  }
  std::vector<WordId> noise((n_centres + kNoiseLanes) * negative, -1);
  const std::uint64_t repeats = kernels.noise({.slots = distribution.slots().data(),
                                               .n_slots = kWords,
                                               .key = kKey,
                                               .negative = negative,
                                               .n = n_centres,
                                               .positions = positions.data(),
                                               .centres = centres.data(),
                                               .noise = noise.data()});
  for (std::size_t c = 0; c < n_centres; c++) {
    std::vector<WordId> words = {static_cast<WordId>(centres[c])};
    for (std::size_t j = 0; j < negative; j++) {
      words.push_back(distribution.draw(draw(kKey, positions[c] * negative + j)));
    }
    const bool is_same = std::ranges::equal(
        std::span(words).subspan(1), std::span(noise).subspan(c * negative, negative));
    std::ranges::sort(words);
    const bool has_repeat = std::ranges::adjacent_find(words) != words.end();
    const bool is_told = (repeats >> c & 1) != 0;
    if (is_same && (has_repeat || negative > kMostCompared) == is_told) continue;
    throw std::runtime_error("kernel " + std::string(kernels.name) + ": " +
                             std::to_string(negative) + " noise words of centre " +
                             std::to_string(c) + " of " + std::to_string(n_centres) +
                             " differ");
  }
}

}  // namespace

void compare_kernels() {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::vector<const Kernels*> tables = available_kernels();
#if defined(__x86_64__)
  // Not among them where the processor has PREFETCHW.
  if (tables.size() > 1) tables.push_back(&avx2_kernels());
#endif
  for (const Kernels* const table : tables) {
    compare_philox(table->name);
    for (const std::size_t n_centres : {1, 7, 8, 21, 64}) {
      for (const std::size_t negative : {1, 2, 5, 31, 32, 33, 100}) {
        compare_noise(*table, n_centres, negative);
      }
    }
  }
  for (const std::size_t dim : {1, 6, 16, 37, 64, 100, 300}) {
    for (std::size_t n_inputs = 1; n_inputs <= 10; n_inputs++) {
      for (std::size_t n_targets = 1; n_targets <= 21; n_targets++) {
        for (const int repeats : {0, 1, 2, 3}) {
          compare(tables,
                  {dim, n_inputs, n_targets, (repeats & 1) != 0, (repeats & 2) != 0});
        }
      }
    }
    for (const float bad : {std::nanf(""), kInfinity, -kInfinity}) {
      compare(tables, {dim, 5, 7, false, false, bad});
      compare(tables, {dim, 3, 6, false, false, bad});
    }
  }
}

}  // namespace sgns::driver
