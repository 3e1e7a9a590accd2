// First half of the tile (tile.h): scores of all inputs against all targets, and what
// they should have been.
//
// The sums of 6 registers whose 256-bit halves are rows of 8 columns: sum t in lane t
// of its half, anything in lanes 6 and 7. Each step adds two registers into one that is
// half as deep; V has
//   add_halves(a, b)       the 128-bit lanes of each row: those of a first, then of b
//   add_pairs(a, b)        lanes 0+2, 1+3 of a, then of b, in every 128 bits
//   add_neighbours(a, b)   lanes 0+1 of a, of b, 2+3 of a, of b, in every 128 bits
template <class V>
static inline typename V::Reg row_sums(const typename V::Reg (&acc)[kTargetBlock]) {
  using Reg = typename V::Reg;
  const Reg sums04 = V::add_halves(acc[0], acc[4]);
  const Reg sums15 = V::add_halves(acc[1], acc[5]);
  const Reg sums2 = V::add_halves(acc[2], acc[2]);
  const Reg sums3 = V::add_halves(acc[3], acc[3]);
  return V::add_neighbours(V::add_pairs(sums04, sums2), V::add_pairs(sums15, sums3));
}

// 2^x = 2^(whole + fraction), 2^fraction by the polynomial of degree 5 with the least
// relative error (1.5e-7 with these float coefficients), in Estrin's order: the tile
// waits for this chain. NaN stays NaN.
template <class V>
static inline typename V::Reg power_of_two(typename V::Reg x) {
  using Reg = typename V::Reg;
  Reg f;
  const Reg whole = V::split(x, &f);
  const Reg f2 = V::mul(f, f);
  const Reg p01 = V::fma(f, V::set(6.9314694e-1f), V::set(1.0000001f));
  const Reg p23 = V::fma(f, V::set(5.5507131e-2f), V::set(2.4022120e-1f));
  const Reg p45 = V::fma(f, V::set(1.3276471e-3f), V::set(9.6755410e-3f));
  return V::scale(V::fma(V::fma(p45, f2, p23), f2, p01), whole);
}

// a / (1 + e^-x), absolute error below 2e-7 a; NaN stays NaN.
template <class V>
static inline typename V::Reg times_sigmoid(typename V::Reg a, typename V::Reg x) {
  const typename V::Reg power = power_of_two<V>(V::mul(x, V::set(-1.44269504f)));
  return V::div(a, V::add(V::set(1.0f), power));
}

// Scores of the n inputs of G groups against T targets; all sums stay in registers
// along the rows. A group that is not full repeats its last input.
template <class V, int G, int T>
[[gnu::always_inline]] static inline void score_block(float* const* inputs, size_t n,
                                                      const float* const (&y)[T],
                                                      size_t dim, float* scores,
                                                      size_t stride) {
  using Reg = typename V::Reg;
  constexpr size_t kColumns = V::kLanes / V::kGroup;
  const float* x[G][V::kGroup];
  for (size_t i = 0; i < size_t{G} * V::kGroup; i++) {
    x[i / V::kGroup][i % V::kGroup] = inputs[i < n ? i : n - 1];
  }
  Reg acc[G][kTargetBlock];
  const auto add_columns = [&](size_t d, auto add) {
    Reg group[G];
#pragma GCC unroll 4
    for (int g = 0; g < G; g++) group[g] = V::load_group(x[g], d);
#pragma GCC unroll 6
    for (int t = 0; t < T; t++) {
      const Reg target = V::load_target(y[t] + d);
#pragma GCC unroll 4
      for (int g = 0; g < G; g++) acc[g][t] = add(group[g], target, acc[g][t]);
    }
  };
#pragma GCC unroll 4
  for (int g = 0; g < G; g++) {
#pragma GCC unroll 6
    for (size_t t = 0; t < kTargetBlock; t++) acc[g][t] = V::zero();
  }
  add_columns(0, [](Reg a, Reg b, Reg) { return V::mul(a, b); });
  for (size_t d = kColumns; d < dim; d += kColumns) add_columns(d, V::fma);
#pragma GCC unroll 4
  for (size_t g = 0; g < size_t{G}; g++) {
    const size_t first = g * V::kGroup, left = n - first;
    Reg parts[V::kParts];
    V::sum_columns(acc[g], parts);
    V::store_rows(scores + first * stride, stride, left < V::kGroup ? left : V::kGroup,
                  parts);
  }
}

// Scores of all inputs against T targets, whose addresses stay in registers. The inputs
// come in blocks of nearly equal size.
template <class V, int T>
static void score_targets(const Tile& tile, size_t first, float* scores) {
  const float* y[T];
#pragma GCC unroll 6
  for (size_t t = 0; t < size_t{T}; t++) y[t] = tile.targets[first + t];
  float* const* inputs = tile.inputs;
  const size_t dim = tile.dim, stride = error_stride(tile.n_targets);
  size_t left = tile.n_inputs;
  // The usual block of a long list: with 4 groups at most, 5 are 3 and 2.
  constexpr size_t kGroups = V::kGroups == 4 ? 3 : V::kGroups, n = kGroups * V::kGroup;
  for (; left > V::kGroups * V::kGroup; left -= n) {
    score_block<V, kGroups, T>(inputs, n, y, dim, scores, stride);
    inputs += n;
    scores += n * stride;
  }
  if constexpr (V::kGroups == 4) {
    if (left > 3 * V::kGroup) {
      return score_block<V, 4, T>(inputs, left, y, dim, scores, stride);
    }
    if (left > 2 * V::kGroup) {
      return score_block<V, 3, T>(inputs, left, y, dim, scores, stride);
    }
  }
  if (left > V::kGroup) {
    return score_block<V, 2, T>(inputs, left, y, dim, scores, stride);
  }
  score_block<V, 1, T>(inputs, left, y, dim, scores, stride);
}

template <class V>
static void score_rows(const Tile& tile, float* scores) {
  size_t n = 0;
  for (size_t first = 0; first < tile.n_targets; first += n) {
    n = block_size(tile.n_targets - first);
    with_size<kTargetBlock>(
        n, [&]<int T>(Size<T>) { score_targets<V, T>(tile, first, scores + first); });
  }
}

template <class V>
static void scores(const Tile& tile, float* scores) {
  if (tile.n_inputs == 1) return score_rows<typename V::One>(tile, scores);
  score_rows<V>(tile, scores);
}

// lr * (label - sigmoid(score)) in place of n vectors of scores, `step` floats apart.
// Four at a time: each is a long chain of operations that wait for one another.
template <class V>
static inline void errors_in_place(float* row, size_t n, size_t step,
                                   typename V::Reg label, typename V::Reg lr) {
  const typename V::Reg most = V::mul(lr, label);
  const auto error = [&](const float* score) {
    return V::sub(most, times_sigmoid<V>(lr, V::load(score)));
  };
  for (; n >= 4; n -= 4, row += 4 * step) {
    typename V::Reg e[4];
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; i++) e[i] = error(row + i * step);
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; i++) V::store(row + i * step, e[i]);
  }
  for (; n > 0; n--, row += step) V::store(row, error(row));
}

template <class V>
static void errors(const Tile& tile, float* error, float* score_copy) {
  const size_t n_inputs = tile.n_inputs, stride = error_stride(tile.n_targets);
  scores<V>(tile, error);
  if (score_copy) {
    const size_t n = error_size(n_inputs, tile.n_targets);
    for (size_t i = 0; i < n; i++) score_copy[i] = error[i];
  }
  const typename V::Reg lr = V::set(tile.lr);
  if (stride == 8) {
    // Rows of 8 lie one behind the other, kGroup of them in kParts registers.
    constexpr size_t kStep = V::kParts * V::kLanes;
    for (size_t k = 0; k < V::kParts; k++) {
      errors_in_place<V>(error + k * V::kLanes, (8 * n_inputs + kStep - 1) / kStep,
                         kStep, V::load_labels(tile.labels, k), lr);
    }
  } else {
    for (size_t t = 0; t < tile.n_targets; t += V::kLanes) {
      errors_in_place<V>(error + t, n_inputs, stride, V::load(tile.labels + t), lr);
    }
  }
}
