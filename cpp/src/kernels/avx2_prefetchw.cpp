// The tile for AVX2, FMA and PREFETCHW: rows are fetched with the intent to write them.
#include <immintrin.h>

#include "kernels/tables.h"

namespace sgns {
namespace {

#include "kernels/avx2_vector.h"
constexpr Kernels kTable = make_kernels<Avx2>("avx2");

}  // namespace

const Kernels& avx2_prefetchw_kernels() { return kTable; }

}  // namespace sgns
