// Exact draws from a law without a set of excluded words, for the case that drawing
// again would take long: the inverse of the cumulated masses of what is left.
//
// Thread safety: pure functions, except as the class says.
#ifndef SGNS_COMPLEMENT_H_
#define SGNS_COMPLEMENT_H_

#include <cstddef>
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

// draw_outside() for a set of which many words are drawn: in constant time, when the
// law has no dense part that hardly ever is drawn.
//
// Thread safety: immutable after construction.
class Complement {
 public:
  // `before` is masses_before(excluded). REQUIRES: as draw_outside().
  Complement(const Masses& masses, std::span<const WordId> excluded,
             std::span<const std::uint64_t> before);

  // As draw_outside(), for all `bits`, whose words go to `words`; `bits` hold anything
  // afterwards. `masses` are those of the constructor.
  void draw(const Masses& masses, std::span<std::uint64_t> bits, WordId* words) const;

 private:
  // Words that are left between two excluded ones.
  struct Gap {
    std::uint64_t end;       // mass of what is left up to here
    std::uint64_t excluded;  // mass of the excluded words before it
  };

  [[nodiscard]] const Gap& gap(std::size_t i, std::uint64_t wanted) const;

  std::vector<Gap> gaps_;              // all with a mass > 0, ascending
  std::vector<std::uint32_t> firsts_;  // gap of the first draw with these upper bits
  int shift_ = 63;                     // of the bits that are no upper ones
};

}  // namespace sgns

#endif  // SGNS_COMPLEMENT_H_
