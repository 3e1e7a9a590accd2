// Training: workers take blocks of the corpus and run its windows through the tile.
//
// Updates are lock-free on shared rows: threads may overwrite each other's changes of a
// row, which costs nothing measurable in quality (Recht et al., Hogwild, 2011). Shared
// rows hold floats only, and no float is ever used as an index, so that a torn or stale
// value is at worst a wrong float. All other shared state is atomic or locked.
// With TrainConfig::deterministic threads see each other's changes at fixed positions
// only, and the result does not depend on their number (rounds.h).
//
// Thread safety: one call of run_epoch() at a time; the matrices may be read meanwhile.
#ifndef SGNS_TRAIN_H_
#define SGNS_TRAIN_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "sgns/config.h"
#include "sgns/corpus.h"
#include "sgns/distribution.h"
#include "sgns/epoch_report.h"
#include "sgns/huffman.h"
#include "sgns/matrix.h"
#include "sgns/word_offsets.h"

namespace sgns {

// Called from the thread that runs the epoch, while the workers go on: the work of this
// epoch so far and the learning rate. May throw: the epoch ends, the exception passes.
using Progress = std::function<void(const EpochReport&, float lr)>;

// The learning rate of an epoch.
struct LearningRate {
  double start;  // at its first token
  double fall;   // from a token to the next one; <= 0

  [[nodiscard]] float at(std::uint64_t position) const {
    const auto place = static_cast<double>(static_cast<std::int64_t>(position));
    return static_cast<float>(start + fall * place);
  }
};

class Trainer {
 public:
  // `corpus` is not copied and must outlive the trainer; `counts` has one entry a word.
  // std::invalid_argument for a config out of range, an id outside of counts, fewer
  // than two words, or sentence ends that do not fit; std::bad_alloc.
  Trainer(const Corpus& corpus, std::span<const std::int64_t> counts,
          const TrainConfig& config);

  // Trains one epoch (0 .. epochs-1). `progress` is called every `interval` seconds.
  // Diverged when the losses say so; std::system_error when threads cannot
  // be started. After an exception the matrices hold what was trained so far.
  EpochReport run_epoch(std::size_t epoch, const Progress& progress, double interval);

  // The tables, rows padded; those that the loss does not use have no rows.
  [[nodiscard]] Matrix& input() { return input_; }
  [[nodiscard]] Matrix& output() { return output_; }
  [[nodiscard]] Matrix& nodes() { return nodes_; }
  [[nodiscard]] WordOffsets& offsets() { return offsets_; }
  // For each word whether its input row stays as it is; empty when none does.
  [[nodiscard]] std::vector<std::uint8_t>& frozen() { return frozen_; }

  [[nodiscard]] const TrainConfig& config() const { return config_; }
  [[nodiscard]] const Corpus& corpus() const { return corpus_; }
  [[nodiscard]] std::span<const std::uint32_t> keep() const { return keep_; }
  [[nodiscard]] const Distribution* noise() const {
    return noise_ ? &*noise_ : nullptr;
  }
  [[nodiscard]] const HuffmanTree* tree() const { return tree_ ? &*tree_ : nullptr; }
  // How many changes a centre adds to a row of the most frequent word, on average.
  [[nodiscard]] double changes_of_first() const { return changes_of_first_; }
  // Tokens of a round of deterministic training.
  [[nodiscard]] std::size_t round_tokens() const { return round_tokens_; }
  // One centre in this many has its loss measured; a power of two.
  [[nodiscard]] std::uint64_t loss_interval() const { return loss_interval_; }
  // The learning rate falls linearly with the position in the whole run.
  [[nodiscard]] LearningRate learning_rate(std::size_t epoch) const {
    const double n_tokens = static_cast<double>(corpus_.ids.size());
    const double n_epochs = static_cast<double>(config_.epochs);
    const double fall = (config_.min_alpha - config_.alpha) / n_epochs;
    return {.start = config_.alpha + fall * static_cast<double>(epoch),
            .fall = fall / n_tokens};
  }
  [[nodiscard]] float lr_at(std::size_t epoch, std::uint64_t position) const {
    return learning_rate(epoch).at(position);
  }

 private:
  const Corpus& corpus_;
  TrainConfig config_;
  std::vector<std::uint32_t> keep_;
  std::optional<Distribution> noise_;
  std::optional<HuffmanTree> tree_;
  std::uint64_t loss_interval_;
  double changes_of_first_;
  std::size_t round_tokens_;
  Matrix input_, output_, nodes_;
  WordOffsets offsets_;
  std::vector<std::uint8_t> frozen_;
};

}  // namespace sgns

#endif  // SGNS_TRAIN_H_
