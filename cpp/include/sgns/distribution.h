// A discrete distribution over 0..n-1 that draws in constant time: the alias table of
// Walker (1977), built as by Vose (1991), in 8 bytes an entry.
//
// Thread safety: immutable after construction.
#ifndef SGNS_DISTRIBUTION_H_
#define SGNS_DISTRIBUTION_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "sgns/noise_batch.h"
#include "sgns/page_allocator.h"
#include "sgns/random.h"

namespace sgns {

using WordId = std::int32_t;

class Distribution {
 public:
  using Slot = AliasSlot;

  // Probabilities proportional to `weights`: finite, >= 0, not all zero, at most
  // 2^31 - 2 of them; else std::invalid_argument names the index and the value.
  explicit Distribution(std::span<const double> weights);

  // Probabilities proportional to count^exponent (Mikolov et al., 2013: 0.75).
  // std::invalid_argument when a power over- or underflows.
  static Distribution unigram(std::span<const std::int64_t> counts, double exponent);

  [[nodiscard]] std::size_t size() const { return slots_.size(); }
  [[nodiscard]] std::span<const Slot> slots() const { return slots_; }

  // The word that 64 random bits stand for.
  [[nodiscard]] WordId draw(std::uint64_t bits) const { return at(place(bits)); }

  // draw() in two steps, so that the table can be fetched in between: the place that
  // the bits point to, slot in the upper half and coin in the lower, and the word
  // there.
  [[nodiscard]] std::uint64_t place(std::uint64_t bits) const {
    // The high 64 of the 96 bits of bits * n.
    const std::uint64_t n = slots_.size();
    return (bits >> 32) * n + (((bits & 0xFFFFFFFFu) * n) >> 32);
  }
  [[nodiscard]] WordId at(std::uint64_t place) const {
    const Slot entry = slots_[static_cast<std::size_t>(place >> 32)];
    const bool is_own = static_cast<std::uint32_t>(place) < entry.threshold;
    // All bits set or none: a branch would be mispredicted half of the time.
    const auto own = -static_cast<WordId>(is_own);
    return (static_cast<WordId>(place >> 32) & own) | (entry.alias & ~own);
  }
  // Inline by force: a function that only fetches looks to the compiler as if it did
  // nothing, and calls of it would be left out.
  [[gnu::always_inline]] inline void fetch(std::uint64_t place) const {
    __builtin_prefetch(&slots_[static_cast<std::size_t>(place >> 32)]);
  }

  // As draw(), from the distribution without the words for which `is_excluded`: draws
  // up to 64 times, then takes the word exactly from what is left.
  // REQUIRES: a word that is not excluded has a weight > 0.
  [[nodiscard]] WordId draw_unless(
      std::uint64_t bits, const std::function<bool(WordId)>& is_excluded) const;

  // The same with one word excluded.
  [[nodiscard]] WordId draw_excluding(std::uint64_t bits, WordId excluded) const {
    const WordId word = draw(bits);
    return word != excluded ? word : redraw(bits, excluded);
  }

 private:
  [[nodiscard]] WordId redraw(std::uint64_t bits, WordId excluded) const;

  Table<Slot> slots_;
};

// Neumaier's compensated sum: exact to about one unit in the last place.
[[nodiscard]] double compensated_sum(std::span<const double> values);

// For each word the highest value of a draw's upper 32 bits with which an occurrence
// is kept: the subsampling of word2vec.c, p = (sqrt(q) + 1) / q with
// q = count / (sample * total of counts). `sample` = 0 keeps all.
[[nodiscard]] std::vector<std::uint32_t> keep_thresholds(
    std::span<const std::int64_t> counts, double sample);

// The words from this one on are always kept; the size of `thresholds` when the last
// word is not.
[[nodiscard]] std::size_t n_subsampled(std::span<const std::uint32_t> thresholds);

}  // namespace sgns

#endif  // SGNS_DISTRIBUTION_H_
