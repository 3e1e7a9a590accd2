// Second half of the tile (tile.h): the errors move both sides. Meanwhile the next rows
// are fetched: one cache line of each at a time, as a burst of prefetches would fill
// the processor's list of misses and hold up the loads behind it.

// Tiles are passed by value where rows are written: the compiler must assume that a
// store to a row changes anything that it reads through a reference.

// Fetches the columns from d to d + kColumns of the next rows, of which there are
// usually kRows. Inline by force: a function that only fetches looks to the compiler as
// if it did nothing, and calls of it would be left out.
template <size_t kRows, size_t kColumns>
[[gnu::always_inline]] static inline void fetch_next(const Tile& tile, size_t d) {
  constexpr size_t kLine = 16;  // floats
  if (kColumns < kLine && d % kLine != 0) return;
  const auto fetch_row = [&](size_t r) {
    const float* const row = tile.next[r] + d;
#pragma GCC unroll 4
    for (size_t k = 0; k < kColumns; k += kLine) __builtin_prefetch(row + k, 1);
  };
  if (tile.n_next == kRows) {
#pragma GCC unroll 16
    for (size_t r = 0; r < kRows; r++) fetch_row(r);
  } else {
    for (size_t r = 0; r < tile.n_next; r++) fetch_row(r);
  }
}

// Calls f(Size<kVectors>(), d) for whole groups of vectors of columns from `begin` on,
// and f(Size<1>(), d) for each vector that is left until `end`.
template <class V, int kVectors, class F>
[[gnu::always_inline]] static inline void for_columns(size_t begin, size_t end, F f) {
  constexpr size_t kColumns = kVectors * V::kLanes;
  size_t d = begin;
  for (; d + kColumns < end + V::kLanes; d += kColumns) f(Size<kVectors>(), d);
  for (; kVectors > 1 && d < end; d += V::kLanes) f(Size<1>(), d);
}

// Which blocks of targets a tile has: where the old values of the inputs come from.
enum class Block {
  kOnly,   // rows hold them
  kFirst,  // rows hold them, and they are kept for the blocks to come
  kLater,  // they were kept
};

// Update of all inputs and T targets in kVectors vectors of columns from d on: the
// targets and their changes stay in registers while the inputs stream by. What the
// blocks of a tile keep of the inputs is in x_old, kChunk floats an input.
// REQUIRES: no row occurs twice.
template <class V, Block kBlock, int T, int kVectors>
[[gnu::always_inline]] static inline void update_columns(Tile tile,
                                                         float* const (&y)[T],
                                                         const float* error, size_t d,
                                                         float* x_old) {
  using Reg = typename V::Reg;
  const size_t n_inputs = tile.n_inputs;
  const size_t stride =
      kBlock == Block::kOnly ? error_stride(T) : error_stride(tile.n_targets);
  if (kBlock != Block::kLater) fetch_next<T + 1, kVectors * V::kLanes>(tile, d);
  Reg old[T][kVectors], next[T][kVectors];
#pragma GCC unroll 12
  for (size_t t = 0; t < size_t{T}; t++) {
#pragma GCC unroll 4
    for (size_t k = 0; k < size_t{kVectors}; k++) {
      old[t][k] = next[t][k] = V::load(y[t] + d + k * V::kLanes);
    }
  }
  for (size_t i = 0; i < n_inputs; i++) {
    float* const x = tile.inputs[i] + d;
    const float* const e_row = error + i * stride;
    Reg row[kVectors], sum[kVectors];
#pragma GCC unroll 4
    for (size_t k = 0; k < size_t{kVectors}; k++) {
      float* const kept = x_old + i * kChunk + k * V::kLanes;
      row[k] = sum[k] = V::load(x + k * V::kLanes);
      if (kBlock == Block::kFirst) V::store(kept, row[k]);
      if (kBlock == Block::kLater) row[k] = V::load(kept);
    }
#pragma GCC unroll 12
    for (size_t t = 0; t < size_t{T}; t++) {
      const Reg e = V::set(e_row[t]);
#pragma GCC unroll 4
      for (size_t k = 0; k < size_t{kVectors}; k++) {
        sum[k] = V::fma(e, old[t][k], sum[k]);
        next[t][k] = V::fma(e, row[k], next[t][k]);
      }
    }
#pragma GCC unroll 4
    for (size_t k = 0; k < size_t{kVectors}; k++) V::store(x + k * V::kLanes, sum[k]);
  }
#pragma GCC unroll 12
  for (size_t t = 0; t < size_t{T}; t++) {
#pragma GCC unroll 4
    for (size_t k = 0; k < size_t{kVectors}; k++) {
      V::store(y[t] + d + k * V::kLanes, next[t][k]);
    }
  }
}

// Vectors of columns that update_columns() takes at a time: as many as fit into the
// registers, so that each error is loaded once for all of them.
template <class V>
static constexpr int vectors_of(int n_targets) {
  int n = 4;
  while (n > 1 && n * (2 * n_targets + 2) + 1 > V::kRegisters) n /= 2;
  return n;
}

// The columns from `begin` to `end` of the T targets from `first` on.
template <class V, Block kBlock, int T>
static inline void update_block(Tile tile, const float* error, size_t first,
                                size_t begin, size_t end, float* x_old) {
  float* y[T];
  for (size_t t = 0; t < size_t{T}; t++) y[t] = tile.targets[first + t];
  for_columns<V, vectors_of<V>(T)>(
      begin, end, [&]<int kVectors>(Size<kVectors>, size_t d) {
        update_columns<V, kBlock, T, kVectors>(tile, y, error + first, d,
                                               x_old + (d - begin));
      });
}

// Update of kVectors vectors of columns of one input, which stay in registers while the
// targets stream by.
template <class V, int kVectors>
[[gnu::always_inline]] static inline void update_one_columns(Tile tile,
                                                             const float* error,
                                                             size_t d) {
  using Reg = typename V::Reg;
  float* const x = tile.inputs[0] + d;
  Reg row[kVectors], sum[kVectors];
  fetch_next<1, kVectors * V::kLanes>(tile, d);
#pragma GCC unroll 4
  for (size_t k = 0; k < size_t{kVectors}; k++) {
    row[k] = sum[k] = V::load(x + k * V::kLanes);
  }
  for (size_t t = 0; t < tile.n_targets; t++) {
    float* const y = tile.targets[t] + d;
    const Reg e = V::set(error[t]);
#pragma GCC unroll 4
    for (size_t k = 0; k < size_t{kVectors}; k++) {
      const Reg old = V::load(y + k * V::kLanes);
      sum[k] = V::fma(e, old, sum[k]);
      V::store(y + k * V::kLanes, V::fma(e, row[k], old));
    }
  }
#pragma GCC unroll 4
  for (size_t k = 0; k < size_t{kVectors}; k++) V::store(x + k * V::kLanes, sum[k]);
}

// Update of one input and any number of targets. REQUIRES: no row occurs twice.
template <class V>
static inline void update_one(Tile tile, const float* error) {
  for_columns<V, V::kVectors>(0, tile.dim, [&]<int kVectors>(Size<kVectors>, size_t d) {
    update_one_columns<V, kVectors>(tile, error, d);
  });
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
      update_block<V, Block::kFirst, T>(tile, error, 0, d, end, x_old);
    });
    for (size_t first = n; first < n_targets; first += n) {
      n = block_size(n_targets - first);
      with_size<kTargetBlock>(n, [&]<int T>(Size<T>) {
        update_block<V, Block::kLater, T>(tile, error, first, d, end, x_old);
      });
    }
  }
}

// Rows in the same one of 64 buckets may be the same.
static inline uint64_t bucket_of(const float* row) {
  return uint64_t{1} << ((reinterpret_cast<uintptr_t>(row) * 0x9E3779B97F4A7C15u) >>
                         58);
}

// Leaves each row once among n rows and returns how many are left. As all occurrences
// of a row use its old values, their errors add up; the last row takes the free place.
// The error of row i and row k of the other side is error[i * step + k * other_step].
static inline size_t fold_rows(float** rows, size_t n, float* error, size_t step,
                               size_t n_others, size_t other_step) {
  uint64_t buckets = 0;  // of the rows before row i
  for (size_t i = 0; i < n;) {
    const uint64_t bucket = bucket_of(rows[i]);
    size_t first = i;
    if (buckets & bucket) {
      for (first = 0; rows[first] != rows[i];) first++;
    }
    buckets |= bucket;
    if (first == i) {
      i++;
      continue;
    }
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
  with_size<V::kTargets>(tile.n_targets, [&]<int T>(Size<T>) {
    update_block<V, Block::kOnly, T>(tile, error, 0, 0, tile.dim, scratch);
  });
}

// A function of its own, as most tiles need no room for it.
template <class V>
[[gnu::noinline]] static void update_repeated(const Tile& tile, float* error,
                                              float* scratch) {
  float** const rows = reinterpret_cast<float**>(scratch + kChunk * tile.n_inputs);
  update_distinct<V>(fold_repeats(tile, error, rows), error, scratch);
}

template <class V>
static inline void update(const Tile& tile, float* error, float* scratch) {
  if (!tile.distinct) return update_repeated<V>(tile, error, scratch);
  update_distinct<V>(tile, error, scratch);
}
