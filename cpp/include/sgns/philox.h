// Philox4x32-10 (Salmon et al., 2011): 128 random bits as a pure function of a 64-bit
// key and a 128-bit counter. A draw of sgns.sampling is a function of (seed; row, draw,
// attempt, step) through it, so that neither threads nor the cut into batches can
// change what is drawn.
//
// Thread safety: pure functions.
#ifndef SGNS_PHILOX_H_
#define SGNS_PHILOX_H_

// Included by files with flags for one instruction set, see kernel_table.h.
#include <stddef.h>
#include <stdint.h>

namespace sgns {

// Number of the map from (seed; row, draw, attempt, step) to bits and from bits to ids.
// Raised by every change of either; the golden arrays of the tests hold it.
inline constexpr int kStreamVersion = 1;

// A counter, and the 128 bits that it becomes: words 0 and 1 (from the low end), 2
// and 3.
struct PhiloxBlock {
  uint64_t low, high;
};

inline constexpr uint64_t kPhiloxMultiplier0 = 0xD2511F53u;
inline constexpr uint64_t kPhiloxMultiplier1 = 0xCD9E8D57u;
inline constexpr uint64_t kPhiloxWeyl0 = 0x9E3779B9u;  // 2^32 over the golden ratio
inline constexpr uint64_t kPhiloxWeyl1 = 0xBB67AE85u;  // 2^32 (sqrt(3) - 1)
inline constexpr int kPhiloxRounds = 10;

[[nodiscard]] static constexpr PhiloxBlock philox(uint64_t key, PhiloxBlock counter) {
  constexpr uint64_t kWord = 0xFFFFFFFFu;
  uint64_t x0 = counter.low & kWord, x1 = counter.low >> 32;
  uint64_t x2 = counter.high & kWord, x3 = counter.high >> 32;
  uint64_t k0 = key & kWord, k1 = key >> 32;
  for (int round = 0; round < kPhiloxRounds; round++) {
    const uint64_t p0 = kPhiloxMultiplier0 * x0, p1 = kPhiloxMultiplier1 * x2;
    x0 = (p1 >> 32) ^ x1 ^ k0;
    x2 = (p0 >> 32) ^ x3 ^ k1;
    x1 = p1 & kWord;
    x3 = p0 & kWord;
    k0 = (k0 + kPhiloxWeyl0) & kWord;
    k1 = (k1 + kPhiloxWeyl1) & kWord;
  }
  return {x0 | x1 << 32, x2 | x3 << 32};
}

// What a draw is for; the counters of different purposes never meet.
enum class Purpose : uint64_t {
  kSample = 0,    // Distribution.sample: row 0, draw = place in the array
  kNegative = 1,  // NegativeSampler.sample
  kShared = 2,    // NegativeSampler.sample_shared: row 0
  kArrivals = 3,  // the same without replacement: row 0, pair = arrival
  kRest = 4,      // its end: row 0, pair = id
};

inline constexpr uint64_t kMaxRow = (uint64_t{1} << 48) - 1;
inline constexpr uint64_t kMaxDraw = (uint64_t{1} << 33) - 1;
inline constexpr uint64_t kMaxStep = (uint64_t{1} << 32) - 1;

// The counter of draws 2 * pair and 2 * pair + 1 of a row: its block holds their bits,
// in `low` and in `high`.
// REQUIRES: row <= kMaxRow, 2 * pair <= kMaxDraw, attempt < 256, step <= kMaxStep.
[[nodiscard]] static constexpr PhiloxBlock draw_counter(uint64_t row, uint64_t pair,
                                                        uint64_t attempt, uint64_t step,
                                                        Purpose purpose) {
  const uint64_t kind = attempt << 16 | static_cast<uint64_t>(purpose) << 24;
  return {pair | row << 32, row >> 32 | kind | step << 32};
}

// Functions over n counters, n a multiple of kPhiloxLanes, which they replace.
struct Philox {
  // By their blocks: words 0 and 1 in `low`, 2 and 3 in `high`.
  void (*fill)(uint64_t key, size_t n, uint64_t* low, uint64_t* high);
  // By place_of(word pair, n_slots) of both halves of their blocks.
  void (*places)(uint64_t key, uint64_t n_slots, size_t n, uint64_t* low,
                 uint64_t* high);
};

// Where 64 random bits point to in a table of n_slots < 2^32: slot in the upper half of
// the result, coin in the lower: the high 64 of the 96 bits of bits * n_slots.
[[nodiscard]] static constexpr uint64_t place_of(uint64_t bits, uint64_t n_slots) {
  return (bits >> 32) * n_slots + (((bits & 0xFFFFFFFFu) * n_slots) >> 32);
}

// Counters that every instruction set can take at once.
inline constexpr size_t kPhiloxLanes = 8;

// The functions of the kernel table of that name (see kernels.h).
[[nodiscard]] Philox philox_functions(const char* kernel);

}  // namespace sgns

#endif  // SGNS_PHILOX_H_
