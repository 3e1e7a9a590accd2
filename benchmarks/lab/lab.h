// Versions of the kernels that were tried, each a whole table beside the product's.
//
// Thread safety: tables are immutable.
#ifndef SGNS_BENCHMARKS_LAB_LAB_H_
#define SGNS_BENCHMARKS_LAB_LAB_H_

#include <stddef.h>

#include "sgns/kernel_table.h"
#include "sgns/random.h"

namespace sgns::lab {

// A version differs from the product in what README.md says under its number.
struct Version {
  int number;
  Kernels kernels;
};

// Versions for an instruction set, by number; `n` becomes how many.
[[nodiscard]] const Version* avx2_versions(size_t* n);
[[nodiscard]] const Version* avx512_versions(size_t* n);

}  // namespace sgns::lab

#endif  // SGNS_BENCHMARKS_LAB_LAB_H_
