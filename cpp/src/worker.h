// One thread's work: the windows of a block become rows, and the rows go to the tile.
// Internal.
//
// Thread safety: one object a thread; the matrices are shared (see train.h).
#ifndef SGNS_WORKER_H_
#define SGNS_WORKER_H_

#include <atomic>
#include <cstddef>
#include <mutex>
#include <vector>

#include "draws.h"
#include "hot_rows.h"
#include "sgns/kernels.h"
#include "sgns/train.h"

namespace sgns {

// What the workers of an epoch share.
struct SharedState {
  Trainer& trainer;
  const Kernels& kernels;
  std::size_t epoch;
  HotPlan hot;
  std::atomic<bool> stop{false};
  std::mutex merge_mutex;  // held while a worker merges its hot rows
};

class Worker {
 public:
  // REQUIRES: `shared` outlives the worker and the trainer's matrices are padded.
  explicit Worker(SharedState& shared);

  // Trains the tokens from `begin` to `end` of the corpus, or a part of them once
  // `stop` is set. words counts the whole block only when it was finished.
  EpochReport train_block(std::size_t begin, std::size_t end);

  // Makes the changes of the hot rows known to the other threads and to the trainer.
  void merge();

 private:
  void find_next_rows(std::size_t c);
  void train_centre(std::size_t c);
  void train_skip_gram(const Draws::Centre& centre, float lr);
  void train_pairs(const Draws::Centre& centre, float lr);
  void train_cbow(const Draws::Centre& centre, float lr);

  // The rows of a centre: path nodes, then the centre and its noise words.
  void set_targets(WordId centre, std::span<const WordId> noise);
  void append_noise(std::span<const WordId> noise);
  void run_tile(float* const* inputs, std::size_t n_inputs, float lr, bool distinct,
                bool measured);
  void measure(const Tile& tile);

  SharedState& shared_;
  Trainer& trainer_;
  const Kernels& kernels_;
  HotRows input_, output_;
  std::size_t until_merge_;  // centres
  DrawPlan plan_;
  Draws draws_;
  EpochReport report_;

  std::vector<float*> inputs_, targets_;
  std::vector<const float*> next_;  // rows that a centre to come will want
  std::vector<WordId> pair_noise_;
  std::size_t n_targets_ = 0;
  bool pairs_;           // skip-gram with fresh noise words for every pair
  Matrix memory_{0, 0};  // the arrays below, aligned to cache lines
  float* labels_;        // of the targets
  float* scratch_;       // of the tile
  float* scores_;        // of a measured tile
  float* hidden_;        // CBOW: mean of the context rows, padded(dim) floats
  float* grad_;          // CBOW: change of hidden
};

}  // namespace sgns

#endif  // SGNS_WORKER_H_
