// The tile for AVX-512 (F, DQ, BW, VL).
#include <immintrin.h>

#include "kernels/tables.h"

namespace sgns {
namespace {

#include "kernels/avx512_vector.h"
constexpr Kernels kTable = make_kernels<Avx512>("avx512");

}  // namespace

const Kernels& avx512_kernels() { return kTable; }

}  // namespace sgns
