// Noise words without those that a centre may not have. Internal.
//
// Thread safety: one object a thread.
#ifndef SGNS_NOISE_FILTER_H_
#define SGNS_NOISE_FILTER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sgns/config.h"
#include "sgns/corpus.h"
#include "sgns/distribution.h"

namespace sgns {

class NoiseFilter {
 public:
  // Takes the words that `exclude` means for the centre at `position` of the corpus:
  // `window` holds the centre and its context words.
  void aim(const Corpus& corpus, std::size_t n_words, Exclude exclude, WordId centre,
           std::uint64_t position, std::span<const WordId> window);

  // A word of `noise` that is not left out: draws again up to 64 times, then takes the
  // word exactly from what is left.
  // REQUIRES: a word that is not left out has a weight > 0.
  [[nodiscard]] WordId draw(const Distribution& noise, std::uint64_t bits) const;

 private:
  [[nodiscard]] bool is_marked(WordId word) const {
    return marks_[static_cast<std::size_t>(word)] == latest_;
  }
  void mark(std::size_t n_words, std::span<const WordId> words);

  Exclude exclude_ = Exclude::kNone;
  WordId centre_ = 0;
  // A word is left out when its mark is the latest one.
  std::vector<std::uint32_t> marks_;
  std::uint32_t latest_ = 0;
  std::uint64_t sentence_begin_ = 1, sentence_end_ = 0;  // the one that is marked
};

// std::invalid_argument when `exclude` may leave no noise word: a sentence with all
// words, or a window as large as the vocabulary.
void check_exclusion(const Corpus& corpus, std::size_t n_words, Exclude exclude,
                     std::size_t window);

}  // namespace sgns

#endif  // SGNS_NOISE_FILTER_H_
