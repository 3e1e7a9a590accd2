// Random streams without state: every draw is a hash of (seed, epoch, stream, counter),
// so that neither threads nor blocks change what is drawn.
//
// Thread safety: pure functions.
#ifndef SGNS_RANDOM_H_
#define SGNS_RANDOM_H_

// Included by files with flags for one instruction set, see kernel_table.h.
#include <stdint.h>

namespace sgns {

// Weyl increment of splitmix64: 2^64 divided by the golden ratio.
inline constexpr uint64_t kGolden = 0x9E3779B97F4A7C15u;

// What a draw is for; each stream has its own key.
enum class Stream : uint64_t {
  kTokens = 0,  // keep this token, radius of its window
  kNoise = 1,   // noise words of a centre
  kInit = 2,    // initial input rows
};

// Finaliser of splitmix64 (Steele, Lea and Flood, 2014): a bijection on 64 bits.
inline constexpr uint64_t kMixFactor1 = 0xBF58476D1CE4E5B9u;
inline constexpr uint64_t kMixFactor2 = 0x94D049BB133111EBu;

[[nodiscard]] static constexpr uint64_t mix64(uint64_t z) {
  z = (z ^ (z >> 30)) * kMixFactor1;
  z = (z ^ (z >> 27)) * kMixFactor2;
  return z ^ (z >> 31);
}

// Key of one stream in one epoch (counted from 0).
[[nodiscard]] static constexpr uint64_t stream_key(uint64_t seed, uint64_t epoch,
                                                   Stream stream) {
  return mix64(mix64(mix64(seed + kGolden) ^ epoch) +
               static_cast<uint64_t>(stream) * kGolden);
}

// The 64 random bits number `counter` of a stream: the sequence of splitmix64.
[[nodiscard]] static constexpr uint64_t draw(uint64_t key, uint64_t counter) {
  return mix64(key + (counter + 1) * kGolden);
}

// High 64 bits of the product of `a` and `b`: maps random bits `a` to 0..b-1.
[[nodiscard]] static constexpr uint64_t multiply_high(uint64_t a, uint64_t b) {
  const uint64_t a_low = a & 0xFFFFFFFFu, a_high = a >> 32;
  const uint64_t b_low = b & 0xFFFFFFFFu, b_high = b >> 32;
  const uint64_t middle = a_high * b_low + ((a_low * b_low) >> 32);
  const uint64_t carry = a_low * b_high + (middle & 0xFFFFFFFFu);
  return a_high * b_high + (middle >> 32) + (carry >> 32);
}

}  // namespace sgns

#endif  // SGNS_RANDOM_H_
