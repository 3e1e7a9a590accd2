// A matrix as one thread sees it: the rows of the most frequent words are private
// copies, merged with those of the other threads now and then; all other rows are
// shared. Without copies the cache lines of frequent words travel between the
// processors at every step. Internal.
//
// Thread safety: one object a thread; merge() of one matrix by one thread at a time.
#ifndef SGNS_HOT_ROWS_H_
#define SGNS_HOT_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "sgns/config.h"
#include "sgns/matrix.h"

namespace sgns {

class Trainer;

// Which rows are copied and when they are merged.
struct HotPlan {
  std::size_t n_rows = 0;    // of the input and the output matrix, most frequent first
  std::size_t interval = 0;  // centres of one thread between two merges, 0: none
};

// No rows for one thread, in a small vocabulary, or where merging would have to be too
// frequent: threads that change copies of a row without seeing each other must not
// overshoot together.
[[nodiscard]] HotPlan plan_hot_rows(const Trainer& trainer, std::size_t n_threads);

// How many changes one centre adds to a row of the most frequent word, on average: to
// the output row, as the centre itself and as a noise word, one for each input; to the
// input row, as a context word, one for each target.
[[nodiscard]] double changes_of_first(std::span<const std::int64_t> counts,
                                      std::span<const std::uint32_t> keep,
                                      const TrainConfig& config);

class HotRows {
 public:
  // Whether the rows in use are told beforehand (round_rows.h).
  static constexpr bool kInRounds = false;

  // Copies the first `n_rows` rows, at most all. REQUIRES: `shared` outlives the
  // object, its rows stay padded, and all threads copy the same rows.
  HotRows(Matrix& shared, std::size_t n_rows);

  [[nodiscard]] std::size_t stride() const { return stride_; }
  [[nodiscard]] float* row(std::size_t r) {
    // One select, no branch: whether a word is frequent cannot be predicted.
    float* const base = r < n_rows_ ? copies_.data() : shared_;
    return base + r * stride_;
  }

  // Adds what changed here since the last merge to the shared rows, and takes over what
  // the other threads added.
  void merge();

 private:
  float* shared_;
  std::size_t stride_, n_rows_;
  Matrix copies_;
  Matrix merged_;  // the copies as they were after the last merge
};

}  // namespace sgns

#endif  // SGNS_HOT_ROWS_H_
