// Memory in whole pages for the ids of a text.
#ifndef SGNS_PAGE_ALLOCATOR_H_
#define SGNS_PAGE_ALLOCATOR_H_

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

namespace sgns {

// Asks for pages of 2 MiB inside this memory, where the system has them: filling it
// then costs a page fault for each of those only.
inline void advise_large_pages(void* data, std::size_t bytes) {
#ifdef MADV_HUGEPAGE
  constexpr std::size_t kPage = std::size_t{2} << 20;
  void* begin = data;
  if (std::align(kPage, kPage, begin, bytes) != nullptr) {
    madvise(begin, bytes / kPage * kPage, MADV_HUGEPAGE);
  }
#else
  static_cast<void>(data);
  static_cast<void>(bytes);
#endif
}

// Memory that goes back to the system as soon as it is freed: provisional ids and
// final ones take turns, and a heap would keep both. Small blocks come from the heap.
//
// Thread safety: as std::allocator.
template <typename T>
struct PageAllocator {
  using value_type = T;
  static constexpr std::size_t kMinBytes = std::size_t{64} << 10;

  PageAllocator() = default;
  template <typename U>
  explicit PageAllocator(const PageAllocator<U>& /*other*/) {}

  T* allocate(std::size_t n) {
    if (n * sizeof(T) < kMinBytes) return std::allocator<T>().allocate(n);
    void* pages = mmap(nullptr, n * sizeof(T), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) throw std::bad_alloc();
    advise_large_pages(pages, n * sizeof(T));
    return static_cast<T*>(pages);
  }
  void deallocate(T* data, std::size_t n) {
    if (n * sizeof(T) < kMinBytes) return std::allocator<T>().deallocate(data, n);
    munmap(data, n * sizeof(T));
  }
  friend bool operator==(PageAllocator, PageAllocator) { return true; }
};

using PagedIds = std::vector<std::int32_t, PageAllocator<std::int32_t>>;

}  // namespace sgns

#endif  // SGNS_PAGE_ALLOCATOR_H_
