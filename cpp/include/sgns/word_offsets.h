// What is added to the score of each word as a target: the correction of the losses
// that know the law of their noise words, and the bias of the word, if it has one.
//
// Thread safety: corrections are immutable; biases are trained as the rows of a matrix
// (train.h).
#ifndef SGNS_WORD_OFFSETS_H_
#define SGNS_WORD_OFFSETS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sgns/config.h"
#include "sgns/matrix.h"

namespace sgns {

class WordOffsets {
 public:
  // Biases stand in rows of this many words, so that they can be copied like rows.
  static constexpr std::size_t kWordsInRow = kRowAlignment;

  // None for losses without offsets. Corrections, q the noise law, k = negative:
  //   nce              -log(k q)
  //   sampled_softmax  -log q, with exclude = target -log q - k log(1 - q): minus the
  //                    log of the odds that the noise words of another centre hold
  //                    the word instead of being those of the word
  //   softmax          0
  // Biases start at the log of the word's share of the corpus.
  // REQUIRES: counts >= 1.
  WordOffsets(std::span<const std::int64_t> counts, const TrainConfig& config);

  // Of each word; empty for losses without offsets.
  [[nodiscard]] std::span<const float> corrections() const { return corrections_; }
  // Corrections plus the biases at the start.
  [[nodiscard]] std::span<const float> start() const { return start_; }
  // The log of the sum of e^start over all words.
  [[nodiscard]] double log_sum_of_start() const { return log_sum_of_start_; }
  // Rows of kWordsInRow biases; no rows without biases.
  [[nodiscard]] Matrix& biases() { return biases_; }

 private:
  std::vector<float> corrections_, start_;
  double log_sum_of_start_ = 0;
  Matrix biases_;
};

}  // namespace sgns

#endif  // SGNS_WORD_OFFSETS_H_
