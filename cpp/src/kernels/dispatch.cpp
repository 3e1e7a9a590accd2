#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <cstdlib>
#include <stdexcept>

#include "kernels/tables.h"
#include "sgns/kernels.h"

namespace sgns {

#if defined(__x86_64__)
namespace {

// Processors of Intel have AVX2 since Haswell and PREFETCHW since Broadwell.
// Asked once: virtual machines take microseconds to answer.
bool has_prefetchw() {
  static const bool is_there = [] {
    unsigned int a, b, c, d;
    return __get_cpuid(0x80000001u, &a, &b, &c, &d) && (c >> 8 & 1) != 0;
  }();
  return is_there;
}

}  // namespace
#endif

std::vector<const Kernels*> available_kernels() {
  std::vector<const Kernels*> tables{&scalar_kernels()};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    tables.push_back(has_prefetchw() ? &avx2_prefetchw_kernels() : &avx2_kernels());
  }
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) {
    tables.push_back(&avx512_kernels());
  }
#elif defined(__aarch64__)
  tables.push_back(&neon_kernels());
#endif
  return tables;
}

const Kernels& kernels_by_name(const std::string& name) {
  std::string names;
  for (const Kernels* table : available_kernels()) {
    if (name == table->name) return *table;
    if (!names.empty()) names += ", ";
    names.append("'").append(table->name).append("'");
  }
  throw std::invalid_argument("SGNS_KERNEL must be one of " + names +
                              " on this machine, got '" + name + "'");
}

const Kernels& default_kernels() {
  const char* wanted = std::getenv("SGNS_KERNEL");
  return wanted && *wanted ? kernels_by_name(wanted) : *available_kernels().back();
}

}  // namespace sgns
