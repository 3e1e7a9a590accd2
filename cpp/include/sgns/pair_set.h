// For each word the words that stand near it somewhere in a text.
#ifndef SGNS_PAIR_SET_H_
#define SGNS_PAIR_SET_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sgns/page_allocator.h"
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
    if (row.n_buckets == 0) return (cells[wanted / 32] >> (wanted % 32) & 1) != 0;
    for (std::size_t b = first_bucket(wanted, row.n_buckets);;) {
      const std::uint32_t* const bucket = &cells[b * kBucket];
      std::uint32_t found = 0;  // without a branch inside: it would be mispredicted
      for (std::size_t i = 0; i < kBucket; i++) found |= bucket[i] == wanted ? 1 : 0;
      if (bucket[kBucket - 1] == kFree || found != 0) return found != 0;
      b = b + 1 == row.n_buckets ? 0 : b + 1;
    }
  }
  // Asks for the memory that contains() starts at. Inline by force, as the fetch() of
  // Distribution.
  [[gnu::always_inline]] inline void fetch(WordId word, WordId other) const {
    const Row row = rows_[static_cast<std::size_t>(word)];
    const auto wanted = static_cast<std::uint32_t>(other);
    const std::size_t at = row.n_buckets == 0
                               ? wanted / 32
                               : first_bucket(wanted, row.n_buckets) * kBucket;
    __builtin_prefetch(&cells_[row.begin + at]);
  }

  // The words near `word`, ascending, all different.
  [[nodiscard]] std::vector<WordId> row(WordId word) const;

 private:
  static constexpr std::uint32_t kFree = 0xFFFFFFFF;

  static constexpr std::size_t kBucket = 16;  // cells of a cache line

  // A long row is a bit for each word of the vocabulary; another one a table of
  // buckets, at most half full, whose ids stand in their first bucket that was not full
  // yet.
  struct Row {
    std::uint64_t begin;      // in cells_
    std::uint32_t n_buckets;  // 0: bits
  };

  [[nodiscard]] static std::size_t first_bucket(std::uint32_t id,
                                                std::uint32_t n_buckets) {
    return (std::uint64_t{id * 0x9E3779B9u} * n_buckets) >> 32;
  }
  [[nodiscard]] std::uint64_t lay_out(std::size_t word, std::uint64_t n_ids,
                                      std::uint64_t begin);
  void store(std::size_t word, std::span<const WordId> ids);

  std::vector<Row> rows_;
  Table<std::uint32_t> cells_;
};

}  // namespace sgns

#endif  // SGNS_PAIR_SET_H_
