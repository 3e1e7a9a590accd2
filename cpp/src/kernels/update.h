// Second half of the tile (tile.h): the errors move both sides. Meanwhile the next rows
// are fetched: one cache line of each at a time, as a burst of prefetches would fill
// the processor's list of misses and hold up the loads behind it.

// Tiles are passed by value where rows are written: the compiler must assume that a
// store to a row changes anything that it reads through a reference.

// Inline by force: a function that only fetches looks to the compiler as if it did
// nothing, and calls of it would be left out.
[[gnu::always_inline]] static inline void fetch_next(const Tile& tile, size_t d) {
  constexpr size_t kLineFloats = 16;
  if (d % kLineFloats != 0) return;
  for (size_t r = 0; r < tile.n_next; r++) __builtin_prefetch(tile.next[r] + d, 1);
}

// Update of all inputs and T targets, one column of vectors at a time: the targets and
// their changes stay in registers while the inputs stream by.
// REQUIRES: no row occurs twice.
template <class V, int T>
static inline void update_block(Tile tile, const float* error) {
  using Reg = typename V::Reg;
  float* const* const inputs = tile.inputs;
  const size_t n_inputs = tile.n_inputs, dim = tile.dim;
  float* y[T];
  for (int t = 0; t < T; t++) y[t] = tile.targets[t];
  size_t d = 0;
  do {
    fetch_next(tile, d);
    Reg old[T], next[T];
    for (int t = 0; t < T; t++) old[t] = next[t] = V::load(y[t] + d);
    for (size_t i = 0; i < n_inputs; i++) {
      float* const x = inputs[i] + d;
      const float* const e_row = error + i * error_stride(T);
      const Reg row = V::load(x);
      Reg sum = row;
#pragma GCC unroll 12
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
static inline void update_one(Tile tile, const float* error) {
  using Reg = typename V::Reg;
  float* const x = tile.inputs[0];
  float* const* const targets = tile.targets;
  const size_t n_targets = tile.n_targets, dim = tile.dim;
  for (size_t d = 0; d < dim; d += V::kLanes) {
    fetch_next(tile, d);
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

// The columns from `begin` to `end` of an update with more targets than registers hold:
// T targets from `first` on. The old values of the inputs are in `x_old`, kChunk floats
// an input; the first block of targets puts them there.
// REQUIRES: no row occurs twice.
template <class V, int T, bool kFirst>
static inline void update_chunk(Tile tile, const float* error, size_t first,
                                size_t begin, size_t end, float* x_old) {
  using Reg = typename V::Reg;
  float* const* const inputs = tile.inputs;
  const size_t n_inputs = tile.n_inputs, stride = error_stride(tile.n_targets);
  float* y[T];
  for (int t = 0; t < T; t++) y[t] = tile.targets[first + static_cast<size_t>(t)];
  error += first;
  for (size_t d = begin; d < end; d += V::kLanes, x_old += V::kLanes) {
    if (kFirst) fetch_next(tile, d);
    Reg old[T], next[T];
    for (int t = 0; t < T; t++) old[t] = next[t] = V::load(y[t] + d);
    for (size_t i = 0; i < n_inputs; i++) {
      float* const x = inputs[i] + d;
      const float* const e_row = error + i * stride;
      Reg sum = V::load(x), row = sum;
      if (kFirst) {
        V::store(x_old + i * kChunk, row);
      } else {
        row = V::load(x_old + i * kChunk);
      }
#pragma GCC unroll 6
      for (int t = 0; t < T; t++) {
        const Reg e = V::set(e_row[t]);
        sum = V::fma(e, old[t], sum);
        next[t] = V::fma(e, row, next[t]);
      }
      V::store(x, sum);
    }
    for (int t = 0; t < T; t++) V::store(y[t] + d, next[t]);
  }
}

// Update with more targets than V::kTargets, a chunk of columns at a time, so that the
// rows of the chunk stay in the L1 cache from block to block. REQUIRES: no row occurs
// twice.
template <class V>
static void update_wide(Tile tile, const float* error, float* x_old) {
  const size_t n_targets = tile.n_targets, dim = tile.dim;
  for (size_t d = 0; d < dim; d += kChunk) {
    const size_t end = d + kChunk < dim ? d + kChunk : dim;
    size_t n = block_size(n_targets);
    with_size<kTargetBlock>(n, [&]<int T>(Size<T>) {
      update_chunk<V, T, true>(tile, error, 0, d, end, x_old);
    });
    for (size_t first = n; first < n_targets; first += n) {
      n = block_size(n_targets - first);
      with_size<kTargetBlock>(n, [&]<int T>(Size<T>) {
        update_chunk<V, T, false>(tile, error, first, d, end, x_old);
      });
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

// The index of `row` among the first n rows, n if it is not there.
static inline size_t find_row(float* const* rows, size_t n, const float* row) {
  size_t i = 0;
  while (i < n && rows[i] != row) i++;
  return i;
}

// The same tile with every row once: as all occurrences of a row use its old values,
// their errors add up. `error` becomes that of the new tile, whose rows are listed in
// `rows`, n_inputs + n_targets pointers.
static inline Tile fold_repeats(Tile tile, float* error, float** rows) {
  const size_t n_inputs = tile.n_inputs, n_targets = tile.n_targets;
  const size_t stride = error_stride(n_targets);
  float** const inputs = rows;
  float** const targets = rows + n_inputs;
  size_t kept_inputs = 0, kept_targets = 0;
  for (size_t i = 0; i < n_inputs; i++) {
    const size_t at = find_row(inputs, kept_inputs, tile.inputs[i]);
    const bool is_new = at == kept_inputs;
    inputs[at] = tile.inputs[i];
    for (size_t t = 0; t < n_targets; t++) {
      const float e = error[i * stride + t];
      error[at * stride + t] = is_new ? e : error[at * stride + t] + e;
    }
    kept_inputs += is_new ? 1 : 0;
  }
  for (size_t t = 0; t < n_targets; t++) {
    const size_t at = find_row(targets, kept_targets, tile.targets[t]);
    const bool is_new = at == kept_targets;
    targets[at] = tile.targets[t];
    for (size_t i = 0; i < kept_inputs; i++) {
      float* const row = error + i * stride;
      row[at] = is_new ? row[t] : row[at] + row[t];
    }
    kept_targets += is_new ? 1 : 0;
  }
  const size_t kept_stride = error_stride(kept_targets);
  for (size_t i = 0; i < kept_inputs && kept_stride != stride; i++) {
    for (size_t t = 0; t < kept_targets; t++) {
      error[i * kept_stride + t] = error[i * stride + t];
    }
  }
  tile.inputs = inputs;
  tile.n_inputs = kept_inputs;
  tile.targets = targets;
  tile.n_targets = kept_targets;
  return tile;
}

template <class V>
static void update_distinct(const Tile& tile, const float* error, float* scratch) {
  if (tile.n_inputs == 1) return update_one<V>(tile, error);
  if (tile.n_targets > V::kTargets) return update_wide<V>(tile, error, scratch);
  with_size<V::kTargets>(tile.n_targets,
                         [&]<int T>(Size<T>) { update_block<V, T>(tile, error); });
}

template <class V>
static void update(const Tile& tile, float* error, float* scratch) {
  const bool distinct = tile.distinct || !(has_repeats(tile.inputs, tile.n_inputs) ||
                                           has_repeats(tile.targets, tile.n_targets));
  if (distinct) return update_distinct<V>(tile, error, scratch);
  float** const rows = reinterpret_cast<float**>(scratch + kChunk * tile.n_inputs);
  update_distinct<V>(fold_repeats(tile, error, rows), error, scratch);
}
