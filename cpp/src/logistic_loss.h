// The loss of labelled scores. Internal.
//
// Thread safety: a pure function, and a plain value.
#ifndef SGNS_LOGISTIC_LOSS_H_
#define SGNS_LOGISTIC_LOSS_H_

#include <algorithm>
#include <cmath>

namespace sgns {

// -log sigmoid(s), finite for every finite s.
[[nodiscard]] inline double logistic_loss(double s) {
  return std::max(-s, 0.0) + std::log1p(std::exp(-std::abs(s)));
}

// The sum of logistic_loss() over scores, with one logarithm: that of a product of
// factors between 1 and 2. REQUIRES: at most 1,000 scores.
class LogisticLossSum {
 public:
  void add(double s) {
    linear_ += std::max(-s, 0.0);
    product_ *= 1 + std::exp(-std::abs(s));
  }
  [[nodiscard]] double value() const { return linear_ + std::log(product_); }

 private:
  double linear_ = 0, product_ = 1;
};

}  // namespace sgns

#endif  // SGNS_LOGISTIC_LOSS_H_
