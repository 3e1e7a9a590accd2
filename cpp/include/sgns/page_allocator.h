// Memory in whole pages for what is large: rows, tables of laws, the ids and the words
// of a text.
//
// Thread safety: pure functions; allocators as std::allocator.
#ifndef SGNS_PAGE_ALLOCATOR_H_
#define SGNS_PAGE_ALLOCATOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace sgns {

// Memory from the system, all zero: whole pages, of 2 MiB where the system has them and
// an eighth of that or more is wanted. Filling it then costs a page fault for each of
// those only, which several threads would wait for in turn, and a random place in it is
// found without a walk through tables of small pages. std::bad_alloc.
[[nodiscard]] void* map_pages(std::size_t bytes);
void unmap_pages(void* pages, std::size_t bytes) noexcept;

// Memory that goes back to the system as soon as it is freed: provisional ids and
// final ones take turns, tables grow, and a heap would keep all of it. Small blocks
// come from the heap.
template <typename T>
struct PageAllocator {
  using value_type = T;
  static constexpr std::size_t kMinBytes = std::size_t{64} << 10;

  PageAllocator() = default;
  template <typename U>
  explicit PageAllocator(const PageAllocator<U>& /*other*/) {}

  T* allocate(std::size_t n) {
    if (n * sizeof(T) < kMinBytes) return std::allocator<T>().allocate(n);
    return static_cast<T*>(map_pages(n * sizeof(T)));
  }
  void deallocate(T* data, std::size_t n) {
    if (n * sizeof(T) < kMinBytes) return std::allocator<T>().deallocate(data, n);
    unmap_pages(data, n * sizeof(T));
  }
  friend bool operator==(PageAllocator, PageAllocator) { return true; }
};

// The same, but numbers that are not given a value have none: a page is first touched
// by the thread that fills it.
template <typename T>
struct UnsetAllocator : PageAllocator<T> {
  using PageAllocator<T>::PageAllocator;
  template <typename U, typename... Values>
  void construct(U* place, Values&&... values) {
    if constexpr (sizeof...(values) == 0) {
      ::new (static_cast<void*>(place)) U;
    } else {
      ::new (static_cast<void*>(place)) U(std::forward<Values>(values)...);
    }
  }
};

template <typename T>
using Table = std::vector<T, PageAllocator<T>>;

template <typename T>
using Paged = std::vector<T, UnsetAllocator<T>>;

using PagedIds = Paged<std::int32_t>;

}  // namespace sgns

#endif  // SGNS_PAGE_ALLOCATOR_H_
