// Philox for AVX-512 (F): 8 counters at once.
#include <immintrin.h>

#include "kernels/philox_tables.h"

namespace sgns {
namespace {

#include "kernels/philox_lanes.h"

struct Avx512 {
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
};

}  // namespace

Philox philox_avx512() { return {fill_blocks<Avx512>, fill_places<Avx512>}; }

}  // namespace sgns
