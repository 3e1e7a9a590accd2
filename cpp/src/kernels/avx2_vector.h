// The vector type (tile.h) of AVX2 and FMA: 16 registers of 8 floats. Also that of
// AVX-512 for a single input; included like tile.h, and with it.
#include "kernels/avx2_lanes.h"
#include "kernels/tile.h"

struct Avx2 {
  using Reg = __m256;
  using One = Avx2;
  using Lanes = Avx2Lanes;
  static constexpr size_t kLanes = 8, kGroup = 1, kGroups = 2, kParts = 1;
  static constexpr int kRegisters = 16, kTargets = 8, kVectors = 4;
  static Reg zero() { return _mm256_setzero_ps(); }
  static Reg set(float x) { return _mm256_set1_ps(x); }
  static Reg load(const float* p) { return _mm256_load_ps(p); }
  static void store(float* p, Reg r) { _mm256_store_ps(p, r); }
  static Reg add(Reg a, Reg b) { return _mm256_add_ps(a, b); }
  static Reg sub(Reg a, Reg b) { return _mm256_sub_ps(a, b); }
  static Reg mul(Reg a, Reg b) { return _mm256_mul_ps(a, b); }
  static Reg div(Reg a, Reg b) { return _mm256_div_ps(a, b); }
  static Reg max(Reg a, Reg b) { return _mm256_max_ps(a, b); }
  static Reg fma(Reg a, Reg b, Reg c) { return _mm256_fmadd_ps(a, b, c); }
  // x is cut to -126 .. 128: 2^x from the smallest normal float to infinity. NaN, which
  // min and max take from their second operand, passes through.
  static Reg split(Reg x, Reg* fraction) {
    const Reg bounded = _mm256_min_ps(set(128.0f), _mm256_max_ps(set(-126.0f), x));
    const Reg whole =
        _mm256_round_ps(bounded, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    *fraction = _mm256_sub_ps(bounded, whole);
    return whole;
  }
  static Reg scale(Reg x, Reg whole) {
    const __m256i exponent =
        _mm256_add_epi32(_mm256_cvtps_epi32(whole), _mm256_set1_epi32(127));
    return _mm256_mul_ps(x, _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23)));
  }

  static Reg load_group(const float* const* x, size_t d) {
    return _mm256_load_ps(x[0] + d);
  }
  // Loaded once for the two inputs of a block: left alone, GCC reads it from memory in
  // both products, and loads are what the loop would wait for.
  static Reg load_target(const float* p) {
    Reg target = _mm256_load_ps(p);
    asm("" : "+x"(target));
    return target;
  }

  static Reg add_halves(Reg a, Reg b) {
    return _mm256_add_ps(_mm256_blend_ps(a, b, 0xF0),
                         _mm256_permute2f128_ps(a, b, 0x21));
  }
  static Reg add_pairs(Reg a, Reg b) {
    return _mm256_add_ps(_mm256_blend_ps(a, b, 0xCC),
                         _mm256_shuffle_ps(a, b, _MM_SHUFFLE(1, 0, 3, 2)));
  }
  static Reg add_neighbours(Reg a, Reg b) {
    const Reg other = _mm256_blend_ps(b, a, 0xAA);
    return _mm256_add_ps(_mm256_blend_ps(a, b, 0xAA),
                         _mm256_permute_ps(other, _MM_SHUFFLE(2, 3, 0, 1)));
  }
  static void sum_columns(const Reg (&acc)[kTargetBlock], Reg* sums) {
    *sums = row_sums<Avx2>(acc);
  }
  static Reg load_labels(const float* p, size_t) { return _mm256_loadu_ps(p); }
  static Reg set_rows(const float* p) { return _mm256_set1_ps(*p); }
  template <class Op>
  static void spread(Reg* parts, Op op) {
    Reg r = parts[0];
    r = op(r, _mm256_permute2f128_ps(r, r, 0x01));
    r = op(r, _mm256_permute_ps(r, _MM_SHUFFLE(1, 0, 3, 2)));
    parts[0] = op(r, _mm256_permute_ps(r, _MM_SHUFFLE(2, 3, 0, 1)));
  }
  static void store_rows(float* p, size_t, size_t, const Reg* parts) {
    _mm256_storeu_ps(p, *parts);
  }
};
