#include "sgns/complement.h"

#include <cassert>
#include <cstddef>

#include "sgns/random.h"

namespace sgns {

std::vector<std::uint64_t> masses_before(const Masses& masses,
                                         std::span<const WordId> excluded) {
  std::vector<std::uint64_t> before(excluded.size() + 1);
  for (std::size_t i = 0; i < excluded.size(); i++) {
    assert(i == 0 || excluded[i] > excluded[i - 1]);
    before[i + 1] = before[i] + masses.of(excluded[i]);
  }
  return before;
}

WordId draw_outside(const Masses& masses, std::uint64_t bits,
                    std::span<const WordId> excluded,
                    std::span<const std::uint64_t> before) {
  assert(before.size() == excluded.size() + 1 && before.back() < masses.total());
  const std::uint64_t wanted = multiply_high(bits, masses.total() - before.back());
  // The first excluded word with more than `wanted` of the rest before it.
  std::size_t low = 0, high = excluded.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (masses.before(excluded[middle]) - before[middle] > wanted) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return masses.find(wanted + before[low]);
}

}  // namespace sgns
