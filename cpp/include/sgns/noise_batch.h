// Noise words of many centres, drawn at once by a kernel (kernel_table.h).
//
// Thread safety: plain values.
#ifndef SGNS_NOISE_BATCH_H_
#define SGNS_NOISE_BATCH_H_

// Included by files with flags for one instruction set, see kernel_table.h.
#include <stddef.h>
#include <stdint.h>

namespace sgns {

// A slot of an alias table (distribution.h): its own word below the threshold, its
// alias from the threshold on.
struct AliasSlot {
  uint32_t threshold;  // of the coin, in units of 2^-32
  int32_t alias;
};

// Centres whose noise words are drawn together.
inline constexpr size_t kNoiseBatch = 64;
// Instruction sets may take so many of them at once.
inline constexpr size_t kNoiseLanes = 8;
// Up to so many noise words of a centre are compared with one another.
inline constexpr size_t kMostCompared = 32;

// Noise words to be drawn from a stream (random.h). The arrays of centres have room for
// a multiple of kNoiseLanes; words behind the last centre are drawn for nothing.
struct NoiseBatch {
  const AliasSlot* slots;
  uint64_t n_slots;           // < 2^32
  uint64_t key;               // of the stream
  size_t negative;            // noise words of a centre
  size_t n;                   // centres, <= kNoiseBatch
  const uint64_t* positions;  // of the centres in the corpus
  const uint64_t* centres;    // their words
  int32_t* noise;             // `negative` words for each centre
};

}  // namespace sgns

#endif  // SGNS_NOISE_BATCH_H_
