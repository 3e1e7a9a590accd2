// The lanes of integers (philox_lanes.h, noise.h) of AVX2: 4 numbers at once; included
// like philox_lanes.h.
struct Avx2Lanes {
  using Reg = __m256i;
  static constexpr size_t kLanes = 4;
  static Reg set(uint64_t x) { return _mm256_set1_epi64x(static_cast<int64_t>(x)); }
  static Reg load(const uint64_t* p) {
    return _mm256_loadu_si256(reinterpret_cast<const Reg*>(p));
  }
  static void store(uint64_t* p, Reg r) {
    _mm256_storeu_si256(reinterpret_cast<Reg*>(p), r);
  }
  static Reg mul(Reg a, Reg b) { return _mm256_mul_epu32(a, b); }
  static Reg high(Reg a) { return _mm256_srli_epi64(a, 32); }
  static Reg low(Reg a) { return _mm256_and_si256(a, set(0xFFFFFFFFu)); }
  static Reg up(Reg a) { return _mm256_slli_epi64(a, 32); }
  static Reg add(Reg a, Reg b) { return _mm256_add_epi64(a, b); }
  static Reg bit_or(Reg a, Reg b) { return _mm256_or_si256(a, b); }
  static Reg xor3(Reg a, Reg b, Reg c) {
    return _mm256_xor_si256(_mm256_xor_si256(a, b), c);
  }
  static Reg bit_xor(Reg a, Reg b) { return _mm256_xor_si256(a, b); }
  template <int kBits>
  static Reg shift(Reg a) {
    return _mm256_srli_epi64(a, kBits);
  }
  static Reg multiply(Reg a, Reg b) {
    const Reg crossed = add(mul(high(a), b), mul(a, high(b)));
    return add(mul(a, b), up(crossed));
  }

  using Mask = Reg;
  static Mask none() { return _mm256_setzero_si256(); }
  static Mask join_equal(Mask mask, Reg a, Reg b) {
    return bit_or(mask, _mm256_cmpeq_epi64(a, b));
  }
  static uint64_t bits(Mask mask) {
    return static_cast<uint64_t>(_mm256_movemask_pd(_mm256_castsi256_pd(mask)));
  }
  static Reg choose_less(Reg a, Reg b, Reg x, Reg y) {
    return _mm256_blendv_epi8(y, x, _mm256_cmpgt_epi64(b, a));
  }
  static void look_up(const AliasSlot* slots, Reg i, Reg* threshold, Reg* alias) {
    const Reg slot =
        _mm256_i64gather_epi64(reinterpret_cast<const long long*>(slots), i, 8);
    *threshold = low(slot);
    *alias = high(slot);
  }
};
