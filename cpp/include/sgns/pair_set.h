// For each word the words that stand near it somewhere in a text.
#ifndef SGNS_PAIR_SET_H_
#define SGNS_PAIR_SET_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

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

  [[nodiscard]] std::size_t n_words() const { return offsets_.size() - 1; }
  [[nodiscard]] std::size_t n_pairs() const { return ids_.size(); }

  // The words near `word`, ascending, all different.
  [[nodiscard]] std::span<const WordId> row(WordId word) const {
    const auto w = static_cast<std::size_t>(word);
    return std::span(ids_).subspan(offsets_[w], offsets_[w + 1] - offsets_[w]);
  }

 private:
  std::vector<std::uint64_t> offsets_;
  std::vector<WordId> ids_;
};

}  // namespace sgns

#endif  // SGNS_PAIR_SET_H_
