// Philox for each instruction set, one exported function a file. Internal.
#ifndef SGNS_KERNELS_PHILOX_TABLES_H_
#define SGNS_KERNELS_PHILOX_TABLES_H_

#include "sgns/noise_batch.h"
#include "sgns/philox.h"

namespace sgns {

Philox philox_scalar();
Philox philox_avx2();
Philox philox_avx512();

}  // namespace sgns

#endif  // SGNS_KERNELS_PHILOX_TABLES_H_
