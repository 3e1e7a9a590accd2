// What to train and how: plain values, checked by check().
//
// Thread safety: plain values.
#ifndef SGNS_CONFIG_H_
#define SGNS_CONFIG_H_

#include <cstdint>

namespace sgns {

// Which rows are the input of a tile.
enum class Architecture {
  kSkipGram,  // each context word of a centre
  kCbow,      // the mean of the context words
};

// Which rows they are scored against.
enum class Loss {
  kNegativeSampling,     // "ns": the centre and noise words
  kHierarchicalSoftmax,  // "hs": the inner nodes on the centre's path
  kBoth,                 // "ns+hs"
};

// Who shares the noise words of a centre.
enum class NegativeSharing {
  kWindow,  // all context words of the centre: one tile
  kPair,    // nobody: fresh noise words for every pair, as in word2vec.c
};

// With which probability a word at distance d from a centre is a context word.
enum class WindowWeighting {
  kShrink,    // (window - d + 1) / window: a radius drawn uniformly, as in word2vec.c
  kFixed,     // 1
  kHarmonic,  // 1 / d
};

struct TrainConfig {
  Architecture architecture = Architecture::kSkipGram;
  Loss loss = Loss::kNegativeSampling;
  NegativeSharing negative_sharing = NegativeSharing::kWindow;
  std::int64_t vector_size = 100;  // columns, 1 to 100,000
  std::int64_t window = 5;         // words on each side, 1 to 10,000
  std::int64_t negative = 5;       // noise words, 0 to 1,000
  double ns_exponent = 0.75;       // of the counts in the noise distribution
  double sample = 1e-3;            // subsampling threshold, 0 to 1, 0 = off
  double alpha = 0.025;            // learning rate at the start, > 0
  double min_alpha = 1e-4;         // learning rate at the end, 0 to alpha
  std::int64_t epochs = 5;         // 1 to 100,000
  std::uint64_t seed = 1;
  std::int64_t workers = 1;  // threads, 1 to 1,024

  [[nodiscard]] bool has_noise() const { return loss != Loss::kHierarchicalSoftmax; }
  [[nodiscard]] bool has_nodes() const { return loss != Loss::kNegativeSampling; }
};

// std::invalid_argument for a value out of range.
void check(const TrainConfig& config);

}  // namespace sgns

#endif  // SGNS_CONFIG_H_
