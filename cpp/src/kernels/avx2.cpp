// The tile for AVX2 and FMA.
#include <immintrin.h>

#include "kernels/tables.h"

namespace sgns {
namespace {

#include "kernels/avx2_vector.h"
constexpr Kernels kTable = make_kernels<Avx2>("avx2");

}  // namespace

const Kernels& avx2_kernels() { return kTable; }

}  // namespace sgns
