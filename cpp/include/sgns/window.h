// How far the window of a centre reaches.
//
// Thread safety: a pure function.
#ifndef SGNS_WINDOW_H_
#define SGNS_WINDOW_H_

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <limits>

#include "sgns/config.h"

namespace sgns {

// The window of a whole sentence.
inline constexpr std::int64_t kWholeSentence = 0;

// Radius of the window of a centre, from the draw of its token (Stream::kTokens): its
// lower 32 bits; the upper ones decide whether the token is kept.
// REQUIRES: window >= 1 or kWholeSentence; the latter not with kShrink.
[[nodiscard]] inline std::uint64_t window_radius(WindowWeighting weighting,
                                                 std::int64_t window,
                                                 std::uint64_t bits) {
  constexpr std::uint64_t kTwo32 = std::uint64_t{1} << 32;
  assert(window >= 1 ||
         (window == kWholeSentence && weighting != WindowWeighting::kShrink));
  const auto widest = window == kWholeSentence
                          ? std::numeric_limits<std::uint64_t>::max()
                          : static_cast<std::uint64_t>(window);
  const std::uint64_t coin = bits & (kTwo32 - 1);
  switch (weighting) {
    case WindowWeighting::kFixed:
      return widest;
    case WindowWeighting::kShrink:
      return 1 + ((coin * widest) >> 32);
    case WindowWeighting::kHarmonic:
      break;
  }
  // At least d when u = (coin + 1) / 2^32 is at most 1 / d.
  return std::min(widest, kTwo32 / (coin + 1));
}

}  // namespace sgns

#endif  // SGNS_WINDOW_H_
