// The first part of a call of NegativeSampler::sample: from rows to the words that are
// drawn for them, what they exclude aside. Internal.
//
// Thread safety: one object a thread.
#ifndef SGNS_DRAW_SOURCE_H_
#define SGNS_DRAW_SOURCE_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "sgns/negative_sampler.h"
#include "sgns/philox.h"

namespace sgns {

// Pairs of draws that are made together: enough to hide misses of the cache.
inline constexpr std::size_t kPairs = 64;

static_assert(kPairs % kPhiloxLanes == 0);

// Some draws in order, counted over all rows.
struct DrawnPiece {
  std::size_t first = 0, n = 0;
  WordId* words = nullptr;  // n of them, where they may be written
  std::array<std::uint64_t, 2 * kPairs> places;
  std::array<RowFilter::Probe, 2 * kPairs> probes;  // of the words; only with rows
};

// Goes through the pairs (row, draws 2 * pair and 2 * pair + 1) in order.
class DrawSource {
 public:
  DrawSource(const NegativeSampler& sampler, const SampleBatch& batch,
             const Philox& functions)
      : sampler_(sampler),
        law_(sampler.law()),
        batch_(batch),
        functions_(functions),
        pairs_of_row_((batch.k + 1) / 2),
        excludes_(sampler.excludes(batch) && !batch.rows.empty()) {}

  // The next pair is `pair`, counted over all rows.
  void seek(std::size_t pair) {
    row_ = pair / pairs_of_row_;
    pair_ = pair % pairs_of_row_;
  }

  // Makes the places of the next n <= kPairs pairs and asks for what stands there.
  void place(DrawnPiece& piece, std::size_t n) {
    fill_counters(n);
    fill_places(n);
    if (excludes_) fetch_offsets(n);
    piece.first = row_ * batch_.k + 2 * pair_;
    piece.n = order_places(piece, n);
    if (law_.is_uniform()) return;
    const Distribution& table = *law_.table();
    for (std::size_t i = 0; i < piece.n; i++) table.fetch(piece.places[i]);
  }

  // Makes the words of a piece and asks for what says whether they are excluded.
  void look_up(DrawnPiece& piece) const {
    if (law_.is_uniform()) {
      for (std::size_t i = 0; i < piece.n; i++) {
        piece.words[i] = static_cast<WordId>(piece.places[i] >> 32);
      }
    } else {
      const Distribution& table = *law_.table();
      for (std::size_t i = 0; i < piece.n; i++) {
        piece.words[i] = table.at(piece.places[i]);
      }
    }
    if (excludes_) fetch_filters(piece);
  }

  // The places of a later attempt at n draws: at(i).row and at(i).draw.
  template <class At>
  void place_again(std::size_t n, std::uint64_t attempt, At at, std::uint64_t* places) {
    for (std::size_t begin = 0; begin < n; begin += kPairs) {
      const std::size_t m = std::min(kPairs, n - begin);
      for (std::size_t i = 0; i < m; i++) {
        const auto& again = at(begin + i);
        const PhiloxBlock next = counter(again.row, again.draw / 2, attempt);
        low_[i] = next.low;
        high_[i] = next.high;
      }
      fill_places(m);
      for (std::size_t i = 0; i < m; i++) {
        const bool is_even = at(begin + i).draw % 2 == 0;
        places[begin + i] = is_even ? low_[i] : high_[i];
        law_.fetch(places[begin + i]);
      }
    }
  }

  // What 64 bits there are for a draw at an attempt.
  [[nodiscard]] std::uint64_t bits(std::size_t row, std::size_t draw,
                                   std::uint64_t attempt) const {
    const PhiloxBlock block =
        philox(sampler_.config().seed, counter(row, draw / 2, attempt));
    return draw % 2 == 0 ? block.low : block.high;
  }

 private:
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
  // row, and goes on to the next pair. Their number.
  std::size_t order_places(DrawnPiece& piece, std::size_t n) {
    std::size_t n_draws = 0;
    if (batch_.k % 2 == 0 || pairs_of_row_ - pair_ > n) {
      for (std::size_t i = 0; i < n; i++) {
        piece.places[2 * i] = low_[i];
        piece.places[2 * i + 1] = high_[i];
      }
      n_draws = 2 * n;
      row_ += (pair_ + n) / pairs_of_row_;
      pair_ = (pair_ + n) % pairs_of_row_;
    } else {
      for (std::size_t i = 0; i < n; i++) {
        piece.places[n_draws] = low_[i];
        piece.places[n_draws + 1] = high_[i];
        const bool is_last = ++pair_ == pairs_of_row_;
        n_draws += is_last ? 1 : 2;
        row_ += is_last ? 1 : 0;
        pair_ = is_last ? 0 : pair_;
      }
    }
    return n_draws;
  }

  // Fetching functions are inline by force, see Distribution::fetch().
  [[gnu::always_inline]] inline void fetch_offsets(std::size_t n) const {
    const auto offsets = sampler_.exclusion()->offsets();
    const std::size_t last_row = row_ + (pair_ + n - 1) / pairs_of_row_;
    for (std::size_t row = row_; row <= last_row; row++) {
      __builtin_prefetch(&offsets[static_cast<std::size_t>(batch_.rows[row])]);
    }
  }

  [[gnu::always_inline]] inline void fetch_filters(DrawnPiece& piece) const {
    std::size_t row = piece.first / batch_.k;
    std::size_t left = batch_.k - piece.first % batch_.k;  // draws of the row
    for (std::size_t i = 0; i < piece.n; row++, left = batch_.k) {
      const std::size_t end = std::min(piece.n, i + left);
      const auto listed = static_cast<std::size_t>(batch_.rows[row]);
      for (; i < end; i++) {
        piece.probes[i] = sampler_.exclusion()->probe(listed, piece.words[i]);
        piece.probes[i].fetch();
      }
    }
  }

  const NegativeSampler& sampler_;
  const Law& law_;
  const SampleBatch& batch_;
  const Philox& functions_;
  std::size_t pairs_of_row_;
  bool excludes_;  // by the rows of an Exclusion
  std::size_t row_ = 0, pair_ = 0;
  std::array<std::uint64_t, kPairs> low_{}, high_{};
};

}  // namespace sgns

#endif  // SGNS_DRAW_SOURCE_H_
