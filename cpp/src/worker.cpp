#include "worker.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "sgns/random.h"

namespace sgns {
namespace {

// Centres from the fetch of rows to their use.
constexpr std::size_t kFetchDistance = 2;

// -log sigmoid(s), finite for every finite s.
double logistic_loss(double s) {
  return std::max(-s, 0.0) + std::log1p(std::exp(-std::abs(s)));
}

}  // namespace

Worker::Worker(SharedState& shared)
    : shared_(shared),
      trainer_(shared.trainer),
      kernels_(shared.kernels),
      input_(trainer_.input(), shared.hot.n_rows),
      output_(trainer_.output(), shared.hot.n_rows),
      until_merge_(shared.hot.interval) {
  const TrainConfig& config = trainer_.config();
  const std::size_t epoch = shared.epoch;
  plan_ = {.keep = trainer_.keep(),
           .noise = trainer_.noise(),
           .negative = static_cast<std::size_t>(config.negative),
           .window = static_cast<std::size_t>(config.window),
           .loss_interval = trainer_.loss_interval(),
           .token_key = stream_key(config.seed, epoch, Stream::kTokens),
           .noise_key = stream_key(config.seed, epoch, Stream::kNoise)};
  pairs_ = config.architecture == Architecture::kSkipGram &&
           config.negative_sharing == NegativeSharing::kPair;
  if (pairs_) {
    pair_noise_.resize(config.has_noise() ? plan_.negative : 0);
    plan_.noise = nullptr;  // drawn pair by pair
  }
  const std::size_t most_inputs =
      config.architecture == Architecture::kCbow || pairs_ ? 1 : 2 * plan_.window;
  const std::size_t most_targets =
      (config.has_nodes() ? trainer_.tree()->max_length() : 0) +
      (config.has_noise() ? 1 + plan_.negative : 0);
  inputs_.resize(2 * plan_.window);
  targets_.resize(most_targets);

  const std::size_t stride = padded(static_cast<std::size_t>(config.vector_size));
  const std::size_t scratch = padded(scratch_size(most_inputs, most_targets));
  const std::size_t scores = error_size(most_inputs, most_targets);
  const std::size_t labels = padded(error_stride(most_targets));
  memory_ = Matrix(1, labels + scratch + scores + 2 * stride);
  labels_ = memory_.data();
  scratch_ = labels_ + labels;
  scores_ = scratch_ + scratch;
  hidden_ = scores_ + scores;
  grad_ = hidden_ + stride;
}

EpochReport Worker::train_block(std::size_t begin, std::size_t end) {
  report_ = {};
  draws_.fill(trainer_.corpus(), plan_, begin, end);
  const std::size_t n = draws_.centres().size();
  for (std::size_t c = 0; c < n; c++) {
    if (shared_.stop.load(std::memory_order_relaxed)) return std::exchange(report_, {});
    find_next_rows(c + kFetchDistance);
    train_centre(c);
    if (--until_merge_ == 0) merge();
  }
  report_.words = end - begin;
  return std::exchange(report_, {});
}

void Worker::merge() {
  until_merge_ = shared_.hot.interval;
  if (shared_.hot.n_rows == 0) return;
  const std::lock_guard lock(shared_.merge_mutex);
  input_.merge();
  output_.merge();
}

// The rows that centre c needs and its predecessors do not; none behind the last.
void Worker::find_next_rows(std::size_t c) {
  next_.clear();
  if (c >= draws_.centres().size()) return;
  const Draws::Centre& centre = draws_.centres()[c];
  const auto word = static_cast<std::size_t>(draws_.words()[centre.index]);
  // The word that enters the widest window.
  const std::size_t last = draws_.words().size() - 1;
  const auto newest = static_cast<std::size_t>(
      draws_.words()[std::min(centre.index + plan_.window, last)]);
  next_.push_back(input_.row(newest));
  if (trainer_.noise()) {
    next_.push_back(output_.row(word));
    for (const WordId noise : draws_.noise(c)) {
      next_.push_back(output_.row(static_cast<std::size_t>(noise)));
    }
  }
  if (trainer_.tree()) {
    for (const std::int32_t node : trainer_.tree()->path(word).nodes) {
      next_.push_back(trainer_.nodes().row(static_cast<std::size_t>(node)));
    }
  }
}

void Worker::train_centre(std::size_t c) {
  const Draws::Centre& centre = draws_.centres()[c];
  const TrainConfig& config = trainer_.config();
  const float lr = trainer_.lr_at(shared_.epoch, centre.position);
  set_targets(draws_.words()[centre.index], draws_.noise(c));
  std::size_t n = 0;
  for (std::size_t i = centre.begin; i < centre.end; i++) {
    if (i == centre.index) continue;
    inputs_[n++] = input_.row(static_cast<std::size_t>(draws_.words()[i]));
  }
  report_.centres++;
  report_.pairs += n;
  if (config.architecture == Architecture::kCbow) {
    train_cbow(centre, lr);
  } else if (pairs_) {
    train_pairs(centre, lr);
  } else {
    train_skip_gram(centre, lr);
  }
}

void Worker::set_targets(WordId centre, std::span<const WordId> noise) {
  const auto word = static_cast<std::size_t>(centre);
  n_targets_ = 0;
  if (trainer_.tree()) {
    std::fill(labels_, scratch_, 0.0f);
    const HuffmanTree::Path path = trainer_.tree()->path(word);
    for (std::size_t i = 0; i < path.nodes.size(); i++) {
      labels_[n_targets_] = path.codes[i] ? 0.0f : 1.0f;
      targets_[n_targets_++] =
          trainer_.nodes().row(static_cast<std::size_t>(path.nodes[i]));
    }
  }
  if (trainer_.noise()) {
    labels_[n_targets_] = 1.0f;
    targets_[n_targets_++] = output_.row(word);
    append_noise(noise);
  }
}

void Worker::append_noise(std::span<const WordId> noise) {
  for (const WordId word : noise) {
    targets_[n_targets_++] = output_.row(static_cast<std::size_t>(word));
  }
}

void Worker::train_skip_gram(const Draws::Centre& centre, float lr) {
  run_tile(inputs_.data(), centre.n_context(), lr, centre.distinct, centre.measured);
}

void Worker::train_pairs(const Draws::Centre& centre, float lr) {
  const WordId word = draws_.words()[centre.index];
  const std::uint64_t window = plan_.window, negative = pair_noise_.size();
  const std::size_t n_fixed = n_targets_;
  std::size_t n = 0;
  for (std::uint64_t i = centre.begin; i < centre.end; i++) {
    if (i == centre.index) continue;
    // Offsets from -window to window are slots 0 to 2 * window.
    const std::uint64_t slot = i + window - centre.index;
    const std::uint64_t pair = centre.position * (2 * window + 1) + slot;
    for (std::uint64_t j = 0; j < negative; j++) {
      const std::uint64_t bits = draw(plan_.noise_key, pair * negative + j);
      pair_noise_[j] = trainer_.noise()->draw_excluding(bits, word);
    }
    n_targets_ = n_fixed;
    append_noise(pair_noise_);
    run_tile(&inputs_[n++], 1, lr, false, centre.measured);
  }
}

void Worker::train_cbow(const Draws::Centre& centre, float lr) {
  const std::size_t n = centre.n_context();
  const std::size_t dim = trainer_.input().dim(), stride = input_.stride();
  std::fill(hidden_, hidden_ + stride, 0.0f);
  kernels_.mean(inputs_.data(), n, dim, hidden_);
  std::copy(hidden_, hidden_ + stride, grad_);
  run_tile(&hidden_, 1, lr, centre.distinct, centre.measured);
  for (std::size_t d = 0; d < stride; d++) grad_[d] = hidden_[d] - grad_[d];
  kernels_.add(grad_, inputs_.data(), n, dim);
}

void Worker::run_tile(float* const* inputs, std::size_t n_inputs, float lr,
                      bool distinct, bool measured) {
  const Tile tile{.inputs = inputs,
                  .n_inputs = n_inputs,
                  .targets = targets_.data(),
                  .n_targets = n_targets_,
                  .labels = labels_,
                  .dim = trainer_.input().dim(),
                  .lr = lr,
                  .distinct = distinct,
                  .next = next_.data(),
                  .n_next = next_.size()};
  kernels_.tile(tile, scratch_, measured ? scores_ : nullptr);
  next_.clear();  // fetched
  if (measured) measure(tile);
}

void Worker::measure(const Tile& tile) {
  const std::size_t stride = error_stride(tile.n_targets);
  for (std::size_t i = 0; i < tile.n_inputs; i++) {
    for (std::size_t t = 0; t < tile.n_targets; t++) {
      const double score = scores_[i * stride + t];
      report_.loss += logistic_loss(tile.labels[t] != 0 ? score : -score);
    }
  }
  report_.measured += tile.n_inputs;
  report_.untrained_loss +=
      static_cast<double>(tile.n_inputs * tile.n_targets) * std::numbers::ln2;
}

}  // namespace sgns
