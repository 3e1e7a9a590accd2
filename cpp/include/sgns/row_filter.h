// A Bloom filter for each row of a list of lists of ids, 8 bits an id: it says "no" for
// most ids that a row does not hold, from one word of memory, which can be fetched.
//
// Thread safety: immutable after construction.
#ifndef SGNS_ROW_FILTER_H_
#define SGNS_ROW_FILTER_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "sgns/distribution.h"
#include "sgns/page_allocator.h"

namespace sgns {

class RowFilter {
 public:
  // Where the answer for one id stands.
  struct Probe {
    const std::uint64_t* word;
    std::uint64_t bits;

    // Whether the row may hold the id: surely if it does, by chance (1 in 25) if not.
    [[nodiscard]] bool may_hold() const { return (*word & bits) == bits; }
    // Inline by force, as the fetch() of Distribution.
    [[gnu::always_inline]] inline void fetch() const { __builtin_prefetch(word); }
  };

  RowFilter() = default;
  // Row r holds ids[offsets[r]] to ids[offsets[r + 1] - 1].
  RowFilter(std::span<const std::uint64_t> offsets, std::span<const WordId> ids);

  // For the row whose ids stand from `begin` to `end` in the list.
  [[nodiscard]] Probe probe(std::uint64_t begin, std::uint64_t end, WordId id) const {
    // Neighbours may share a word, so that no row needs an offset of its own.
    const std::uint64_t first = begin / kIdsOfWord;
    const std::uint64_t n = end / kIdsOfWord - first + 1;
    std::uint64_t hash = (static_cast<std::uint64_t>(id) + 1) * 0x9E3779B97F4A7C15u;
    hash = (hash ^ hash >> 32) * 0xBF58476D1CE4E5B9u;
    const std::uint64_t bits = std::uint64_t{1} << (hash & 63) |
                               std::uint64_t{1} << (hash >> 6 & 63) |
                               std::uint64_t{1} << (hash >> 12 & 63);
    return {&words_[first + ((hash >> 32) * n >> 32)], bits};
  }

 private:
  static constexpr std::uint64_t kIdsOfWord = 8;

  Table<std::uint64_t> words_;
};

}  // namespace sgns

#endif  // SGNS_ROW_FILTER_H_
