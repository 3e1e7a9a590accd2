// Memory of large tables on huge pages: a draw touches a random place, and with small
// pages it would first have to find out where that is.
//
// Thread safety: pure functions.
#ifndef SGNS_HUGE_PAGES_H_
#define SGNS_HUGE_PAGES_H_

#include <cstddef>
#include <vector>

namespace sgns {

// `bytes` of memory, on huge pages when there are enough of them for one and the system
// has some. std::bad_alloc.
[[nodiscard]] void* allocate_table(std::size_t bytes);
void free_table(void* memory, std::size_t bytes) noexcept;

// Allocator of the standard library for them.
template <class T>
struct TableAllocator {
  using value_type = T;
  TableAllocator() = default;
  template <class Other>
  TableAllocator(const TableAllocator<Other>&) {}  // NOLINT: converts by design
  T* allocate(std::size_t n) { return static_cast<T*>(allocate_table(n * sizeof(T))); }
  void deallocate(T* memory, std::size_t n) noexcept {
    free_table(memory, n * sizeof(T));
  }
  bool operator==(const TableAllocator&) const = default;
};

template <class T>
using Table = std::vector<T, TableAllocator<T>>;

}  // namespace sgns

#endif  // SGNS_HUGE_PAGES_H_
