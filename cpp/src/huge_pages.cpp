#include "sgns/huge_pages.h"

#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace sgns {
namespace {

constexpr std::size_t kPage = std::size_t{1} << 21;

}  // namespace

void* allocate_table(std::size_t bytes) {
  if (bytes < kPage) return ::operator new(bytes);
  void* const memory = ::operator new(bytes, std::align_val_t{kPage});
#ifdef __linux__
  madvise(memory, bytes, MADV_HUGEPAGE);  // a hint: a refusal costs speed only
#endif
  return memory;
}

void free_table(void* memory, std::size_t bytes) noexcept {
  if (bytes < kPage) return ::operator delete(memory);
  ::operator delete(memory, std::align_val_t{kPage});
}

}  // namespace sgns
