// One call of NegativeSampler::sample as a template over the type of the ids. Internal.
//
// Thread safety: one object a thread.
#ifndef SGNS_SAMPLE_RUN_H_
#define SGNS_SAMPLE_RUN_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "sgns/negative_sampler.h"
#include "sgns/philox.h"

namespace sgns {

// After this many draws that are excluded, the next one is exact.
inline constexpr std::uint64_t kAttempts = 8;
// Pairs of draws between two looks at the table: enough to hide misses of the cache.
inline constexpr std::size_t kPairs = 64;

static_assert(kPairs % kPhiloxLanes == 0);

// Calls visit(row, draw, index, n) for the rows of the draws from `first` to
// first + n - 1, counted over all rows: their first draw, its index among these draws
// and their number. `set` holds what the row excludes.
template <class Visit>
void for_row_draws(const NegativeSampler& sampler, const SampleBatch& batch,
                   ExcludedSet& set, std::size_t first, std::size_t n, Visit visit) {
  std::size_t row = first / batch.k, draw = first % batch.k;
  for (std::size_t i = 0; i < n; row++, draw = 0) {
    const std::size_t n_row = std::min(batch.k - draw, n - i);
    sampler.assign(set, batch, row);
    visit(row, draw, i, n_row);
    i += n_row;
  }
}

// Log probabilities of the draws from `first` on, which are `words`.
void write_log_q(const NegativeSampler& sampler, const SampleBatch& batch,
                 ExcludedSet& set, std::size_t first, std::span<const WordId> words,
                 float* log_q);

// Goes through the pairs (row, draws 2 * pair and 2 * pair + 1) in order, kPairs at a
// time.
template <class Id>
class SampleRun {
 public:
  SampleRun(const NegativeSampler& sampler, const SampleBatch& batch,
            const SampleArrays& arrays, Id* ids, const Philox& functions)
      : sampler_(sampler),
        law_(sampler.law()),
        batch_(batch),
        arrays_(arrays),
        ids_(ids),
        functions_(functions),
        k_(batch.k),
        pairs_of_row_((k_ + 1) / 2),
        excludes_(sampler.excludes(batch)),
        set_(law_) {}

  // Draws for the pairs from `begin` to `end`, counted over all rows.
  void run(std::size_t begin, std::size_t end) {
    row_ = begin / pairs_of_row_;
    pair_ = begin % pairs_of_row_;
    while (begin < end) {
      const std::size_t n = std::min(kPairs, end - begin);
      if (excludes_) fetch_offsets(n);
      fill_counters(n);
      fill_places(n);
      if (excludes_) fetch_rows(n);
      const std::size_t first = row_ * k_ + 2 * pair_;
      const std::size_t n_draws = order_places(n);
      look_up(n_draws);
      if (excludes_) {
        exclude(first, n_draws);
      } else if (arrays_.mask) {
        std::fill_n(arrays_.mask + first, n_draws, false);
      }
      if (arrays_.log_q) {
        write_log_q(sampler_, batch_, set_, first, {words_.data(), n_draws},
                    arrays_.log_q + first);
      }
      std::copy_n(words_.data(), n_draws, ids_ + first);
      begin += n;
    }
  }

 private:
  // A draw that its row excludes.
  struct Reject {
    std::uint32_t index;  // into words_
    std::size_t row, draw;
  };

  [[nodiscard]] PhiloxBlock counter(std::size_t row, std::size_t pair,
                                    std::uint64_t attempt) const {
    const std::uint64_t id =
        batch_.row_ids.empty() ? row : static_cast<std::uint64_t>(batch_.row_ids[row]);
    return draw_counter(id, pair, attempt, batch_.step, batch_.purpose);
  }

  void fill_counters(std::size_t n) {
    std::size_t row = row_, pair = pair_;
    for (std::size_t i = 0; i < n; row++, pair = 0) {
      const PhiloxBlock first = counter(row, pair, 0);
      const std::size_t end = std::min(n, i + pairs_of_row_ - pair);
      for (std::uint64_t low = first.low; i < end; i++, low++) {
        low_[i] = low;
        high_[i] = first.high;
      }
    }
  }

  // From counters to places.
  void fill_places(std::size_t n) {
    const std::size_t n_padded = (n + kPhiloxLanes - 1) / kPhiloxLanes * kPhiloxLanes;
    functions_.places(sampler_.config().seed, law_.size(), n_padded, low_.data(),
                      high_.data());
  }

  // Puts the places in the order of the draws, two for each pair but the last of an odd
  // row, and goes on to the next pair.
  std::size_t order_places(std::size_t n) {
    std::size_t n_draws = 0;
    if (k_ % 2 == 0 || pairs_of_row_ - pair_ > n) {
      for (std::size_t i = 0; i < n; i++) {
        places_[2 * i] = low_[i];
        places_[2 * i + 1] = high_[i];
      }
      n_draws = 2 * n;
      row_ += (pair_ + n) / pairs_of_row_;
      pair_ = (pair_ + n) % pairs_of_row_;
    } else {
      for (std::size_t i = 0; i < n; i++) {
        places_[n_draws] = low_[i];
        places_[n_draws + 1] = high_[i];
        const bool is_last = ++pair_ == pairs_of_row_;
        n_draws += is_last ? 1 : 2;
        row_ += is_last ? 1 : 0;
        pair_ = is_last ? 0 : pair_;
      }
    }
    return n_draws;
  }

  void look_up(std::size_t n) {
    if (law_.is_uniform()) {
      for (std::size_t i = 0; i < n; i++) words_[i] = law_.at(places_[i]);
      return;
    }
    const Distribution& table = *law_.table();
    for (std::size_t i = 0; i < n; i++) table.fetch(places_[i]);
    for (std::size_t i = 0; i < n; i++) words_[i] = table.at(places_[i]);
  }

  // The row of the last of n pairs.
  [[nodiscard]] std::size_t last_row(std::size_t n) const {
    return row_ + (pair_ + n - 1) / pairs_of_row_;
  }

  // Fetching functions are inline by force, see Distribution::fetch().
  [[gnu::always_inline]] inline void fetch_offsets(std::size_t n) const {
    if (batch_.rows.empty()) return;
    const auto offsets = sampler_.exclusion()->offsets();
    for (std::size_t row = row_; row <= last_row(n); row++) {
      __builtin_prefetch(&offsets[static_cast<std::size_t>(batch_.rows[row])]);
    }
  }

  // The lines of a short row, and of a long one those that a search asks for first.
  [[gnu::always_inline]] inline void fetch_rows(std::size_t n) const {
    if (batch_.rows.empty()) return;
    constexpr std::size_t kLine = 16, kLines = 8;
    for (std::size_t row = row_; row <= last_row(n); row++) {
      const auto listed =
          sampler_.exclusion()->row(static_cast<std::size_t>(batch_.rows[row]));
      const std::size_t step = std::max(kLine, listed.size() / kLines);
      for (std::size_t i = 0; i < listed.size(); i += step) {
        __builtin_prefetch(listed.data() + i);
      }
    }
  }

  template <class Visit>
  void for_draws(std::size_t first, std::size_t n, Visit visit) {
    for_row_draws(sampler_, batch_, set_, first, n, visit);
  }

  void exclude(std::size_t first, std::size_t n) {
    const Policy policy = sampler_.config().policy;
    if (policy == Policy::kMask) {
      for_draws(first, n, [&](std::size_t, std::size_t, std::size_t at, std::size_t m) {
        for (std::size_t i = at; i < at + m; i++) {
          arrays_.mask[first + i] = set_.contains(words_[i]);
        }
      });
      return;
    }
    std::size_t n_rejects = 0;
    const bool pads = policy == Policy::kResample && sampler_.config().pad;
    for_draws(first, n,
              [&](std::size_t row, std::size_t draw, std::size_t at, std::size_t m) {
                if (pads && sampler_.is_empty(set_, batch_, row)) {
                  std::fill_n(words_.begin() + static_cast<std::ptrdiff_t>(at), m, -1);
                  return;
                }
                for (std::size_t i = at; i < at + m; i++) {
                  rejects_[n_rejects] = {static_cast<std::uint32_t>(i), row,
                                         draw + (i - at)};
                  n_rejects += set_.contains(words_[i]) ? 1 : 0;
                }
              });
    if (policy == Policy::kSkip) {
      for (std::size_t i = 0; i < n_rejects; i++) words_[rejects_[i].index] = -1;
    } else {
      redraw(n_rejects);
    }
  }

  // Draws rejected draws again, all at once, and again those that are rejected again.
  void redraw(std::size_t n) {
    std::uint64_t attempt = 1;
    for (; attempt < kAttempts && n > 0; attempt++) {
      fill_redraws(n, attempt);
      std::size_t n_left = 0;
      for (std::size_t i = 0; i < n; i++) {
        const Reject reject = rejects_[i];
        const WordId word = law_.at(places_[i]);
        words_[reject.index] = word;
        if (i == 0 || rejects_[i].row != row_of_set_) assign(reject.row);
        rejects_[n_left] = reject;
        n_left += set_.contains(word) ? 1 : 0;
      }
      n = n_left;
    }
    for (std::size_t i = 0; i < n; i++) {
      const Reject reject = rejects_[i];
      if (i == 0 || reject.row != row_of_set_) assign(reject.row);
      const PhiloxBlock block =
          philox(sampler_.config().seed, counter(reject.row, reject.draw / 2, attempt));
      words_[reject.index] = set_.draw(reject.draw % 2 == 0 ? block.low : block.high);
    }
  }

  void assign(std::size_t row) {
    sampler_.assign(set_, batch_, row);
    row_of_set_ = row;
  }

  // The places of the next attempts, in places_.
  void fill_redraws(std::size_t n, std::uint64_t attempt) {
    for (std::size_t begin = 0; begin < n; begin += kPairs) {
      const std::size_t m = std::min(kPairs, n - begin);
      for (std::size_t i = 0; i < m; i++) {
        const Reject& reject = rejects_[begin + i];
        const PhiloxBlock next = counter(reject.row, reject.draw / 2, attempt);
        low_[i] = next.low;
        high_[i] = next.high;
      }
      fill_places(m);
      for (std::size_t i = 0; i < m; i++) {
        const bool is_even = rejects_[begin + i].draw % 2 == 0;
        places_[begin + i] = is_even ? low_[i] : high_[i];
        if (!law_.is_uniform()) law_.table()->fetch(places_[begin + i]);
      }
    }
  }

  const NegativeSampler& sampler_;
  const Law& law_;
  const SampleBatch& batch_;
  const SampleArrays& arrays_;
  Id* ids_;
  const Philox& functions_;
  std::size_t k_, pairs_of_row_;
  bool excludes_;
  ExcludedSet set_;
  std::size_t row_of_set_ = 0;
  std::size_t row_ = 0, pair_ = 0;
  std::array<std::uint64_t, kPairs> low_{}, high_{};
  std::array<std::uint64_t, 2 * kPairs> places_;
  std::array<WordId, 2 * kPairs> words_;
  std::array<Reject, 2 * kPairs> rejects_;
};

}  // namespace sgns

#endif  // SGNS_SAMPLE_RUN_H_
