// One step of training, or a half of it, again and again: what is timed.
//
// Thread safety: one object a thread, and each its own rows.
#ifndef SGNS_BENCH_STEPS_H_
#define SGNS_BENCH_STEPS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sgns/kernels.h"
#include "sgns/matrix.h"
#include "windows.h"

namespace sgns::bench {

enum class Part {
  kErrors,  // first half of the tile
  kUpdate,  // second half
  kTile,    // both; for CBOW with the mean before and the scatter after
};

// Time and work of some centres.
struct Sample {
  double seconds = 0;
  double centres = 0;
  // Multiply-adds that the step needs, however the kernel does it: 3 for each float of
  // an input and a target (1 for errors, 2 for the update), and for CBOW 1 for each
  // float that is summed up or changed.
  double fmas = 0;
};

// The rows of a vocabulary: of the words as input, and as target (or of the nodes).
class Rows {
 public:
  Rows(std::size_t n_words, std::size_t dim)
      : n_words_(n_words), matrix_(2 * n_words, dim) {
    fill_initial_input(matrix_, 1);
  }

  [[nodiscard]] std::size_t dim() const { return matrix_.dim(); }
  [[nodiscard]] std::size_t stride() const { return matrix_.stride(); }
  [[nodiscard]] float* input(std::int32_t word) {
    return matrix_.row(static_cast<std::size_t>(word));
  }
  [[nodiscard]] float* target(std::int32_t word) {
    return matrix_.row(n_words_ + static_cast<std::size_t>(word));
  }

 private:
  std::size_t n_words_;
  Matrix matrix_;
};

class Steps {
 public:
  // REQUIRES: `windows` and `rows` outlive the object and have the same words.
  Steps(Part part, Shape shape, const Kernels& kernels, const Windows& windows,
        Rows& rows);

  // Windows from where the last call ended, for about `seconds`.
  [[nodiscard]] Sample run(double seconds);

 private:
  double step();
  void find_next_rows(std::size_t w);
  void cbow(std::size_t n_contexts, bool distinct);
  void tile(float* const* inputs, std::size_t n_inputs, bool distinct);

  const Part part_;
  const Shape shape_;
  const Kernels& kernels_;
  const Windows& windows_;
  Rows& rows_;
  const std::size_t dim_, stride_;
  std::size_t next_ = 0;    // window
  std::size_t filled_ = 0;  // errors that the update finds
  std::vector<float*> inputs_, targets_;
  std::vector<const float*> fetched_;  // rows of a window to come
  Matrix memory_;                      // the arrays below, aligned to cache lines
  float *labels_, *scratch_, *hidden_, *grad_;
};

}  // namespace sgns::bench

#endif  // SGNS_BENCH_STEPS_H_
