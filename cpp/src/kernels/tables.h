// The table of each instruction set, one exported function a file. Internal.
#ifndef SGNS_KERNELS_TABLES_H_
#define SGNS_KERNELS_TABLES_H_

#include "sgns/kernel_table.h"
#include "sgns/random.h"

namespace sgns {

const Kernels& scalar_kernels();
const Kernels& avx2_kernels();
const Kernels& avx2_prefetchw_kernels();
const Kernels& avx512_kernels();
const Kernels& neon_kernels();

}  // namespace sgns

#endif  // SGNS_KERNELS_TABLES_H_
