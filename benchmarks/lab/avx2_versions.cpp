#include <immintrin.h>

#include "lab.h"

namespace sgns::lab {
namespace {

#include "kernels/avx2_vector.h"

__m256 reciprocal(__m256 x) { return _mm256_rcp_ps(x); }

#include "versions.h"

// 2: targets as the compiler reads them, from memory in both products of a block.
struct TargetFromMemory : Avx2Prefetchw {
  static Reg load_target(const float* p) { return load(p); }
};

constexpr Version kVersions[] = {
    {1, make_kernels<OneGroup<Avx2Prefetchw>>("one group of inputs")},
    {2, make_kernels<TargetFromMemory>("targets from memory")},
    {3, make_kernels<Reciprocal<Avx2Prefetchw>>("approximate reciprocal")},
    {4, with_tile<Avx2Prefetchw>("fetch in a burst", burst<Avx2Prefetchw>)},
    {5, with_tile<Avx2Prefetchw>("no fetch", no_fetch<Avx2Prefetchw>)},
};

}  // namespace

const Version* avx2_versions(size_t* n) {
  *n = sizeof kVersions / sizeof *kVersions;
  return kVersions;
}

}  // namespace sgns::lab
