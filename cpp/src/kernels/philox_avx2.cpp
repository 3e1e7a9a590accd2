// Philox for AVX2: 4 counters at once.
#include <immintrin.h>

#include "kernels/philox_tables.h"

namespace sgns {
namespace {

#include "kernels/avx2_lanes.h"
#include "kernels/philox_lanes.h"

}  // namespace

Philox philox_avx2() { return {fill_blocks<Avx2Lanes>, fill_places<Avx2Lanes>}; }

}  // namespace sgns
