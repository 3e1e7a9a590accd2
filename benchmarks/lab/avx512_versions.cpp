#include <immintrin.h>

#include "lab.h"

namespace sgns::lab {
namespace {

#include "kernels/avx512_vector.h"

Avx512::Reg reciprocal(Avx512::Reg x) { return _mm512_rcp14_ps(x); }

#include "versions.h"

// 6: a single input in two halves of a register, as the others, not in a half alone.
struct WholeRegister : Avx512 {
  using One = Avx512;
};

constexpr Version kVersions[] = {
    {1, make_kernels<OneGroup<Avx512>>("one group of inputs")},
    {3, make_kernels<Reciprocal<Avx512>>("approximate reciprocal")},
    {4, with_tile<Avx512>("fetch in a burst", burst<Avx512>)},
    {5, with_tile<Avx512>("no fetch", no_fetch<Avx512>)},
    {6, make_kernels<WholeRegister>("one input, whole register")},
};

}  // namespace

const Version* avx512_versions(size_t* n) {
  *n = sizeof kVersions / sizeof *kVersions;
  return kVersions;
}

}  // namespace sgns::lab
