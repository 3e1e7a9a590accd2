// The step that every model here is made of, as one table of functions for each
// instruction set.
//
//   S = X Y^T            scores of the input rows X against the target rows Y
//   E = lr * (labels - sigmoid(S))
//   X += E Y,  Y += E^T X   both with the old values of the other side
//
// Rows are pointers into matrices; nothing is gathered. A row may occur several times
// on one side: each occurrence uses the old values, and all changes are added.
//
// Thread safety: tables are immutable. Rows may be read and written by other threads
// meanwhile (see train.h); nothing that is read from them is used as an index.
#ifndef SGNS_KERNEL_TABLE_H_
#define SGNS_KERNEL_TABLE_H_

// Included by files with flags for one instruction set: C headers only, and functions
// of internal linkage only, so that no copy compiled for a newer processor is shared.
#include <stddef.h>
#include <stdint.h>

#include "sgns/noise_batch.h"

namespace sgns {

// One step. Every row has padded(dim) floats, zero beyond dim, and stays so.
struct Tile {
  float* const* inputs;   // n_inputs rows being trained as input
  size_t n_inputs;        // >= 1
  float* const* targets;  // n_targets rows they are scored against
  size_t n_targets;       // >= 1
  // error_stride(n_targets) floats, aligned to 64 bytes: 1 or 0 for each target, then 0
  const float* labels;
  size_t dim;
  float lr;               // learning rate
  bool distinct = false;  // whether it is known that no row occurs twice
  // Rows that will be wanted soon: the update fetches them into the cache meanwhile.
  const float* const* next = nullptr;
  size_t n_next = 0;
};

// Targets are scored in blocks of this many.
inline constexpr size_t kTargetBlock = 6;

// Floats from one input's scores or errors to the next one's. A block is stored as 8
// floats, and a row is 8 floats or whole vectors of 16.
[[nodiscard]] static constexpr size_t error_stride(size_t n_targets) {
  if (n_targets <= kTargetBlock) return 8;
  const size_t blocks = (n_targets + kTargetBlock - 1) / kTargetBlock;
  return (blocks * kTargetBlock + 2 + 15) / 16 * 16;
}

// Floats of scores and of errors of a tile, a whole number of 16.
[[nodiscard]] static constexpr size_t error_size(size_t n_inputs, size_t n_targets) {
  return (n_inputs * error_stride(n_targets) + 15) / 16 * 16;
}

// Columns that an update in several blocks of targets works on at a time.
inline constexpr size_t kChunk = 64;

// Floats of scratch memory that a tile needs, aligned to 64 bytes: its errors, the old
// values of one chunk of the inputs, and two floats of room for each pointer.
[[nodiscard]] static constexpr size_t scratch_size(size_t n_inputs, size_t n_targets) {
  return error_size(n_inputs, n_targets) + kChunk * n_inputs +
         2 * (n_inputs + n_targets);
}

// The score of a place behind the last target, as an offset: its e^Z is zero.
inline constexpr float kNoTarget = -1e30f;

// Scores of a tile on their way to errors, for losses that need more than labels. The
// arrays are aligned to 64 bytes; those of targets have error_stride(n_targets) floats,
// those of scores and errors are laid out as by Kernels::errors.
struct ScoreRows {
  size_t n_inputs;
  size_t n_targets;
  const float* labels;  // 1 or 0 for each target, then 0
  float* scores;        // S; what stands behind the last target may be overwritten
  float lr = 0;
  const float* weights = nullptr;  // of each target's part of the loss; logistic() only
  const float* offsets = nullptr;  // added to each target's score, then kNoTarget
  float* error = nullptr;          // E
  float* most = nullptr;           // the largest Z of each input; n_inputs + 1 floats
  float* sum = nullptr;            // the sum of e^(Z - most) of each input; likewise
};

struct Kernels {
  const char* name;  // "scalar", "avx2", "avx512", "neon"

  // S into `scores`: error_size() floats, error_stride() a row.
  void (*scores)(const Tile& tile, float* scores);
  // E into `error` and, unless null, S into `scores`, both laid out as above.
  void (*errors)(const Tile& tile, float* error, float* scores);
  // Both updates from E, which is used up. `scratch`: scratch_size() floats less those
  // of the errors.
  void (*update)(const Tile& tile, float* error, float* scratch);
  // The whole step: errors, then update. `scratch`: scratch_size() floats.
  void (*tile)(const Tile& tile, float* scratch, float* scores);
  // hidden = mean of n rows. REQUIRES: n >= 1.
  void (*mean)(const float* const* rows, size_t n, size_t dim, float* hidden);
  // Adds `grad` to each of n rows.
  void (*add)(const float* grad, float* const* rows, size_t n, size_t dim);

  // With Z = S + offsets: E = lr * weights * (labels - sigmoid(Z)).
  void (*logistic)(const ScoreRows& rows);
  // Adds the targets to `most` and `sum` of each input; sum = 0 means no target yet.
  void (*add_to_sums)(const ScoreRows& rows);
  // E = lr * (labels - e^(Z - most) / sum).
  void (*softmax)(const ScoreRows& rows);

  // n draws of the stream of a key from `first` on. REQUIRES: n % kNoiseLanes == 0.
  void (*draws)(uint64_t key, uint64_t first, size_t n, uint64_t* bits);
  // Draws number position * negative + j of the stream, as by Distribution::draw().
  // Returns a bit for each centre of which a word occurs twice: the centre or a noise
  // word among its noise words. With more than kMostCompared words all bits are set.
  uint64_t (*noise)(const NoiseBatch& batch);
};

}  // namespace sgns

#endif  // SGNS_KERNEL_TABLE_H_
