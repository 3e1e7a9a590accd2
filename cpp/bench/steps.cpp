#include "steps.h"

#include <algorithm>

#include "peak.h"

namespace sgns::bench {
namespace {

constexpr float kRate = 0.025f;
constexpr std::size_t kFetchDistance = 2;  // centres, as in training
constexpr int kWindowsAtOnce = 1024;       // between two looks at the clock

std::size_t scratch_floats(const Windows& windows) {
  return padded(scratch_size(2 * windows.reach(), windows.targets(0).size()));
}

std::size_t label_floats(const Windows& windows) {
  return padded(error_stride(windows.targets(0).size()));
}

}  // namespace

Steps::Steps(Part part, Shape shape, const Kernels& kernels, const Windows& windows,
             Rows& rows)
    : part_(part),
      shape_(shape),
      kernels_(kernels),
      windows_(windows),
      rows_(rows),
      dim_(rows.dim()),
      stride_(rows.stride()),
      inputs_(2 * windows.reach()),
      targets_(windows.targets(0).size()),
      memory_(1, label_floats(windows) + scratch_floats(windows) + 2 * stride_),
      labels_(memory_.data()),
      scratch_(labels_ + label_floats(windows)),
      hidden_(scratch_ + scratch_floats(windows)),
      grad_(hidden_ + stride_) {
  labels_[0] = 1;
}

Sample Steps::run(double seconds) {
  Sample sample;
  const double start = thread_seconds();
  while (sample.seconds < seconds) {
    for (int i = 0; i < kWindowsAtOnce; i++) {
      sample.fmas += step();
      next_ = next_ + 1 < windows_.size() ? next_ + 1 : 0;
    }
    sample.centres += kWindowsAtOnce;
    sample.seconds = thread_seconds() - start;
  }
  return sample;
}

double Steps::step() {
  find_next_rows(next_ + kFetchDistance);
  const Windows::Window& window = windows_[next_];
  std::size_t n = 0;
  for (std::size_t i = window.begin; i < window.end; i++) {
    if (i != window.centre) inputs_[n++] = rows_.input(windows_.words()[i]);
  }
  std::size_t m = 0;
  for (const std::int32_t word : windows_.targets(next_)) {
    targets_[m++] = rows_.target(word);
  }
  if (shape_ == Shape::kCbow) {
    cbow(n, window.distinct);
    return static_cast<double>((3 * m + 2 * n) * dim_);
  }
  tile(inputs_.data(), n, window.distinct);
  const std::size_t passes = part_ == Part::kErrors   ? 1
                             : part_ == Part::kUpdate ? 2
                                                      : 3;
  return static_cast<double>(passes * n * m * dim_);
}

void Steps::find_next_rows(std::size_t w) {
  fetched_.clear();
  if (w >= windows_.size()) return;
  // All other context words were fetched for the centres before.
  const std::size_t newest = windows_[w].centre + windows_.reach();
  fetched_.push_back(rows_.input(windows_.words()[newest]));
  for (const std::int32_t word : windows_.targets(w)) {
    fetched_.push_back(rows_.target(word));
  }
}

void Steps::cbow(std::size_t n_contexts, bool distinct) {
  kernels_.mean(inputs_.data(), n_contexts, dim_, hidden_);
  std::copy(hidden_, hidden_ + stride_, grad_);
  tile(&hidden_, 1, distinct);
  for (std::size_t d = 0; d < stride_; d++) grad_[d] = hidden_[d] - grad_[d];
  kernels_.add(grad_, inputs_.data(), n_contexts, dim_);
}

void Steps::tile(float* const* inputs, std::size_t n_inputs, bool distinct) {
  const Tile tile{.inputs = inputs,
                  .n_inputs = n_inputs,
                  .targets = targets_.data(),
                  .n_targets = targets_.size(),
                  .labels = labels_,
                  .dim = dim_,
                  .lr = kRate,
                  .distinct = distinct,
                  .next = fetched_.data(),
                  .n_next = fetched_.size()};
  const std::size_t n_errors = error_size(n_inputs, targets_.size());
  if (part_ == Part::kErrors) {
    kernels_.errors(tile, scratch_, nullptr);
  } else if (part_ == Part::kUpdate) {
    // So small that no row grows, however often it is met. Folding uses them up.
    if (!distinct || n_errors > filled_) {
      std::fill(scratch_, scratch_ + n_errors, 1e-9f);
    }
    filled_ = n_errors;
    kernels_.update(tile, scratch_, scratch_ + n_errors);
  } else {
    kernels_.tile(tile, scratch_, nullptr);
  }
}

}  // namespace sgns::bench
