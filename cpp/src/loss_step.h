// The step of a centre for the losses that need more than labels: a weight for the
// centre word, offsets and biases of the scores, a softmax over the targets or over all
// words. Scores and updates are those of the tile. Internal.
//
// Thread safety: one object a thread; biases are shared as rows are (see train.h).
#ifndef SGNS_LOSS_STEP_H_
#define SGNS_LOSS_STEP_H_

#include <atomic>
#include <cstddef>
#include <span>
#include <vector>

#include "sgns/kernels.h"
#include "sgns/train.h"

namespace sgns {

// Whether the loss needs more than the labels of the fused tile.
[[nodiscard]] inline bool needs_loss_step(const TrainConfig& config) {
  return config.has_offsets() || (config.has_noise() && config.positive_weight != 1);
}

// `View`: see worker.h.
template <class View>
class LossStep {
 public:
  // Targets that the softmax over all words scores together.
  static constexpr std::size_t kSoftmaxBlock = 10 * kTargetBlock;

  // REQUIRES: the trainer and the views outlive the object.
  LossStep(Trainer& trainer, const Kernels& kernels, View& output, View& biases,
           std::size_t most_inputs, std::size_t most_targets);

  // The centre and its noise words, the last targets of the tile; those before are the
  // nodes on the centre's path.
  void set_words(WordId centre, std::span<const WordId> noise);
  // Target number t is the noise word `word`.
  void set_noise(std::size_t t, WordId word) {
    set_target(t, static_cast<std::size_t>(word), 0);
  }

  // The whole step, its loss added to `report` when `measured`. Of the tile of a
  // softmax over all words only inputs and learning rate count.
  void run(const Tile& tile, bool measured, EpochReport* report);

 private:
  [[nodiscard]] std::atomic_ref<float> bias(std::size_t word) {
    constexpr std::size_t n = WordOffsets::kWordsInRow;
    return std::atomic_ref(biases_.row(word / n)[word % n]);
  }
  void set_target(std::size_t t, std::size_t word, float label);
  ScoreRows rows_of(const Tile& tile);
  void update(const Tile& tile);
  void measure(const ScoreRows& rows, EpochReport* report);
  void add_softmax_loss(std::size_t n_inputs, double untrained, EpochReport* report);

  void run_softmax(const Tile& step, bool measured, EpochReport* report);
  Tile score_block(const Tile& step, std::size_t first);

  const Kernels& kernels_;
  const WordOffsets& word_offsets_;
  View& output_;
  View& biases_;
  const HuffmanTree* tree_;  // null without nodes
  std::size_t n_words_;
  Loss loss_;
  float positive_weight_;
  bool has_offsets_, has_biases_;

  std::size_t centre_ = 0;                // the word
  std::size_t first_ = 0;                 // number of the first target that is a word
  std::vector<std::size_t> words_;        // of the targets; nodes have none
  std::vector<float*> inputs_, targets_;  // of a block of all words
  Matrix of_targets_;                     // rows: labels, weights, offsets, starts
  Matrix of_inputs_;                      // rows: most, sum, Z of the centre
  Matrix copies_;  // rows: old values, working values and changes of the inputs
  Matrix memory_;  // the arrays below
  float* scores_;
  float* error_;    // as scratch of a tile: the errors,
  float* scratch_;  // and what update() needs
};

// Adds the logistic loss of a tile to `report`. Targets below `n_positive` belong to
// the centre. `start`: their offsets before training. Null means 1 for all weights, 0
// for all offsets.
void add_logistic_loss(const ScoreRows& rows, std::size_t n_positive,
                       const float* start, EpochReport* report);

}  // namespace sgns

#endif  // SGNS_LOSS_STEP_H_
