// The loss of one labelled score. Internal.
//
// Thread safety: a pure function.
#ifndef SGNS_LOGISTIC_LOSS_H_
#define SGNS_LOGISTIC_LOSS_H_

#include <algorithm>
#include <cmath>

namespace sgns {

// -log sigmoid(s), finite for every finite s.
[[nodiscard]] inline double logistic_loss(double s) {
  return std::max(-s, 0.0) + std::log1p(std::exp(-std::abs(s)));
}

}  // namespace sgns

#endif  // SGNS_LOGISTIC_LOSS_H_
