// One thread's part in writing rows of a table of pairs. Internal.
//
// Thread safety: one object a thread.
#ifndef SGNS_PAIR_WRITER_H_
#define SGNS_PAIR_WRITER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sgns/pair_table.h"

namespace sgns {

class PairWriter {
 public:
  explicit PairWriter(const PairTable& table);

  // Writes the rows from `begin` to `end`, the first one to index 0 of `rows`.
  // REQUIRES: begin < end <= table.n_rows().
  void write(std::uint64_t begin, std::uint64_t end, const PairRows& rows);

 private:
  void seek(std::uint64_t positive);
  void find_contexts();
  void write_centre();
  void put(std::uint64_t row, WordId context, bool label) const;
  void exclude_near();
  void mark(std::span<const WordId> words);
  [[nodiscard]] WordId negative(std::uint64_t bits, WordId context);
  [[nodiscard]] WordId draw(std::uint64_t bits) const {
    return noise_.at(noise_.place(bits));
  }
  [[nodiscard]] WordId other_than(std::uint64_t bits, WordId excluded) const;
  [[nodiscard]] WordId unmarked(std::uint64_t bits);
  [[nodiscard]] WordId exact_unmarked(std::uint64_t bits);
  void put_off(std::uint64_t row, std::uint64_t bits);
  void draw_unpaired();
  void draw_once();
  void draw_exact();
  void draw_rest();

  static constexpr std::size_t kMostWaiting = 256;

  // Negatives under kPairs that are not drawn yet: many together, so that what the
  // caches do not hold of one comes while others have their turn.
  struct Waiting {
    std::size_t n = 0;
    std::array<std::uint64_t, kMostWaiting> bits;
    std::array<std::uint64_t, kMostWaiting> targets;  // indices of their rows
    std::array<WordId, kMostWaiting> centres;
  };

  const PairTable& table_;
  const Law& noise_;
  PairRows rows_{};
  std::uint64_t begin_ = 0, end_ = 0;  // the rows to write

  std::size_t token_ = 0;  // of the centre
  WordId centre_ = 0;
  std::size_t sentence_ = 0;              // of the centre
  std::size_t first_ = 0, last_ = 0;      // its contexts, the centre between them
  std::uint64_t positive_ = 0;            // number of its first pair
  bool is_excluded_ = false;              // the words near this centre are marked
  std::size_t marked_sentence_ = 0;       // plus 1; 0 for none
  std::span<const WordId> marked_words_;  // with repetitions
  std::vector<std::uint32_t> marks_;      // mark_ for the words that are excluded
  std::uint32_t mark_ = 0;
  std::vector<WordId> excluded_;  // marked_words_ as a set, when it was needed
  std::vector<std::uint64_t> before_;

  Waiting unpaired_;  // of any centre, drawn until they are no pairs
  Waiting of_rest_;   // of this centre, drawn from what its pairs leave
  std::array<WordId, kMostWaiting> words_;  // latest draws
};

}  // namespace sgns

#endif  // SGNS_PAIR_WRITER_H_
