#include "sgns/page_allocator.h"

#include <sys/mman.h>

#include <cstdint>
#include <new>

namespace sgns {
namespace {

constexpr std::size_t kLargePage = std::size_t{2} << 20;
// From here on a large page pays: a table of noise words of this size is visited at
// random, and its small pages would not all fit in the processor's nearest table.
constexpr std::size_t kFewestBytes = kLargePage / 8;

// What is mapped for so many bytes.
std::size_t mapped_bytes(std::size_t bytes) {
  if (bytes < kFewestBytes) return bytes;
  return (bytes + kLargePage - 1) / kLargePage * kLargePage;
}

char* map(std::size_t bytes) {
  void* const pages =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  return static_cast<char*>(pages);
}

}  // namespace

void* map_pages(std::size_t bytes) {
  const std::size_t wanted = mapped_bytes(bytes);
  if (wanted < kLargePage) return map(wanted);
  // A large page more than wanted, so that they can start where large ones do.
  char* const pages = map(wanted + kLargePage);
  const std::size_t before =
      (kLargePage - reinterpret_cast<std::uintptr_t>(pages) % kLargePage) % kLargePage;
  if (before > 0) munmap(pages, before);
  munmap(pages + before + wanted, kLargePage - before);
#ifdef MADV_HUGEPAGE
  madvise(pages + before, wanted, MADV_HUGEPAGE);  // a refusal costs speed only
#endif
  return pages + before;
}

void unmap_pages(void* pages, std::size_t bytes) noexcept {
  munmap(pages, mapped_bytes(bytes));
}

}  // namespace sgns
