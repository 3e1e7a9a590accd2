#include "loss_step.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "hot_rows.h"
#include "logistic_loss.h"
#include "round_rows.h"

namespace sgns {
namespace {

enum TargetRow : std::size_t { kLabels, kWeights, kOffsets, kStarts, kTargetRows };
enum InputRow : std::size_t { kMost, kSum, kCentre, kInputRows };

std::size_t n_copies(const TrainConfig& config, std::size_t most_inputs) {
  return config.loss == Loss::kSoftmax ? 3 * most_inputs : 0;
}

}  // namespace

template <class View>
LossStep<View>::LossStep(Trainer& trainer, const Kernels& kernels, View& output,
                         View& biases, std::size_t most_inputs,
                         std::size_t most_targets)
    : kernels_(kernels),
      word_offsets_(trainer.offsets()),
      output_(output),
      biases_(biases),
      tree_(trainer.tree()),
      n_words_(trainer.keep().size()),
      loss_(trainer.config().loss),
      positive_weight_(static_cast<float>(trainer.config().positive_weight)),
      has_offsets_(trainer.config().has_offsets()),
      has_biases_(trainer.config().output_bias),
      words_(most_targets),
      inputs_(most_inputs),
      targets_(most_targets),
      of_targets_(kTargetRows, error_stride(most_targets)),
      of_inputs_(kInputRows, most_inputs + 1),
      copies_(n_copies(trainer.config(), most_inputs), trainer.input().dim()),
      memory_(1, padded(error_size(most_inputs, most_targets)) +
                     padded(scratch_size(most_inputs, most_targets))),
      scores_(memory_.data()),
      error_(scores_ + padded(error_size(most_inputs, most_targets))),
      scratch_(error_) {}

template <class View>
void LossStep<View>::set_target(std::size_t t, std::size_t word, float label) {
  words_[t] = word;
  float offset = has_offsets_ ? word_offsets_.corrections()[word] : 0;
  if (has_biases_) offset += bias(word).load(std::memory_order_relaxed);
  of_targets_.row(kOffsets)[t] = offset;
  of_targets_.row(kLabels)[t] = label;
  of_targets_.row(kWeights)[t] = label != 0 ? positive_weight_ : 1.0f;
}

template <class View>
void LossStep<View>::set_words(WordId centre, std::span<const WordId> noise) {
  centre_ = static_cast<std::size_t>(centre);
  first_ = tree_ ? tree_->path(centre_).nodes.size() : 0;
  set_target(first_, centre_, 1);
  for (std::size_t j = 0; j < noise.size(); j++) set_noise(first_ + 1 + j, noise[j]);
}

template <class View>
ScoreRows LossStep<View>::rows_of(const Tile& tile) {
  float* const offsets = of_targets_.row(kOffsets);
  const std::size_t stride = error_stride(tile.n_targets);
  std::fill(offsets + tile.n_targets, offsets + stride, kNoTarget);
  scratch_ = error_ + error_size(tile.n_inputs, tile.n_targets);
  return {.n_inputs = tile.n_inputs,
          .n_targets = tile.n_targets,
          .labels = of_targets_.row(kLabels),
          .scores = scores_,
          .lr = tile.lr,
          .weights = of_targets_.row(kWeights),
          .offsets = offsets,
          .error = error_,
          .most = of_inputs_.row(kMost),
          .sum = of_inputs_.row(kSum)};
}

template <class View>
void LossStep<View>::run(const Tile& tile, bool measured, EpochReport* report) {
  if (loss_ == Loss::kSoftmax) return run_softmax(tile, measured, report);
  std::copy_n(tile.labels, first_, of_targets_.row(kLabels));  // of the nodes
  std::fill_n(of_targets_.row(kWeights), first_, 1.0f);
  std::fill_n(of_targets_.row(kOffsets), first_, 0.0f);
  kernels_.scores(tile, scores_);
  const ScoreRows rows = rows_of(tile);
  if (loss_ == Loss::kSampledSoftmax) {
    std::fill_n(rows.sum, tile.n_inputs, 0.0f);
    kernels_.add_to_sums(rows);
    kernels_.softmax(rows);
  } else {
    kernels_.logistic(rows);
  }
  if (measured) measure(rows, report);
  update(tile);
}

template <class View>
void LossStep<View>::update(const Tile& tile) {
  const std::size_t stride = error_stride(tile.n_targets);
  for (std::size_t t = first_; has_biases_ && t < tile.n_targets; t++) {
    float change = 0;
    for (std::size_t i = 0; i < tile.n_inputs; i++) change += error_[i * stride + t];
    // Changes of other threads in between may be lost, as those of rows (train.h).
    const std::atomic_ref<float> bias_of_target = bias(words_[t]);
    change += bias_of_target.load(std::memory_order_relaxed);
    bias_of_target.store(change, std::memory_order_relaxed);
  }
  kernels_.update(tile, error_, scratch_);
}

template <class View>
void LossStep<View>::measure(const ScoreRows& rows, EpochReport* report) {
  float* const start = of_targets_.row(kStarts);
  std::fill_n(start, first_, 0.0f);
  double sum_of_start = 0;
  for (std::size_t t = first_; t < rows.n_targets; t++) {
    start[t] = has_offsets_ ? word_offsets_.start()[words_[t]] : 0;
    sum_of_start += std::exp(static_cast<double>(start[t]) - start[first_]);
  }
  if (loss_ != Loss::kSampledSoftmax) {
    return add_logistic_loss(rows, first_ + 1, start, report);
  }
  for (std::size_t i = 0; i < rows.n_inputs; i++) {
    of_inputs_.row(kCentre)[i] =
        rows.scores[i * error_stride(rows.n_targets)] + rows.offsets[0];
  }
  add_softmax_loss(rows.n_inputs, std::log(sum_of_start), report);
}

template <class View>
void LossStep<View>::add_softmax_loss(std::size_t n_inputs, double untrained,
                                      EpochReport* report) {
  for (std::size_t i = 0; i < n_inputs; i++) {
    const double log_sum = std::log(static_cast<double>(of_inputs_.row(kSum)[i]));
    const double loss = log_sum + of_inputs_.row(kMost)[i] - of_inputs_.row(kCentre)[i];
    report->loss += loss;
    report->positive_loss += loss;
    // The centre against all others together: one is right when the other is.
    report->positives_right += loss < std::numbers::ln2 ? 1 : 0;
    report->negatives_right += loss < std::numbers::ln2 ? 1 : 0;
  }
  report->positives += n_inputs;
  report->negatives += n_inputs;
  report->measured += n_inputs;
  report->untrained_loss += static_cast<double>(n_inputs) * untrained;
}

// Scores are not kept, as they are many: the first pass over the words takes their
// sums, the second one scores them again. The inputs are copies, so that every block
// sees the old values, and an input that occurs twice is two rows.
template <class View>
void LossStep<View>::run_softmax(const Tile& step, bool measured, EpochReport* report) {
  const std::size_t n = step.n_inputs, stride = copies_.stride();
  float* const old = copies_.row(0);
  float* const work = copies_.row(n);
  float* const change = copies_.row(2 * n);
  for (std::size_t i = 0; i < n; i++) {
    kernels_.mean(&step.inputs[i], 1, step.dim, old + i * stride);  // a copy
    inputs_[i] = work + i * stride;
  }
  std::copy_n(old, n * stride, work);
  std::fill_n(change, n * stride, 0.0f);
  std::fill_n(of_inputs_.row(kSum), n, 0.0f);
  first_ = 0;
  for (std::size_t first = 0; first < n_words_; first += kSoftmaxBlock) {
    const Tile tile = score_block(step, first);
    const ScoreRows rows = rows_of(tile);
    kernels_.add_to_sums(rows);
    const std::size_t t = centre_ - first;
    for (std::size_t i = 0; t < tile.n_targets && i < n; i++) {
      of_inputs_.row(kCentre)[i] =
          scores_[i * error_stride(tile.n_targets) + t] + rows.offsets[t];
    }
  }
  if (measured) {
    const double start = word_offsets_.start()[centre_];
    add_softmax_loss(n, word_offsets_.log_sum_of_start() - start, report);
  }
  for (std::size_t first = 0; first < n_words_; first += kSoftmaxBlock) {
    const Tile tile = score_block(step, first);
    kernels_.softmax(rows_of(tile));
    update(tile);
    for (std::size_t d = 0; d < n * stride; d++) {
      change[d] += work[d] - old[d];
      work[d] = old[d];
    }
  }
  for (std::size_t i = 0; i < n; i++) {
    kernels_.add(change + i * stride, &step.inputs[i], 1, step.dim);
  }
}

// The words from `first` on as targets, and their scores.
template <class View>
Tile LossStep<View>::score_block(const Tile& step, std::size_t first) {
  const std::size_t n = std::min(kSoftmaxBlock, n_words_ - first);
  for (std::size_t t = 0; t < n; t++) {
    set_target(t, first + t, first + t == centre_ ? 1.0f : 0.0f);
    targets_[t] = output_.row(first + t);
  }
  const Tile tile{.inputs = inputs_.data(),
                  .n_inputs = step.n_inputs,
                  .targets = targets_.data(),
                  .n_targets = n,
                  .labels = of_targets_.row(kLabels),
                  .dim = step.dim,
                  .lr = step.lr,
                  .distinct = true};
  kernels_.scores(tile, scores_);
  return tile;
}

void add_logistic_loss(const ScoreRows& rows, std::size_t n_positive,
                       const float* start, EpochReport* report) {
  const std::size_t stride = error_stride(rows.n_targets);
  for (std::size_t t = 0; t < rows.n_targets; t++) {
    const double sign = rows.labels[t] != 0 ? 1 : -1;
    const double weight = rows.weights ? rows.weights[t] : 1;
    const double offset = rows.offsets ? rows.offsets[t] : 0;
    LogisticLossSum sum;
    std::uint64_t right = 0;
    for (std::size_t i = 0; i < rows.n_inputs; i++) {
      const double z = sign * (rows.scores[i * stride + t] + offset);
      sum.add(z);
      right += z > 0 ? 1 : 0;
    }
    const double loss = weight * sum.value();
    const double untrained = start ? logistic_loss(sign * start[t]) : std::numbers::ln2;
    (sign > 0 ? report->positives : report->negatives) += rows.n_inputs;
    (sign > 0 ? report->positives_right : report->negatives_right) += right;
    report->loss += loss;
    report->positive_loss += t < n_positive ? loss : 0;
    report->untrained_loss += static_cast<double>(rows.n_inputs) * weight * untrained;
  }
  report->measured += rows.n_inputs;
}

template class LossStep<HotRows>;
template class LossStep<RoundRows>;

}  // namespace sgns
