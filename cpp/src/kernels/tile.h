// The tile (kernel_table.h) as a template over a vector type, included by one file for
// each instruction set. With its parts it stands inside that file's anonymous
// namespace and includes no other header: an inline function shared between files might
// be kept in the copy that was compiled for the newest processor.
//
// A vector type V has
//   Reg, kLanes                a register of kLanes floats
//   One                        the vector type that scores a single input
//   Lanes                      its lanes of integers (noise.h)
//   kGroup                     inputs whose columns share a register while scoring
//   kGroups                    most groups in a block of scores (by registers)
//   kRegisters                 how many registers there are
//   kTargets                   most targets that are updated together (by registers)
//   kVectors                   vectors of a single input that are updated together
//   kParts                     registers for 8 floats of each input of a group
//   zero() set(x) load(p) store(p, r) add sub mul div max fma(a, b, c) = a * b + c
//   load_group(x, d)           columns from d of the kGroup inputs at x
//   load_target(p)             the same number of columns of a target, kGroup times
//   load_labels(p, part)       8 labels for each input of a group
//   sum_columns(acc, sums)     the sums over the columns of 6 registers, 8 an input
//   store_rows(p, stride, n, parts)  those of the n first inputs, a row each
//   split(x, fraction)         x = whole + fraction, |fraction| <= 1/2; returns whole
//   scale(x, whole)            x * 2^whole
//   set_rows(p), spread(parts, op)   see losses.h

#include "kernels/blocks.h"
#include "kernels/errors.h"
#include "kernels/losses.h"
#include "kernels/noise.h"
#include "kernels/update.h"

template <class V>
static void whole_tile(const Tile& tile, float* scratch, float* scores) {
  errors<V>(tile, scratch, scores);
  update<V>(tile, scratch, scratch + error_size(tile.n_inputs, tile.n_targets));
}

template <class V>
static void mean(const float* const* rows, size_t n, size_t dim, float* hidden) {
  const typename V::Reg scale = V::set(1.0f / static_cast<float>(n));
  for (size_t d = 0; d < dim; d += V::kLanes) {
    typename V::Reg sum = V::load(rows[0] + d);
    for (size_t i = 1; i < n; i++) sum = V::add(sum, V::load(rows[i] + d));
    V::store(hidden + d, V::mul(scale, sum));
  }
}

template <class V>
static void add_to_rows(const float* grad, float* const* rows, size_t n, size_t dim) {
  for (size_t d = 0; d < dim; d += V::kLanes) {
    const typename V::Reg change = V::load(grad + d);
    for (size_t i = 0; i < n; i++) {
      V::store(rows[i] + d, V::add(V::load(rows[i] + d), change));
    }
  }
}

template <class V>
static constexpr Kernels make_kernels(const char* name) {
  return {name,
          scores<V>,
          errors<V>,
          update<V>,
          whole_tile<V>,
          mean<V>,
          add_to_rows<V>,
          logistic<V>,
          add_to_sums<V>,
          softmax<V>,
          fill_draws<typename V::Lanes>,
          draw_noise<typename V::Lanes>};
}
