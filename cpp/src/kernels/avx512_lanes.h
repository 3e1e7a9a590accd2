// The lanes of integers (philox_lanes.h, noise.h) of AVX-512 (F, DQ): 8 numbers at
// once; included like philox_lanes.h.
struct Avx512Lanes {
  using Reg = __m512i;
  static constexpr size_t kLanes = 8;
  static Reg set(uint64_t x) { return _mm512_set1_epi64(static_cast<int64_t>(x)); }
  static Reg load(const uint64_t* p) { return _mm512_loadu_si512(p); }
  static void store(uint64_t* p, Reg r) { _mm512_storeu_si512(p, r); }
  static Reg mul(Reg a, Reg b) { return _mm512_mul_epu32(a, b); }
  static Reg high(Reg a) { return _mm512_srli_epi64(a, 32); }
  static Reg low(Reg a) { return _mm512_and_si512(a, set(0xFFFFFFFFu)); }
  static Reg up(Reg a) { return _mm512_slli_epi64(a, 32); }
  static Reg add(Reg a, Reg b) { return _mm512_add_epi64(a, b); }
  static Reg bit_or(Reg a, Reg b) { return _mm512_or_si512(a, b); }
  static Reg xor3(Reg a, Reg b, Reg c) {
    return _mm512_ternarylogic_epi64(a, b, c, 0x96);
  }
  static Reg bit_xor(Reg a, Reg b) { return _mm512_xor_si512(a, b); }
  template <int kBits>
  static Reg shift(Reg a) {
    return _mm512_srli_epi64(a, kBits);
  }
  static Reg multiply(Reg a, Reg b) { return _mm512_mullo_epi64(a, b); }

  using Mask = __mmask8;
  static Mask none() { return 0; }
  static Mask join_equal(Mask mask, Reg a, Reg b) {
    return static_cast<Mask>(mask | _mm512_cmpeq_epi64_mask(a, b));
  }
  static uint64_t bits(Mask mask) { return mask; }
  static Reg choose_less(Reg a, Reg b, Reg x, Reg y) {
    return _mm512_mask_blend_epi64(_mm512_cmplt_epi64_mask(a, b), y, x);
  }
  static void look_up(const AliasSlot* slots, Reg i, Reg* threshold, Reg* alias) {
    const Reg slot = _mm512_i64gather_epi64(i, slots, 8);
    *threshold = low(slot);
    *alias = high(slot);
  }
};
