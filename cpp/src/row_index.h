// Numbers rows in the order of their first use: a hash table that stays in the L1 cache
// when the rows are few, however many the matrix has. Internal.
//
// Thread safety: one object a thread.
#ifndef SGNS_ROW_INDEX_H_
#define SGNS_ROW_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace sgns {

class RowIndex {
 public:
  // The number of a row; a row that is new gets size() as it was before the call.
  // REQUIRES: row < 2^32 - 1.
  std::size_t add(std::size_t row) {
    const auto wanted = static_cast<std::uint32_t>(row);
    std::size_t place = first_place(wanted);
    for (; places_[place].row != wanted; place = (place + 1) & mask_) {
      if (places_[place].row == kNone) return insert(place, wanted);
    }
    return places_[place].number;
  }
  // REQUIRES: the row was added.
  [[nodiscard]] std::size_t find(std::size_t row) const {
    const auto wanted = static_cast<std::uint32_t>(row);
    std::size_t place = first_place(wanted);
    while (places_[place].row != wanted) place = (place + 1) & mask_;
    return places_[place].number;
  }
  void clear() {
    for (const std::uint32_t place : used_) places_[place].row = kNone;
    used_.clear();
    rows_.clear();
  }

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  // By their numbers.
  [[nodiscard]] std::span<const std::uint32_t> rows() const { return rows_; }

 private:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::size_t kFewestPlaces = 256;  // a power of two

  struct Place {
    std::uint32_t row = kNone;
    std::uint32_t number = 0;
  };

  [[nodiscard]] std::size_t first_place(std::uint32_t row) const {
    constexpr std::uint32_t kFactor = 0x9E3779B9;  // 2^32 over the golden ratio
    const std::uint32_t hash = row * kFactor;
    return (hash ^ (hash >> 16)) & mask_;
  }
  std::size_t insert(std::size_t place, std::uint32_t row) {
    const std::size_t number = rows_.size();
    places_[place] = {row, static_cast<std::uint32_t>(number)};
    used_.push_back(static_cast<std::uint32_t>(place));
    rows_.push_back(row);
    if (4 * rows_.size() > places_.size()) grow();
    return number;
  }
  void grow() {
    places_.assign(2 * places_.size(), {});
    mask_ = places_.size() - 1;
    for (std::size_t i = 0; i < rows_.size(); i++) {
      std::size_t place = first_place(rows_[i]);
      while (places_[place].row != kNone) place = (place + 1) & mask_;
      places_[place] = {rows_[i], static_cast<std::uint32_t>(i)};
      used_[i] = static_cast<std::uint32_t>(place);
    }
  }

  std::vector<Place> places_ = std::vector<Place>(kFewestPlaces);
  std::size_t mask_ = kFewestPlaces - 1;
  std::vector<std::uint32_t> rows_, used_;  // by number: the row and its place
};

}  // namespace sgns

#endif  // SGNS_ROW_INDEX_H_
