#include <immintrin.h>

#include "lab.h"

namespace sgns::lab {
namespace {

#include "kernels/avx2_vector.h"

Avx2::Reg reciprocal(Avx2::Reg x) { return _mm256_rcp_ps(x); }

#include "versions.h"

// 2: targets as the compiler reads them, from memory in both products of a block.
struct TargetFromMemory : Avx2 {
  static Reg load_target(const float* p) { return load(p); }
};

constexpr Version kVersions[] = {
    {1, make_kernels<OneGroup<Avx2>>("one group of inputs")},
    {2, make_kernels<TargetFromMemory>("targets from memory")},
    {3, make_kernels<Reciprocal<Avx2>>("approximate reciprocal")},
    {4, with_tile<Avx2>("fetch in a burst", burst<Avx2>)},
    {5, with_tile<Avx2>("no fetch", no_fetch<Avx2>)},
};

}  // namespace

const Version* avx2_versions(size_t* n) {
  *n = sizeof kVersions / sizeof *kVersions;
  return kVersions;
}

}  // namespace sgns::lab
