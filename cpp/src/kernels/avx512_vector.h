// The vector type (tile.h) of AVX-512: 32 registers of 16 floats; included like tile.h,
// and with it.
#include "kernels/avx2_vector.h"
#include "kernels/avx512_lanes.h"

struct Avx512 {
  using Reg = __m512;
  using One = Avx2;  // half a register would be idle
  using Lanes = Avx512Lanes;
  static constexpr size_t kLanes = 16, kGroup = 2, kGroups = 4, kParts = 1;
  static constexpr int kRegisters = 32, kTargets = 12, kVectors = 2;
  static Reg zero() { return _mm512_setzero_ps(); }
  static Reg set(float x) { return _mm512_set1_ps(x); }
  static Reg load(const float* p) { return _mm512_load_ps(p); }
  static void store(float* p, Reg r) { _mm512_store_ps(p, r); }
  static Reg add(Reg a, Reg b) { return _mm512_add_ps(a, b); }
  static Reg sub(Reg a, Reg b) { return _mm512_sub_ps(a, b); }
  static Reg mul(Reg a, Reg b) { return _mm512_mul_ps(a, b); }
  static Reg div(Reg a, Reg b) { return _mm512_div_ps(a, b); }
  static Reg max(Reg a, Reg b) { return _mm512_max_ps(a, b); }
  static Reg fma(Reg a, Reg b, Reg c) { return _mm512_fmadd_ps(a, b, c); }
  static Reg split(Reg x, Reg* fraction) {
    *fraction = _mm512_reduce_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    return _mm512_sub_ps(x, *fraction);
  }
  static Reg scale(Reg x, Reg whole) { return _mm512_scalef_ps(x, whole); }

  // 8 columns of two inputs: sums of rows then need no step across 256-bit halves, and
  // rows need no padding beyond 8.
  static Reg load_group(const float* const* x, size_t d) {
    return _mm512_insertf32x8(_mm512_castps256_ps512(_mm256_load_ps(x[0] + d)),
                              _mm256_load_ps(x[1] + d), 1);
  }
  static Reg load_target(const float* p) {
    return _mm512_broadcast_f32x8(_mm256_load_ps(p));
  }

  static Reg add_halves(Reg a, Reg b) {
    const __m512i other =
        _mm512_setr_epi32(4, 5, 6, 7, 16, 17, 18, 19, 12, 13, 14, 15, 24, 25, 26, 27);
    return _mm512_add_ps(_mm512_mask_blend_ps(0xF0F0, a, b),
                         _mm512_permutex2var_ps(a, other, b));
  }
  static Reg add_pairs(Reg a, Reg b) {
    return _mm512_add_ps(_mm512_mask_blend_ps(0xCCCC, a, b),
                         _mm512_shuffle_ps(a, b, _MM_SHUFFLE(1, 0, 3, 2)));
  }
  static Reg add_neighbours(Reg a, Reg b) {
    const Reg other = _mm512_mask_blend_ps(0xAAAA, b, a);
    return _mm512_add_ps(_mm512_mask_blend_ps(0xAAAA, a, b),
                         _mm512_permute_ps(other, _MM_SHUFFLE(2, 3, 0, 1)));
  }
  static void sum_columns(const Reg (&acc)[kTargetBlock], Reg* sums) {
    *sums = row_sums<Avx512>(acc);
  }
  static Reg load_labels(const float* p, size_t) {
    return _mm512_broadcast_f32x8(_mm256_loadu_ps(p));
  }
  static Reg set_rows(const float* p) {
    return _mm512_insertf32x8(_mm512_set1_ps(p[0]), _mm256_set1_ps(p[1]), 1);
  }
  template <class Op>
  static void spread(Reg* parts, Op op) {
    Reg r = parts[0];
    r = op(r, _mm512_shuffle_f32x4(r, r, _MM_SHUFFLE(2, 3, 0, 1)));
    r = op(r, _mm512_permute_ps(r, _MM_SHUFFLE(1, 0, 3, 2)));
    parts[0] = op(r, _mm512_permute_ps(r, _MM_SHUFFLE(2, 3, 0, 1)));
  }
  static void store_rows(float* p, size_t stride, size_t n, const Reg* parts) {
    if (stride == 8) return _mm512_storeu_ps(p, *parts);
    _mm256_storeu_ps(p, _mm512_castps512_ps256(*parts));
    if (n == 2) _mm256_storeu_ps(p + stride, _mm512_extractf32x8_ps(*parts, 1));
  }
};
