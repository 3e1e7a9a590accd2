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

// Update of kVectors vectors of columns of one input, which stay in registers while the
// targets stream by.
template <class V, int kVectors>
[[gnu::always_inline]] static inline void update_columns(Tile tile, const float* error,
                                                         size_t d) {
  using Reg = typename V::Reg;
  float* const x = tile.inputs[0] + d;
  Reg row[kVectors], sum[kVectors];
#pragma GCC unroll 4
  for (size_t k = 0; k < kVectors; k++) {
    fetch_next(tile, d + k * V::kLanes);
    row[k] = sum[k] = V::load(x + k * V::kLanes);
  }
  for (size_t t = 0; t < tile.n_targets; t++) {
    float* const y = tile.targets[t] + d;
    const Reg e = V::set(error[t]);
#pragma GCC unroll 4
    for (size_t k = 0; k < kVectors; k++) {
      const Reg old = V::load(y + k * V::kLanes);
      sum[k] = V::fma(e, old, sum[k]);
      V::store(y + k * V::kLanes, V::fma(e, row[k], old));
    }
  }
#pragma GCC unroll 4
  for (size_t k = 0; k < kVectors; k++) V::store(x + k * V::kLanes, sum[k]);
}

// Update of one input and any number of targets. REQUIRES: no row occurs twice.
template <class V>
static inline void update_one(Tile tile, const float* error) {
  constexpr size_t kColumns = V::kVectors * V::kLanes;
  const size_t n_whole = tile.dim / kColumns * kColumns;
  size_t d = 0;
  for (; d < n_whole; d += kColumns) update_columns<V, V::kVectors>(tile, error, d);
  for (; d < tile.dim; d += V::kLanes) update_columns<V, 1>(tile, error, d);
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

// Leaves each row once among n rows and returns how many are left. As all occurrences
// of a row use its old values, their errors add up; the last row takes the free place.
// The error of row i and row k of the other side is error[i * step + k * other_step].
static inline size_t fold_rows(float** rows, size_t n, float* error, size_t step,
                               size_t n_others, size_t other_step) {
  for (size_t i = n; i-- > 1;) {
    const size_t first = find_row(rows, i, rows[i]);
    if (first == i) continue;
    n--;
    rows[i] = rows[n];
    for (size_t k = 0; k < n_others; k++) {
      float* const e = error + k * other_step;
      e[first * step] += e[i * step];
      e[i * step] = e[n * step];
    }
  }
  return n;
}

// The same tile with every row once. `error` becomes that of the new tile, whose rows
// are listed in `rows`, n_inputs + n_targets pointers.
static inline Tile fold_repeats(Tile tile, float* error, float** rows) {
  const size_t stride = error_stride(tile.n_targets);
  float** const inputs = rows;
  float** const targets = rows + tile.n_inputs;
  for (size_t i = 0; i < tile.n_inputs; i++) inputs[i] = tile.inputs[i];
  for (size_t t = 0; t < tile.n_targets; t++) targets[t] = tile.targets[t];
  tile.inputs = inputs;
  tile.targets = targets;
  tile.n_inputs = fold_rows(inputs, tile.n_inputs, error, stride, tile.n_targets, 1);
  tile.n_targets = fold_rows(targets, tile.n_targets, error, 1, tile.n_inputs, stride);
  const size_t kept_stride = error_stride(tile.n_targets);
  for (size_t i = 1; i < tile.n_inputs && kept_stride != stride; i++) {
    for (size_t t = 0; t < tile.n_targets; t++) {
      error[i * kept_stride + t] = error[i * stride + t];
    }
  }
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
