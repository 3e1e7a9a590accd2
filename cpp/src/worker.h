// One thread's work: the windows of a block become rows, and the rows go to the tile.
// Internal.
//
// Thread safety: one object a thread; the matrices are shared (see train.h).
#ifndef SGNS_WORKER_H_
#define SGNS_WORKER_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "draws.h"
#include "hot_rows.h"
#include "loss_step.h"
#include "round_rows.h"
#include "sgns/kernels.h"
#include "sgns/train.h"

namespace sgns {

// Tokens in a block: a millisecond of work, whose draws stay in the L2 cache.
inline constexpr std::size_t kBlockTokens = 2'000;

// What the workers of an epoch share.
struct SharedState {
  Trainer& trainer;
  const Kernels& kernels;
  std::size_t epoch;
  HotPlan hot;
  std::atomic<bool> stop{false};
  std::mutex merge_mutex;  // held while a worker merges its hot rows
};

// `View`: how the worker sees the matrices, HotRows or RoundRows. On cache lines of its
// own: its counters change with every centre.
template <class View>
class alignas(64) Worker {
 public:
  // REQUIRES: `shared` outlives the worker and the trainer's matrices are padded.
  explicit Worker(SharedState& shared);

  // Trains the tokens from `begin` to `end` of the corpus, or a part of them once
  // `stop` is set. words counts the whole block only when it was finished.
  EpochReport train_block(std::size_t begin, std::size_t end);

  // The two halves of train_block(): draw() finds out which rows will be trained.
  // REQUIRES: begin <= end.
  void draw(std::size_t begin, std::size_t end);
  EpochReport train();

  // Makes the changes of the hot rows known to the other threads and to the trainer.
  // Those of some tiers (hot_rows.h) at a merge of a number, of all at the end.
  void merge(std::size_t number = 0);

  // The views of the tables that have rows.
  [[nodiscard]] std::vector<View*> views();

 private:
  // The rows of a centre. Those of the next ones are found early, to be fetched.
  struct Rows {
    float** targets;  // path nodes, centre and noise words; then the newest input row
    float* labels;    // of the targets
    std::size_t n_targets;
    std::size_t n_fetched;  // targets, and the newest input row behind them
  };
  static constexpr std::size_t kFetchDistance = 2;  // centres
  static constexpr std::size_t kFoundCentres = 4;   // > kFetchDistance, a power of two
  // See list_inputs().
  static constexpr std::size_t kNarrowWindow = 16, kCopiedRows = 8;

  void lay_out_memory(std::size_t most_inputs, std::size_t most_targets);
  void use_rows();  // of the drawn centres
  void use_targets(std::size_t c);
  Rows& rows_of(std::size_t c) { return rows_[c % kFoundCentres]; }
  void find_rows(std::size_t c);
  void list_inputs(const Draws::Centre& centre);  // its context rows
  void train_centre(std::size_t c);
  // Puts copies into the places of frozen context rows: the tile changes those.
  void copy_frozen(const Draws::Centre& centre);
  std::span<const WordId> pair_noise(const Draws::Centre& centre);
  void train_pairs(const Draws::Centre& centre, Rows& rows, float lr);
  void train_cbow(const Draws::Centre& centre, const Rows& rows, float lr);
  void run_tile(float* const* inputs, std::size_t n_inputs, const Rows& rows, float lr,
                bool distinct, bool measured);
  void measure(const Tile& tile);
  // Learning rate times the weight of the sentence of a token.
  [[nodiscard]] float lr_at(std::uint64_t position) const;

  SharedState& shared_;
  Trainer& trainer_;
  const Kernels& kernels_;
  const LearningRate rate_;
  const HuffmanTree* const tree_;  // null: no nodes
  const bool has_noise_;
  View input_, output_, nodes_, biases_;
  std::optional<LossStep<View>> loss_step_;  // instead of the fused tile
  std::size_t until_merge_;                  // centres
  std::size_t n_merges_ = 0;
  DrawPlan plan_;
  Draws draws_;
  std::size_t n_drawn_ = 0;  // tokens
  EpochReport report_;

  Matrix copies_;  // of the frozen rows of a window, a row for each place

  std::vector<float*> word_rows_;  // input rows of the drawn words, and room behind

  bool pairs_;  // skip-gram with fresh noise words for every pair
  std::array<Rows, kFoundCentres> rows_;
  std::size_t label_stride_ = 0;
  Rows no_rows_{};
  const Rows* next_ = &no_rows_;  // to be fetched by the next tile
  Matrix memory_{0, 0};           // the arrays below and those of rows_, on cache lines
  float** inputs_;                // rows of the context words, and room behind
  float* scratch_;                // of the tile
  float* scores_;                 // of a measured tile
  float* hidden_;                 // CBOW: mean or sum of the context rows, padded(dim)
  float* grad_;                   // CBOW: change of hidden
};

}  // namespace sgns

#endif  // SGNS_WORKER_H_
