// From scores to errors for the losses that need more than labels (ScoreRows in
// kernel_table.h); part of tile.h.
//
// Rows of 8 floats, the usual ones, fill registers as errors.h leaves them: kGroup rows
// in kParts registers. V has for them
//   set_rows(p)         p[g] in all lanes of row g of the group
//   spread(parts, op)   in every lane op over the 8 floats of its row
// Longer rows are whole vectors, one input at a time.

template <class V>
static inline typename V::Reg exponential(typename V::Reg x) {
  return power_of_two<V>(V::mul(x, V::set(1.44269504f)));
}

template <class V>
static inline void logistic_part(const float* scores, float* error,
                                 typename V::Reg step, typename V::Reg label,
                                 typename V::Reg offset) {
  const typename V::Reg z = V::add(V::load(scores), offset);
  V::store(error, V::sub(V::mul(step, label), times_sigmoid<V>(step, z)));
}

template <class V>
static void logistic(const ScoreRows& rows) {
  const typename V::Reg lr = V::set(rows.lr);
  const size_t stride = error_stride(rows.n_targets);
  for (size_t i = 0; stride == 8 && i < rows.n_inputs; i += V::kGroup) {
    for (size_t k = 0; k < V::kParts; k++) {
      const size_t at = 8 * i + k * V::kLanes;
      logistic_part<V>(rows.scores + at, rows.error + at,
                       V::mul(lr, V::load_labels(rows.weights, k)),
                       V::load_labels(rows.labels, k), V::load_labels(rows.offsets, k));
    }
  }
  for (size_t i = 0; stride > 8 && i < rows.n_inputs; i++) {
    for (size_t t = 0; t < stride; t += V::kLanes) {
      const size_t at = i * stride + t;
      logistic_part<V>(rows.scores + at, rows.error + at,
                       V::mul(lr, V::load(rows.weights + t)), V::load(rows.labels + t),
                       V::load(rows.offsets + t));
    }
  }
}

// Adds a sum of e^(Z - most) to that of input i, which has its own `most`.
static inline void merge_sum(const ScoreRows& rows, size_t i, float most, float sum) {
  if (rows.sum[i] == 0.0f) {
    rows.most[i] = most;
    rows.sum[i] = sum;
    return;
  }
  const float top = most > rows.most[i] ? most : rows.most[i];
  rows.sum[i] = rows.sum[i] * __builtin_expf(rows.most[i] - top) +
                sum * __builtin_expf(most - top);
  rows.most[i] = top;
}

// A group of rows of 8.
template <class V>
static inline void sum_group(const ScoreRows& rows, size_t i) {
  using Reg = typename V::Reg;
  const float* const scores = rows.scores + 8 * i;
  Reg z[V::kParts], most[V::kParts], sum[V::kParts];
  for (size_t k = 0; k < V::kParts; k++) {
    z[k] = V::add(V::load(scores + k * V::kLanes), V::load_labels(rows.offsets, k));
    most[k] = z[k];
  }
  V::spread(most, [](Reg a, Reg b) { return V::max(a, b); });
  for (size_t k = 0; k < V::kParts; k++) {
    sum[k] = exponential<V>(V::sub(z[k], most[k]));
  }
  V::spread(sum, [](Reg a, Reg b) { return V::add(a, b); });
  alignas(64) float mosts[16], sums[16];
  for (size_t k = 0; k < V::kParts; k++) {
    V::store(mosts + k * V::kLanes, most[k]);
    V::store(sums + k * V::kLanes, sum[k]);
  }
  for (size_t g = 0; g < V::kGroup && i + g < rows.n_inputs; g++) {
    merge_sum(rows, i + g, mosts[8 * g], sums[8 * g]);
  }
}

// A row of more than 8.
template <class V>
static inline void sum_row(const ScoreRows& rows, size_t i, size_t stride) {
  using Reg = typename V::Reg;
  float* const scores = rows.scores + i * stride;
  for (size_t t = rows.n_targets; t < stride; t++) scores[t] = 0.0f;
  const auto z = [&](size_t t) {
    return V::add(V::load(scores + t), V::load(rows.offsets + t));
  };
  Reg most = z(0), sum = V::zero();
  for (size_t t = V::kLanes; t < stride; t += V::kLanes) most = V::max(z(t), most);
  alignas(64) float lanes[16];
  V::store(lanes, most);
  float top = lanes[0];
  for (size_t l = 1; l < V::kLanes; l++) top = lanes[l] > top ? lanes[l] : top;
  for (size_t t = 0; t < stride; t += V::kLanes) {
    sum = V::add(sum, exponential<V>(V::sub(z(t), V::set(top))));
  }
  V::store(lanes, sum);
  float total = lanes[0];
  for (size_t l = 1; l < V::kLanes; l++) total += lanes[l];
  merge_sum(rows, i, top, total);
}

template <class V>
static void add_to_sums(const ScoreRows& rows) {
  const size_t stride = error_stride(rows.n_targets);
  if (stride == 8) {
    for (size_t i = 0; i < rows.n_inputs; i += V::kGroup) sum_group<V>(rows, i);
  } else {
    for (size_t i = 0; i < rows.n_inputs; i++) sum_row<V>(rows, i, stride);
  }
}

template <class V>
static inline void softmax_part(const float* scores, float* error, typename V::Reg lr,
                                typename V::Reg label, typename V::Reg offset,
                                typename V::Reg sum) {
  const typename V::Reg power = exponential<V>(V::add(V::load(scores), offset));
  V::store(error, V::mul(lr, V::sub(label, V::div(power, sum))));
}

template <class V>
static void softmax(const ScoreRows& rows) {
  using Reg = typename V::Reg;
  const Reg lr = V::set(rows.lr);
  const size_t stride = error_stride(rows.n_targets);
  for (size_t i = 0; stride == 8 && i < rows.n_inputs; i += V::kGroup) {
    const Reg most = V::set_rows(rows.most + i), sum = V::set_rows(rows.sum + i);
    for (size_t k = 0; k < V::kParts; k++) {
      const size_t at = 8 * i + k * V::kLanes;
      softmax_part<V>(rows.scores + at, rows.error + at, lr,
                      V::load_labels(rows.labels, k),
                      V::sub(V::load_labels(rows.offsets, k), most), sum);
    }
  }
  for (size_t i = 0; stride > 8 && i < rows.n_inputs; i++) {
    const Reg most = V::set(rows.most[i]), sum = V::set(rows.sum[i]);
    for (size_t t = 0; t < stride; t += V::kLanes) {
      const size_t at = i * stride + t;
      softmax_part<V>(rows.scores + at, rows.error + at, lr, V::load(rows.labels + t),
                      V::sub(V::load(rows.offsets + t), most), sum);
    }
  }
}
