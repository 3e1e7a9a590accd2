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

// 1 / (1 + e^-x), absolute error below 2e-7; NaN stays NaN. e^-x = 2^(whole +
// fraction), 2^fraction by the polynomial of degree 5 with the least relative error
// (1.5e-7 with these float coefficients), in Estrin's order: the tile waits for this
// chain.
template <class V>
static inline typename V::Reg sigmoid(typename V::Reg x) {
  using Reg = typename V::Reg;
  Reg f;
  const Reg whole = V::split(V::mul(x, V::set(-1.44269504f)), &f);
  const Reg f2 = V::mul(f, f);
  const Reg p01 = V::fma(f, V::set(6.9314694e-1f), V::set(1.0000001f));
  const Reg p23 = V::fma(f, V::set(5.5507131e-2f), V::set(2.4022120e-1f));
  const Reg p45 = V::fma(f, V::set(1.3276471e-3f), V::set(9.6755410e-3f));
  const Reg p = V::fma(V::fma(p45, f2, p23), f2, p01);
  return V::div(V::set(1.0f), V::add(V::set(1.0f), V::scale(p, whole)));
}

// The rows of a block of scores and where its results go.
struct Block {
  float* const* inputs;
  size_t n_inputs;
  float* const* targets;
  size_t dim;
  const float* labels;
  float lr;
  float* error;
  float* scores;  // may be null
  size_t stride;  // of error and scores
};

// Scores and errors of G groups of inputs against T targets; all sums stay in registers
// along the rows.
template <class V, int G, int T>
static inline void error_block(const Block& block) {
  using Reg = typename V::Reg;
  constexpr size_t kColumns = V::kLanes / V::kGroup;
  const size_t n_inputs = block.n_inputs, dim = block.dim, stride = block.stride;
  const float* x[G][V::kGroup];
  const float* y[T];
  for (size_t i = 0; i < size_t{G} * V::kGroup; i++) {
    // A group that is not full repeats its last input.
    x[i / V::kGroup][i % V::kGroup] = block.inputs[i < n_inputs ? i : n_inputs - 1];
  }
  for (int t = 0; t < T; t++) y[t] = block.targets[t];
  Reg acc[G][kTargetBlock];
#pragma GCC unroll 4
  for (int g = 0; g < G; g++) {
#pragma GCC unroll 6
    for (size_t t = 0; t < kTargetBlock; t++) acc[g][t] = V::zero();
  }
  size_t d = 0;
  do {
    Reg group[G];
#pragma GCC unroll 4
    for (int g = 0; g < G; g++) group[g] = V::load_group(x[g], d);
#pragma GCC unroll 6
    for (int t = 0; t < T; t++) {
      const Reg target = V::load_target(y[t] + d);
#pragma GCC unroll 4
      for (int g = 0; g < G; g++) acc[g][t] = V::fma(group[g], target, acc[g][t]);
    }
    d += kColumns;
  } while (d < dim);
  const Reg lr = V::set(block.lr);
#pragma GCC unroll 4
  for (size_t g = 0; g < size_t{G}; g++) {
    const size_t first = g * V::kGroup, left = n_inputs - first;
    const size_t n = left < V::kGroup ? left : V::kGroup;
    Reg parts[V::kParts];
    V::sum_columns(acc[g], parts);
    if (block.scores) V::store_rows(block.scores + first * stride, stride, n, parts);
    for (size_t k = 0; k < V::kParts; k++) {
      const Reg label = V::load_labels(block.labels, k);
      parts[k] = V::mul(lr, V::sub(label, sigmoid<V>(parts[k])));
    }
    V::store_rows(block.error + first * stride, stride, n, parts);
  }
}

// Scores and errors of G groups of inputs against all targets.
template <class V, int G>
static inline void error_rows(Block block, size_t n_targets) {
  for (; n_targets >= kTargetBlock; n_targets -= kTargetBlock) {
    error_block<V, G, 6>(block);
    block.targets += kTargetBlock;
    block.labels += kTargetBlock;
    block.error += kTargetBlock;
    if (block.scores) block.scores += kTargetBlock;
  }
  switch (n_targets) {
    case 1:
      return error_block<V, G, 1>(block);
    case 2:
      return error_block<V, G, 2>(block);
    case 3:
      return error_block<V, G, 3>(block);
    case 4:
      return error_block<V, G, 4>(block);
    case 5:
      return error_block<V, G, 5>(block);
    default:
      return;
  }
}

template <class V>
static void errors(const Tile& tile, float* error, float* scores) {
  const size_t n_inputs = tile.n_inputs, n_targets = tile.n_targets;
  const size_t stride = error_stride(n_targets);
  size_t groups_left = (n_inputs + V::kGroup - 1) / V::kGroup;
  for (size_t first = 0; groups_left > 0;) {
    // Blocks of nearly equal size, so that no small one is left over.
    const size_t n_blocks = (groups_left + V::kGroups - 1) / V::kGroups;
    const size_t n_groups = (groups_left + n_blocks - 1) / n_blocks;
    const size_t end = first + n_groups * V::kGroup;
    const Block block{tile.inputs + first,
                      (end < n_inputs ? end : n_inputs) - first,
                      tile.targets,
                      tile.dim,
                      tile.labels,
                      tile.lr,
                      error + first * stride,
                      scores ? scores + first * stride : nullptr,
                      stride};
    if (n_groups == 1) {
      error_rows<V, 1>(block, n_targets);
    } else if (n_groups == 2) {
      error_rows<V, 2>(block, n_targets);
    } else if constexpr (V::kGroups >= 4) {
      if (n_groups == 3) error_rows<V, 3>(block, n_targets);
      if (n_groups == 4) error_rows<V, 4>(block, n_targets);
    }
    first = end;
    groups_left -= n_groups;
  }
}
