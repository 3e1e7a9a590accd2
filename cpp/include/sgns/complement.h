// Exact draws from a law without a set of excluded words, for the case that drawing
// again would take long: the inverse of the cumulated masses of what is left.
//
// Thread safety: pure functions.
#ifndef SGNS_COMPLEMENT_H_
#define SGNS_COMPLEMENT_H_

#include <cstdint>
#include <span>
#include <vector>

#include "sgns/law.h"

namespace sgns {

// Mass of the words before each of the excluded ones, and of all: size + 1 values.
// REQUIRES: excluded ascending, all different, inside the law (here and below).
[[nodiscard]] std::vector<std::uint64_t> masses_before(
    const Masses& masses, std::span<const WordId> excluded);

// The word that 64 random bits stand for among those that are not excluded, in the time
// of two binary searches. `before` is masses_before(excluded).
// REQUIRES: before.back() < masses.total().
[[nodiscard]] WordId draw_outside(const Masses& masses, std::uint64_t bits,
                                  std::span<const WordId> excluded,
                                  std::span<const std::uint64_t> before);

}  // namespace sgns

#endif  // SGNS_COMPLEMENT_H_
