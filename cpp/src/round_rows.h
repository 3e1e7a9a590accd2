// A matrix as one stream of a round sees it (rounds.h), and what happens to the rows
// that several streams change: each stream has a copy, and their changes are added when
// all streams have ended. Rows that only one stream changes stand where they are.
// Internal.
//
// Thread safety: one object a stream, used by one thread at a time; a RoundPlanner
// writes to disjoint parts of all streams meanwhile.
#ifndef SGNS_ROUND_ROWS_H_
#define SGNS_ROUND_ROWS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "row_index.h"
#include "sgns/matrix.h"

namespace sgns {

class RoundRows {
 public:
  // Rows are planned and merged in this many parts, each by one thread.
  static constexpr std::size_t kParts = 32;
  // See HotRows.
  static constexpr bool kInRounds = true;

  // REQUIRES: `shared` outlives the object and its rows stay padded.
  template <class... OfHotRows>
  explicit RoundRows(Matrix& shared, const OfHotRows&...)
      : shared_(shared), stride_(shared.stride()) {}

  [[nodiscard]] std::size_t stride() const { return stride_; }
  [[nodiscard]] Matrix& shared() { return shared_; }

  // First: which rows the stream will use, in any order.
  void forget_rows() { index_.clear(); }
  void use(std::size_t row) { index_.add(row); }
  void sort_by_parts();

  // Then, part by part: the rows are planned. Place k holds a row of part p for k from
  // begin(p) to begin(p + 1).
  [[nodiscard]] std::size_t begin(std::size_t p) const { return begins_[p]; }
  [[nodiscard]] std::uint32_t row_at(std::size_t k) const { return row_at_[k]; }
  void set_shared(std::size_t k, bool shared) { is_shared_[k] = shared ? 1 : 0; }

  // Then the stream is trained.
  void copy_rows();
  // REQUIRES: one of the rows in use.
  [[nodiscard]] float* row(std::size_t r) { return rows_[index_.find(r)]; }

  // At last: the stream's row at a place.
  [[nodiscard]] const float* trained_at(std::size_t k) const {
    return rows_[by_part_[k]];
  }

 private:
  static constexpr std::size_t kRowsInBlock = 64;

  [[nodiscard]] float* copy_of(const float* row);

  Matrix& shared_;
  std::size_t stride_;
  RowIndex index_;
  std::vector<float*> rows_;                     // by their numbers in index_
  std::vector<std::uint32_t> by_part_, row_at_;  // by places: number, row
  std::vector<std::uint8_t>
      is_shared_;  // at the same places: used by other streams too
  std::array<std::size_t, kParts + 1> begins_{};
  std::size_t n_copies_ = 0;
  std::vector<Matrix> blocks_;  // of kRowsInBlock copies; they never move
};

// The rows of one part that several streams of a round use.
class RoundPart {
 public:
  // Adds the changes of all streams: each stream's row less the shared one, the first
  // stream's first.
  void merge(Matrix& shared);

 private:
  friend class RoundPlanner;
  struct Use {
    const RoundRows* stream;
    std::size_t place;
  };
  struct SharedRow {
    std::size_t row, end;  // of its uses
  };
  std::vector<SharedRow> rows_;
  std::vector<Use> uses_;  // from 1 on: row after row, streams ascending
  std::vector<const float*> trained_;
};

// Finds out which rows several streams use.
//
// Thread safety: one object a thread.
class RoundPlanner {
 public:
  // Plans part `p` of all streams. REQUIRES: they have the same shared matrix.
  void plan(std::span<RoundRows* const> streams, std::size_t p, RoundPart* part);

 private:
  RowIndex index_;
  std::vector<std::uint32_t> numbers_;  // of the rows in index_, use after use
  std::vector<std::uint32_t> counts_;   // uses of each row
  std::vector<std::size_t> ends_;       // of the uses of each row that are listed
};

}  // namespace sgns

#endif  // SGNS_ROUND_ROWS_H_
