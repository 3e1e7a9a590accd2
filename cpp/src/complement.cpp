#include "sgns/complement.h"

#include <algorithm>
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

Complement::Complement(const Masses& masses, std::span<const WordId> excluded,
                       std::span<const std::uint64_t> before) {
  assert(before.size() == excluded.size() + 1 && before.back() < masses.total());
  const auto add = [&](std::uint64_t mass_before, std::uint64_t excluded_mass) {
    const std::uint64_t end = mass_before - excluded_mass;
    if (end > (gaps_.empty() ? 0 : gaps_.back().end)) {
      gaps_.push_back({.end = end, .excluded = excluded_mass});
    }
  };
  for (std::size_t i = 0; i < excluded.size(); i++) {
    add(masses.before(excluded[i]), before[i]);
  }
  add(masses.total(), before.back());
  gaps_.shrink_to_fit();
  std::size_t n = 2;
  while (n < gaps_.size()) {
    n *= 2;
    shift_--;
  }
  firsts_.resize(n + 1);
  std::uint32_t gap = 0;
  for (std::size_t i = 0; i < n; i++) {
    const std::uint64_t wanted =
        multiply_high(std::uint64_t{i} << shift_, gaps_.back().end);
    while (gaps_[gap].end <= wanted) gap++;
    firsts_[i] = gap;
  }
  firsts_[n] = static_cast<std::uint32_t>(gaps_.size() - 1);
}

// Each step asks for the memory of the next one, for all draws, so that what the caches
// do not hold of it comes all at once.
void Complement::draw(const Masses& masses, std::span<std::uint64_t> bits,
                      WordId* words) const {
  for (const std::uint64_t b : bits) __builtin_prefetch(&firsts_[b >> shift_]);
  for (const std::uint64_t b : bits) __builtin_prefetch(&gaps_[firsts_[b >> shift_]]);
  for (std::uint64_t& b : bits) {
    const std::uint64_t wanted = multiply_high(b, gaps_.back().end);
    b = wanted + gap(b >> shift_, wanted).excluded;
  }
  masses.find(bits, words);
}

// The gap with `wanted`, whose draw has the upper bits `i`.
const Complement::Gap& Complement::gap(std::size_t i, std::uint64_t wanted) const {
  // A step without a branch, which would be mispredicted; few draws need a second one.
  std::size_t low = firsts_[i];
  low += gaps_[low].end <= wanted ? 1 : 0;
  low += gaps_[low].end <= wanted ? 1 : 0;
  if (gaps_[low].end > wanted) return gaps_[low];
  const auto ends_later = [](std::uint64_t mass, const Gap& g) { return mass < g.end; };
  const auto begin = gaps_.begin() + static_cast<std::ptrdiff_t>(low);
  const auto end = gaps_.begin() + firsts_[i + 1];
  return *std::upper_bound(begin, end, wanted, ends_later);
}

}  // namespace sgns
