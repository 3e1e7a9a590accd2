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
#include <type_traits>

#include "draw_source.h"
#include "sgns/negative_sampler.h"
#include "sgns/philox.h"

namespace sgns {

// After this many draws that are excluded, the next one is exact.
inline constexpr std::uint64_t kAttempts = 8;
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

// Goes through the draws in pieces. What one step of a piece asks of the memory comes
// while other pieces have their turn.
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
        source_(sampler, batch, functions),
        set_(law_) {}

  // Draws for the pairs from `begin` to `end`, counted over all rows.
  void run(std::size_t begin, std::size_t end) {
    source_.seek(begin);
    const std::size_t n = (end - begin + kPairs - 1) / kPairs;
    for (std::size_t i = 0; i < n + 2; i++, begin += kPairs) {
      if (i < n) place(i % 3, std::min(kPairs, end - begin));
      if (i >= 1 && i - 1 < n) source_.look_up(pieces_[(i - 1) % 3]);
      if (i >= 2) finish(pieces_[(i - 2) % 3]);
    }
  }

 private:
  static constexpr bool kIsWide = !std::is_same_v<Id, WordId>;

  // A draw that its row excludes.
  struct Reject {
    std::uint32_t index;  // into the words of the piece
    bool is_sure;         // before its row was asked
    std::size_t row, draw;
  };

  // Words are made where they are wanted, if they have the type that is wanted.
  void place(std::size_t i, std::size_t n) {
    source_.place(pieces_[i], n);
    if constexpr (kIsWide) {
      pieces_[i].words = words_[i].data();
    } else {
      pieces_[i].words = ids_ + pieces_[i].first;
    }
  }

  void finish(DrawnPiece& piece) {
    if (sampler_.excludes(batch_)) {
      exclude(piece);
    } else if (arrays_.mask) {
      std::fill_n(arrays_.mask + piece.first, piece.n, false);
    }
    if (arrays_.log_q) {
      write_log_q(sampler_, batch_, set_, piece.first, {piece.words, piece.n},
                  arrays_.log_q + piece.first);
    }
    if constexpr (kIsWide) std::copy_n(piece.words, piece.n, ids_ + piece.first);
  }

  void exclude(DrawnPiece& piece) {
    const std::size_t n_rejects = sure(piece, suspect(piece));
    const Policy policy = sampler_.config().policy;
    if (policy == Policy::kMask) {
      std::fill_n(arrays_.mask + piece.first, piece.n, false);
      for (std::size_t i = 0; i < n_rejects; i++) {
        arrays_.mask[piece.first + rejects_[i].index] = true;
      }
    } else if (policy == Policy::kSkip) {
      for (std::size_t i = 0; i < n_rejects; i++) piece.words[rejects_[i].index] = -1;
    } else {
      redraw(piece, n_rejects);
    }
  }

  // Collects in rejects_ the draws that may be excluded; their number.
  std::size_t suspect(DrawnPiece& piece) {
    const bool has_list = !batch_.rows.empty();
    const bool pads =
        sampler_.config().policy == Policy::kResample && sampler_.config().pad;
    std::size_t n_found = 0;
    const auto visit = [&](std::size_t row, std::size_t draw, std::size_t at,
                           std::size_t m) {
      if (pads && sampler_.is_empty(set_, batch_, row)) {
        std::fill_n(piece.words + at, m, -1);
        return;
      }
      // Every draw is written and only the suspected ones stay: no branch to
      // mispredict.
      for (std::size_t i = at; i < at + m; i++) {
        const bool is_own = set_.owns(piece.words[i]);
        const bool is_listed = has_list && piece.probes[i].may_hold();
        rejects_[n_found] = {.index = static_cast<std::uint32_t>(i),
                             .is_sure = is_own,
                             .row = row,
                             .draw = draw + (i - at)};
        n_found += static_cast<std::size_t>(is_own | is_listed);
      }
    };
    for_row_draws(sampler_, batch_, set_, piece.first, piece.n, visit);
    return n_found;
  }

  // Keeps of n suspected draws those that are excluded; their number.
  std::size_t sure(const DrawnPiece& piece, std::size_t n) {
    if (batch_.rows.empty()) return n;
    for (std::size_t i = 0; i < n; i++) fetch_row(rejects_[i].row);
    std::size_t n_sure = 0;
    for (std::size_t i = 0; i < n; i++) {
      const Reject reject = rejects_[i];
      const auto listed = static_cast<std::size_t>(batch_.rows[reject.row]);
      const bool is_listed =
          sampler_.exclusion()->holds(listed, piece.words[reject.index]);
      rejects_[n_sure] = reject;
      n_sure += static_cast<std::size_t>(reject.is_sure | is_listed);
    }
    return n_sure;
  }

  // The lines of a short row, and of a long one those that a search asks for first.
  // Inline by force, see Distribution::fetch().
  [[gnu::always_inline]] inline void fetch_row(std::size_t row) const {
    constexpr std::size_t kLine = 16, kLines = 8;
    const auto listed =
        sampler_.exclusion()->row(static_cast<std::size_t>(batch_.rows[row]));
    const std::size_t step = std::max(kLine, listed.size() / kLines);
    for (std::size_t i = 0; i < listed.size(); i += step) {
      __builtin_prefetch(listed.data() + i);
    }
  }

  // Draws rejected draws again, all at once, and again those that are rejected again.
  void redraw(DrawnPiece& piece, std::size_t n) {
    std::uint64_t attempt = 1;
    for (; attempt < kAttempts && n > 0; attempt++) {
      const auto at = [&](std::size_t i) -> const Reject& { return rejects_[i]; };
      source_.place_again(n, attempt, at, piece.places.data());
      std::size_t n_left = 0;
      for (std::size_t i = 0; i < n; i++) {
        const Reject reject = rejects_[i];
        const WordId word = law_.at(piece.places[i]);
        piece.words[reject.index] = word;
        if (i == 0 || reject.row != row_of_set_) assign(reject.row);
        rejects_[n_left] = reject;
        n_left += set_.contains(word) ? 1 : 0;
      }
      n = n_left;
    }
    for (std::size_t i = 0; i < n; i++) {
      const Reject reject = rejects_[i];
      if (i == 0 || reject.row != row_of_set_) assign(reject.row);
      piece.words[reject.index] =
          set_.draw(source_.bits(reject.row, reject.draw, attempt));
    }
  }

  void assign(std::size_t row) {
    sampler_.assign(set_, batch_, row);
    row_of_set_ = row;
  }

  const NegativeSampler& sampler_;
  const Law& law_;
  const SampleBatch& batch_;
  const SampleArrays& arrays_;
  Id* ids_;
  DrawSource source_;
  ExcludedSet set_;
  std::size_t row_of_set_ = 0;
  std::array<DrawnPiece, 3> pieces_;
  // Words of the pieces, of another type than the ids that are wanted.
  std::array<std::array<WordId, 2 * kPairs>, kIsWide ? 3 : 0> words_;
  std::array<Reject, 2 * kPairs> rejects_;
};

}  // namespace sgns

#endif  // SGNS_SAMPLE_RUN_H_
