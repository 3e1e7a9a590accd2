// For each word the words that stand near it somewhere in a text.
#ifndef SGNS_PAIR_SET_H_
#define SGNS_PAIR_SET_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sgns/huge_pages.h"
#include "sgns/token_text.h"

namespace sgns {

// Thread safety: immutable after construction.
class PairSet {
 public:
  // The pairs of two tokens of one sentence that are at most `window` tokens apart in
  // at least one of the texts. `n_words`: ids are 0..n_words-1. Texts are read several
  // times, a range of words at a time, so that memory is that of the distinct pairs.
  // REQUIRES: window >= 1 or kWholeSentence.
  PairSet(std::span<const TokenText> texts, std::size_t n_words, std::int64_t window,
          std::size_t n_threads, const Poll& poll);

  [[nodiscard]] std::size_t n_words() const { return rows_.size(); }

  // Whether `other` stands near `word`, in constant time.
  [[nodiscard]] bool contains(WordId word, WordId other) const {
    const Row row = rows_[static_cast<std::size_t>(word)];
    const std::uint32_t* const cells = &cells_[row.begin];
    const auto wanted = static_cast<std::uint32_t>(other);
    if (row.n_slots == 0) return (cells[wanted / 32] >> (wanted % 32) & 1) != 0;
    std::uint32_t at = first_slot(wanted, row.n_slots);
    while (cells[at] != wanted && cells[at] != kFree) {
      at = at + 1 == row.n_slots ? 0 : at + 1;
    }
    return cells[at] == wanted;
  }
  // Asks for the memory that contains() starts at. Inline by force, as the fetch() of
  // Distribution.
  [[gnu::always_inline]] inline void fetch(WordId word, WordId other) const {
    const Row row = rows_[static_cast<std::size_t>(word)];
    const auto wanted = static_cast<std::uint32_t>(other);
    const std::uint32_t at =
        row.n_slots == 0 ? wanted / 32 : first_slot(wanted, row.n_slots);
    __builtin_prefetch(&cells_[row.begin + at]);
  }

  // The words near `word`, ascending, all different.
  [[nodiscard]] std::vector<WordId> row(WordId word) const;

 private:
  static constexpr std::uint32_t kFree = 0xFFFFFFFF;

  // A long row is a bit for each word of the vocabulary; another one a table of ids, at
  // most half full, in which an id stands in its first slot or behind it.
  struct Row {
    std::uint64_t begin;    // in cells_
    std::uint32_t n_slots;  // 0: bits
  };

  [[nodiscard]] static std::uint32_t first_slot(std::uint32_t id,
                                                std::uint32_t n_slots) {
    return static_cast<std::uint32_t>(
        (std::uint64_t{id * 0x9E3779B9u} * std::uint64_t{n_slots}) >> 32);
  }
  [[nodiscard]] std::uint64_t lay_out(std::size_t word, std::uint64_t n_ids,
                                      std::uint64_t begin);
  void store(std::size_t word, std::span<const WordId> ids);

  std::vector<Row> rows_;
  Table<std::uint32_t> cells_;
};

}  // namespace sgns

#endif  // SGNS_PAIR_SET_H_
