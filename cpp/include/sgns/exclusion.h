// Which ids must not be drawn for which row: the seen items of each user, the observed
// contexts of each word.
//
// Thread safety: immutable after construction.
#ifndef SGNS_EXCLUSION_H_
#define SGNS_EXCLUSION_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sgns/law.h"
#include "sgns/row_filter.h"

namespace sgns {

// Whether ascending ids have `id` among them.
[[nodiscard]] inline bool is_among(std::span<const WordId> ids, WordId id) {
  const WordId* first = ids.data();
  std::size_t n = ids.size();
  while (n > 1) {  // without branches to mispredict
    const std::size_t half = n / 2;
    first += half & -static_cast<std::size_t>(first[half - 1] < id);
    n -= half;
  }
  return n == 1 && *first == id;
}

class Exclusion {
 public:
  // Compressed sparse rows: the ids of row r are indices[indptr[r]] to
  // indices[indptr[r + 1] - 1], in any order, repeats allowed. std::invalid_argument
  // says what is malformed.
  static Exclusion csr(std::span<const std::int64_t> indptr,
                       std::span<const std::int64_t> indices);
  // One id for each row named in `rows`; rows without a pair exclude nothing.
  static Exclusion pairs(std::span<const std::int64_t> rows,
                         std::span<const std::int64_t> ids, std::size_t n_rows);

  [[nodiscard]] std::size_t n_rows() const { return offsets_.size() - 1; }
  // Ascending, without repeats. REQUIRES: row < n_rows().
  [[nodiscard]] std::span<const WordId> row(std::size_t row) const {
    return std::span(ids_).subspan(offsets_[row], offsets_[row + 1] - offsets_[row]);
  }
  // Whether a row holds an id, in two steps: the filter says whether it may, and may be
  // fetched; the row itself knows. REQUIRES: row < n_rows().
  [[nodiscard]] RowFilter::Probe probe(std::size_t row, WordId id) const {
    return filter_.probe(offsets_[row], offsets_[row + 1], id);
  }
  [[nodiscard]] bool holds(std::size_t row, WordId id) const {
    return is_among(this->row(row), id);
  }
  [[nodiscard]] std::span<const std::uint64_t> offsets() const { return offsets_; }
  [[nodiscard]] std::span<const WordId> ids() const { return ids_; }

 private:
  // Sorts each row, leaves out its repeats and makes the filter.
  void normalise();

  Table<std::uint64_t> offsets_;  // n_rows + 1
  Table<WordId> ids_;
  RowFilter filter_;
};

// The ids that one row excludes: those of an Exclusion and some of its own. A view that
// goes from row to row and keeps its memory.
//
// Thread safety: one object a thread.
class ExcludedSet {
 public:
  explicit ExcludedSet(const Law& law) : law_(law) {}

  // `listed` is ascending without repeats; `own` is neither.
  void assign(std::span<const WordId> listed, std::span<const WordId> own);
  [[nodiscard]] bool empty() const { return listed_.empty() && own_.empty(); }
  // Ids given to assign(), repeats counted: at least the number of excluded ones.
  [[nodiscard]] std::size_t n_given() const { return n_given_; }
  [[nodiscard]] bool contains(WordId id) const {
    return is_among(listed_, id) || owns(id);
  }
  // The same, when the listed ids are known not to be this one.
  [[nodiscard]] bool owns(WordId id) const {
    if (is_merged_) return is_among(listed_, id);
    bool found = false;
    for (const WordId other : own_) found |= other == id;
    return found;
  }
  // Mass of all ids that are not excluded.
  [[nodiscard]] std::uint64_t rest();
  // The same, when the mass beside the listed ids is known.
  [[nodiscard]] std::uint64_t rest_beside(std::uint64_t rest_of_listed);
  // The id that 64 random bits stand for, exactly from what is not excluded: the
  // inverse of the cumulated masses. REQUIRES: rest() > 0.
  [[nodiscard]] WordId draw(std::uint64_t bits);

 private:
  void merge();
  void cumulate();

  // More own ids than these are merged with the listed ones at once.
  static constexpr std::size_t kFewIds = 8;

  const Law& law_;
  std::span<const WordId> listed_, own_;
  std::size_t n_given_ = 0;
  bool is_merged_ = false;
  std::vector<WordId> merged_;  // what listed_ refers to after merge()
  bool is_cumulated_ = false;
  std::vector<std::uint64_t> allowed_;  // mass that is not excluded below listed_[i]
  std::uint64_t rest_ = 0;
};

}  // namespace sgns

#endif  // SGNS_EXCLUSION_H_
