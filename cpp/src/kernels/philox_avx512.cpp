// Philox for AVX-512 (F): 8 counters at once.
#include <immintrin.h>

#include "kernels/philox_tables.h"

namespace sgns {
namespace {

#include "kernels/avx512_lanes.h"
#include "kernels/philox_lanes.h"

}  // namespace

Philox philox_avx512() { return {fill_blocks<Avx512Lanes>, fill_places<Avx512Lanes>}; }

}  // namespace sgns
