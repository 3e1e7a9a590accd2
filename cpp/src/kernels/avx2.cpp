// The tile for AVX2 and FMA.
#include <immintrin.h>

#include "kernels/tables.h"

namespace sgns {
namespace {

#include "kernels/avx2_vector.h"
constexpr Kernels kTable = make_kernels<Avx2>("avx2"),
                  kPrefetchwTable = make_kernels<Avx2Prefetchw>("avx2");

}  // namespace

const Kernels& avx2_kernels(bool has_prefetchw) {
  return has_prefetchw ? kPrefetchwTable : kTable;
}

}  // namespace sgns
