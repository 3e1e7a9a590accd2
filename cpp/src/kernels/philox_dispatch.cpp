#include <string_view>

#include "kernels/philox_tables.h"

namespace sgns {

Philox philox_functions(const char* kernel) {
#if defined(__x86_64__)
  const std::string_view name = kernel;
  if (name == "avx512") return philox_avx512();
  if (name == "avx2") return philox_avx2();
#else
  static_cast<void>(kernel);
#endif
  return philox_scalar();
}

}  // namespace sgns
