// Philox for AVX2: 4 counters at once.
#include <immintrin.h>

#include "kernels/philox_tables.h"

namespace sgns {
namespace {

#include "kernels/philox_lanes.h"

struct Avx2 {
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
};

}  // namespace

Philox philox_avx2() { return {fill_blocks<Avx2>, fill_places<Avx2>}; }

}  // namespace sgns
