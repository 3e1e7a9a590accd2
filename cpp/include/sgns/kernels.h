// Choice of the kernel table for this machine, at run time.
//
// Thread safety: pure functions; SGNS_KERNEL is read at every call.
#ifndef SGNS_KERNELS_H_
#define SGNS_KERNELS_H_

#include <string>
#include <vector>

#include "sgns/kernel_table.h"

namespace sgns {

// The tables that this machine can run, slowest first.
[[nodiscard]] std::vector<const Kernels*> available_kernels();

// The table of that name. std::invalid_argument lists the names that exist here.
[[nodiscard]] const Kernels& kernels_by_name(const std::string& name);

// The fastest table, or the one that the environment variable SGNS_KERNEL names. Looked
// up at every call; std::invalid_argument as kernels_by_name().
[[nodiscard]] const Kernels& default_kernels();

}  // namespace sgns

#endif  // SGNS_KERNELS_H_
