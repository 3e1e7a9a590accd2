// Logistic matrix factorisation: training on a table of labelled pairs of one's own.
// The label of (i, j) is 1 with probability sigmoid(input row i . output row j).
#ifndef SGNS_PAIR_TRAIN_H_
#define SGNS_PAIR_TRAIN_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sgns/matrix.h"
#include "sgns/token_text.h"

namespace sgns {

// Views into memory of somebody else, who must not change it.
//
// Thread safety: a plain value.
struct LabelledPairs {
  std::span<const WordId> inputs, outputs;  // rows of the two tables
  std::span<const std::int8_t> labels;      // 1 or 0
  std::span<const float> weights;           // of each pair; empty: 1
};

struct PairTrainConfig {
  std::size_t n_inputs = 1, n_outputs = 1, dim = 1;
  double alpha = 0.025, min_alpha = 1e-4;  // learning rate at the start and at the end
  std::size_t epochs = 1;
  std::uint64_t seed = 0;
  std::size_t n_threads = 1;
};

struct PairEpoch {
  double loss = 0;                 // weighted sum over the measured pairs
  double weight = 0;               // sum of their weights
  std::uint64_t dot_products = 0;  // scores that were computed
};

// Every epoch takes the pairs in a random order of its own, one tile of one input and
// one target a pair.
//
// Thread safety: one call at a time. With several threads rows are shared without
// locks, as in train.h; with one, the seed determines every bit.
class PairTrainer {
 public:
  // Input rows start uniform in (-1/2, 1/2) / dim, output rows at zero.
  // REQUIRES: spans of equal size below 2^32, rows inside the tables, weights >= 0.
  PairTrainer(const LabelledPairs& pairs, const PairTrainConfig& config);

  // Trains epoch 0, 1, ... epochs - 1. Diverged (train.h) when the loss says so.
  PairEpoch run_epoch(std::size_t epoch, const Poll& poll);

  // The tables, rows padded.
  [[nodiscard]] Matrix& input() { return input_; }
  [[nodiscard]] Matrix& output() { return output_; }

 private:
  void shuffle(std::size_t epoch);
  [[nodiscard]] PairEpoch train(std::size_t epoch, std::size_t begin, std::size_t end);
  [[nodiscard]] float lr_at(std::size_t epoch, std::size_t place) const;

  LabelledPairs pairs_;
  PairTrainConfig config_;
  std::size_t loss_interval_;  // one pair in this many has its loss measured
  std::vector<std::uint32_t> order_;
  Matrix input_, output_;
};

}  // namespace sgns

#endif  // SGNS_PAIR_TRAIN_H_
