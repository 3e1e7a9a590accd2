// Second half of the tile (tile.h): the errors move both sides.

// Update of all inputs and T targets, one column of vectors at a time: the targets and
// their changes stay in registers while the inputs stream by.
// REQUIRES: no row occurs twice.
template <class V, int T>
static inline void update_block(const Tile& tile, const float* error) {
  using Reg = typename V::Reg;
  // Copies: the compiler must assume that a store to a row changes the tile.
  float* const* const inputs = tile.inputs;
  const size_t n_inputs = tile.n_inputs, dim = tile.dim;
  float* y[T];
  for (int t = 0; t < T; t++) y[t] = tile.targets[t];
  size_t d = 0;
  do {
    Reg old[T], next[T];
    for (int t = 0; t < T; t++) old[t] = next[t] = V::load(y[t] + d);
    for (size_t i = 0; i < n_inputs; i++) {
      float* const x = inputs[i] + d;
      const float* const e_row = error + i * error_stride(T);
      const Reg row = V::load(x);
      Reg sum = row;
#pragma GCC unroll 6
      for (int t = 0; t < T; t++) {
        const Reg e = V::set(e_row[t]);
        sum = V::fma(e, old[t], sum);
        next[t] = V::fma(e, row, next[t]);
      }
      V::store(x, sum);
    }
    for (int t = 0; t < T; t++) V::store(y[t] + d, next[t]);
    d += V::kLanes;
  } while (d < dim);
}

// Update of one input: each target is loaded and stored once, any number of them.
// REQUIRES: no row occurs twice.
template <class V>
static inline void update_one(const Tile& tile, const float* error) {
  using Reg = typename V::Reg;
  float* const x = tile.inputs[0];
  float* const* const targets = tile.targets;
  const size_t n_targets = tile.n_targets, dim = tile.dim;
  for (size_t d = 0; d < dim; d += V::kLanes) {
    const Reg row = V::load(x + d);
    Reg sum = row;
    for (size_t t = 0; t < n_targets; t++) {
      float* const y = targets[t] + d;
      const Reg e = V::set(error[t]), old = V::load(y);
      sum = V::fma(e, old, sum);
      V::store(y, V::fma(e, row, old));
    }
    V::store(x + d, sum);
  }
}

// Update of any tile: the old values of a column are copied first, so that blocks of
// targets do not see each other's changes, and changes are added, so that rows may
// occur several times.
template <class V>
static void update_any(const Tile& tile, const float* error, float* scratch) {
  using Reg = typename V::Reg;
  const size_t lanes = V::kLanes, stride = error_stride(tile.n_targets);
  float* const x_old = scratch;
  float* const x_change = x_old + tile.n_inputs * lanes;
  float* const y_old = x_change + tile.n_inputs * lanes;
  for (size_t d = 0; d < tile.dim; d += lanes) {
    for (size_t i = 0; i < tile.n_inputs; i++) {
      V::store(x_old + i * lanes, V::load(tile.inputs[i] + d));
      V::store(x_change + i * lanes, V::zero());
    }
    for (size_t t = 0; t < tile.n_targets; t++) {
      V::store(y_old + t * lanes, V::load(tile.targets[t] + d));
    }
    for (size_t first = 0; first < tile.n_targets; first += kTargetBlock) {
      const size_t left = tile.n_targets - first;
      const size_t n = left < kTargetBlock ? left : kTargetBlock;
      Reg old[kTargetBlock], change[kTargetBlock];
      for (size_t t = 0; t < kTargetBlock; t++) {
        old[t] = V::load(y_old + (first + (t < n ? t : 0)) * lanes);
        change[t] = V::zero();
      }
      for (size_t i = 0; i < tile.n_inputs; i++) {
        const float* const e_row = error + i * stride + first;
        const Reg row = V::load(x_old + i * lanes);
        Reg sum = V::load(x_change + i * lanes);
        for (size_t t = 0; t < kTargetBlock; t++) {
          const Reg e = t < n ? V::set(e_row[t]) : V::zero();
          sum = V::fma(e, old[t], sum);
          change[t] = V::fma(e, row, change[t]);
        }
        V::store(x_change + i * lanes, sum);
      }
      for (size_t t = 0; t < n; t++) {
        float* const y = tile.targets[first + t] + d;
        V::store(y, V::add(V::load(y), change[t]));
      }
    }
    for (size_t i = 0; i < tile.n_inputs; i++) {
      float* const x = tile.inputs[i] + d;
      V::store(x, V::add(V::load(x), V::load(x_change + i * lanes)));
    }
  }
}

static inline bool has_repeats(float* const* rows, size_t n) {
  bool found = false;
  for (size_t i = 1; i < n; i++) {
    for (size_t j = 0; j < i; j++) found |= rows[i] == rows[j];
  }
  return found;
}

template <class V>
static void update(const Tile& tile, const float* error, float* scratch) {
  const bool distinct = tile.distinct || !(has_repeats(tile.inputs, tile.n_inputs) ||
                                           has_repeats(tile.targets, tile.n_targets));
  if (!distinct) return update_any<V>(tile, error, scratch);
  if (tile.n_inputs == 1) return update_one<V>(tile, error);
  switch (tile.n_targets) {
    case 1:
      return update_block<V, 1>(tile, error);
    case 2:
      return update_block<V, 2>(tile, error);
    case 3:
      return update_block<V, 3>(tile, error);
    case 4:
      return update_block<V, 4>(tile, error);
    case 5:
      return update_block<V, 5>(tile, error);
    case 6:
      return update_block<V, 6>(tile, error);
    default:
      return update_any<V>(tile, error, scratch);
  }
}
