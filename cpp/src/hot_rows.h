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
#include <vector>

#include "sgns/config.h"
#include "sgns/matrix.h"

namespace sgns {

class Trainer;

// Rows of about the same frequency, which are merged together.
struct HotTier {
  std::size_t end;  // how many rows are as frequent or more so, from the first tier on
  std::size_t every;  // merged at every so many merges of the thread
};

// Which rows are copied and when they are merged.
struct HotPlan {
  std::vector<HotTier> words;  // of the input and the output matrix; empty: none
  std::vector<HotTier> nodes;  // those nearest to the root
  std::size_t interval = 0;    // centres of one thread between two merges, 0: none

  // Those of rows of biases, which hold several words each.
  [[nodiscard]] std::vector<HotTier> biases() const;
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

// How many changes one centre adds to the root of the tree: one for each input.
[[nodiscard]] double changes_of_root(const TrainConfig& config);

class HotRows {
 public:
  // Whether the rows in use are told beforehand (round_rows.h).
  static constexpr bool kInRounds = false;

  // Copies the rows of the tiers, at most all: the first rows of the matrix or, with
  // `from_end`, the last one, the one before and so on. REQUIRES: `shared` outlives the
  // object, its rows stay padded, and all threads copy the same rows.
  HotRows(Matrix& shared, const std::vector<HotTier>& tiers, bool from_end = false);

  [[nodiscard]] std::size_t stride() const { return stride_; }
  [[nodiscard]] float* row(std::size_t r) {
    // By arithmetic, without a branch: whether a word is frequent cannot be predicted.
    const auto is_copied = static_cast<std::uintptr_t>(r - first_ < n_rows_);
    const std::uintptr_t shift = to_copies_ & -is_copied;
    return reinterpret_cast<float*>(reinterpret_cast<std::uintptr_t>(shared_) + shift +
                                    r * stride_ * sizeof(float));
  }

  // Adds what changed here since their last merge to the shared rows, and takes over
  // what the other threads added: of the tiers whose turn it is at the merge of that
  // number, and of all at merge 0.
  void merge(std::size_t number);

 private:
  void merge_rows(std::size_t begin, std::size_t end);

  float* shared_;
  std::size_t stride_, n_rows_;
  std::size_t first_;  // copied row of the shared matrix
  bool from_end_;
  std::uintptr_t to_copies_;  // bytes from a row to its copy
  std::vector<HotTier> tiers_;
  Matrix copies_;
  Matrix merged_;  // the copies as they were after the last merge
};

}  // namespace sgns

#endif  // SGNS_HOT_ROWS_H_
