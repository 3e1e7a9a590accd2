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
  kCbow,      // the mean or the sum of the context words
};

// What CBOW makes of the context rows.
enum class CbowInput { kMean, kSum };

// What each context row of CBOW gets of the change of the input. With n of them:
enum class CbowGradient {
  kOriginal,  // so much that the input changes by it: all for a mean, 1/n for a sum
  kExact,     // the derivative of the loss: 1/n for a mean, all for a sum
};

// Which rows they are scored against.
enum class Loss {
  kNegativeSampling,     // "ns": the centre and noise words
  kHierarchicalSoftmax,  // "hs": the inner nodes on the centre's path
  kBoth,                 // "ns+hs"
  kNce,                  // "nce": as "ns", with the offset -log(negative * q)
  kSampledSoftmax,       // "sampled_softmax": the centre among noise words
  kSoftmax,              // "softmax": the centre among all words
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

// Which words may not be noise words of a centre.
enum class Exclude {
  kNone,
  kTarget,    // the centre
  kWindow,    // the centre and its context words
  kSentence,  // all words of its sentence, before subsampling
};

inline constexpr std::int64_t kMostWindow = 10'000;

struct TrainConfig {
  Architecture architecture = Architecture::kSkipGram;
  CbowInput cbow_input = CbowInput::kMean;
  CbowGradient cbow_gradient = CbowGradient::kOriginal;
  Loss loss = Loss::kNegativeSampling;
  NegativeSharing negative_sharing = NegativeSharing::kWindow;
  std::int64_t vector_size = 100;  // columns, 1 to 100,000
  std::int64_t window = 5;  // words on each side, 1 to 10,000; 0: the whole sentence
  WindowWeighting window_weighting = WindowWeighting::kShrink;
  std::int64_t negative = 5;  // noise words, 0 to 1,000
  Exclude exclude = Exclude::kTarget;
  double positive_weight = 1;  // of the centre's part of the loss, > 0
  bool output_bias = false;    // a number for each word, added to its scores
  double ns_exponent = 0.75;   // of the counts in the noise distribution
  double sample = 1e-3;        // subsampling threshold, 0 to 1, 0 = off
  double alpha = 0.025;        // learning rate at the start, > 0
  double min_alpha = 1e-4;     // learning rate at the end, 0 to alpha
  std::int64_t epochs = 5;     // 1 to 100,000
  std::uint64_t seed = 1;
  std::int64_t workers = 1;    // threads, 1 to 1,024
  bool deterministic = false;  // the same bits for any number of threads

  [[nodiscard]] bool has_output() const { return loss != Loss::kHierarchicalSoftmax; }
  [[nodiscard]] bool has_noise() const {
    return has_output() && loss != Loss::kSoftmax;
  }
  [[nodiscard]] bool has_nodes() const {
    return loss == Loss::kHierarchicalSoftmax || loss == Loss::kBoth;
  }
  // Whether each score has an offset: log q of the noise words, or a bias.
  [[nodiscard]] bool has_offsets() const {
    return loss == Loss::kNce || loss == Loss::kSampledSoftmax ||
           loss == Loss::kSoftmax;
  }
};

// std::invalid_argument for a value out of range.
void check(const TrainConfig& config);

}  // namespace sgns

#endif  // SGNS_CONFIG_H_
