// What an epoch of training tells of itself.
//
// Thread safety: plain values.
#ifndef SGNS_EPOCH_REPORT_H_
#define SGNS_EPOCH_REPORT_H_

#include <cstdint>
#include <stdexcept>

namespace sgns {

// Sums over the work done; of the loss only over the centres that are measured.
struct EpochReport {
  std::uint64_t words = 0;     // tokens, before subsampling
  std::uint64_t centres = 0;   // centres trained
  std::uint64_t pairs = 0;     // (centre, context word) pairs trained
  std::uint64_t measured = 0;  // input rows in the loss sums
  double loss = 0;             // sum of their losses
  double positive_loss = 0;    // the part without the noise words
  double untrained_loss = 0;   // the same sum if all scores were zero
  // Measured scores of targets with label 1 and 0, and those with the right sign.
  std::uint64_t positives = 0, positives_right = 0;
  std::uint64_t negatives = 0, negatives_right = 0;
  double seconds = 0;  // wall time

  // NaN before anything was measured.
  [[nodiscard]] double mean_loss() const {
    return loss / static_cast<double>(measured);
  }
  [[nodiscard]] double mean_untrained_loss() const {
    return untrained_loss / static_cast<double>(measured);
  }
  EpochReport& operator+=(const EpochReport& other);
};

// The learning rate was too large: losses are not finite, or far above the start.
class Diverged : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

}  // namespace sgns

#endif  // SGNS_EPOCH_REPORT_H_
