#include "worker.h"

#include <algorithm>
#include <utility>

#include "round_rows.h"
#include "sgns/random.h"

namespace sgns {
namespace {

// Most context words in a tile: the changes of a target by all of them add up, and 100
// of them overshoot at the usual rates.
constexpr std::size_t kMostInputs = 32;

// One for each context word, so that a tile never meets the copy of another.
std::size_t n_copies(Trainer& trainer) {
  if (trainer.frozen().empty()) return 0;
  return 2 * static_cast<std::size_t>(trainer.config().window);
}

}  // namespace

template <class View>
Worker<View>::Worker(SharedState& shared)
    : shared_(shared),
      trainer_(shared.trainer),
      kernels_(shared.kernels),
      rate_(trainer_.learning_rate(shared.epoch)),
      tree_(trainer_.tree()),
      has_noise_(trainer_.noise() != nullptr),
      input_(trainer_.input(), shared.hot.words),
      output_(trainer_.output(), shared.hot.words),
      nodes_(trainer_.nodes(), shared.hot.nodes, true),  // the root is the last node
      biases_(trainer_.offsets().biases(), shared.hot.biases()),
      until_merge_(shared.hot.interval),
      copies_(n_copies(trainer_), trainer_.input().dim()) {
  const TrainConfig& config = trainer_.config();
  const std::size_t epoch = shared.epoch;
  plan_ = {.kernels = &shared.kernels,
           .keep = trainer_.keep(),
           .n_subsampled = n_subsampled(trainer_.keep()),
           .noise = trainer_.noise(),
           .negative = static_cast<std::size_t>(config.negative),
           .window = static_cast<std::size_t>(config.window),
           .window_weighting = config.window_weighting,
           .exclude = config.exclude,
           .loss_interval = trainer_.loss_interval(),
           .token_key = stream_key(config.seed, epoch, Stream::kTokens),
           .noise_key = stream_key(config.seed, epoch, Stream::kNoise)};
  pairs_ = config.architecture == Architecture::kSkipGram &&
           config.negative_sharing == NegativeSharing::kPair;
  if (pairs_) plan_.noise = nullptr;  // drawn pair by pair
  const std::size_t most_inputs = config.architecture == Architecture::kCbow || pairs_
                                      ? 1
                                      : std::min(kMostInputs, 2 * plan_.window);
  const std::size_t most_targets =
      config.loss == Loss::kSoftmax ? LossStep<View>::kSoftmaxBlock
                                    : (config.has_nodes() ? tree_->max_length() : 0) +
                                          (config.has_noise() ? 1 + plan_.negative : 0);
  if (needs_loss_step(config)) {
    loss_step_.emplace(trainer_, kernels_, output_, biases_, most_inputs, most_targets);
  }
  lay_out_memory(most_inputs, most_targets);
}

template <class View>
EpochReport Worker<View>::train_block(std::size_t begin, std::size_t end) {
  draw(begin, end);
  return train();
}

template <class View>
void Worker<View>::draw(std::size_t begin, std::size_t end) {
  n_drawn_ = end - begin;
  if (n_drawn_ > 0) draws_.fill(trainer_.corpus(), plan_, begin, end);
  if constexpr (View::kInRounds) {
    for (View* const view : views()) view->forget_rows();
    if (n_drawn_ > 0) use_rows();
    for (View* const view : views()) view->sort_by_parts();
  }
}

template <class View>
EpochReport Worker<View>::train() {
  report_ = {};
  if (n_drawn_ == 0) return {};
  if constexpr (View::kInRounds) {
    for (View* const view : views()) view->copy_rows();
  }
  const std::span<const WordId> words = draws_.words();
  word_rows_.resize(words.size() + kNarrowWindow + kCopiedRows);
  for (std::size_t i = 0; i < words.size(); i++) {
    word_rows_[i] = input_.row(static_cast<std::size_t>(words[i]));
  }
  const std::size_t n = draws_.centres().size();
  for (std::size_t c = 0; c < std::min(kFetchDistance, n); c++) find_rows(c);
  for (std::size_t c = 0; c < n; c++) {
    if (shared_.stop.load(std::memory_order_relaxed)) return std::exchange(report_, {});
    if (c + kFetchDistance < n) find_rows(c + kFetchDistance);
    train_centre(c);
    if (--until_merge_ == 0) merge(++n_merges_);
  }
  report_.words = n_drawn_;
  return std::exchange(report_, {});
}

template <class View>
void Worker<View>::merge(std::size_t number) {
  until_merge_ = shared_.hot.interval;
  if constexpr (!View::kInRounds) {
    if (shared_.hot.interval == 0) return;
    const std::lock_guard lock(shared_.merge_mutex);
    for (View* const view : views()) view->merge(number);
  }
}

template <class View>
void Worker<View>::find_rows(std::size_t c) {
  const Draws::Centre& centre = draws_.centres()[c];
  const auto word = static_cast<std::size_t>(draws_.words()[centre.index]);
  Rows& rows = rows_of(c);
  float** end = rows.targets;
  float* label = rows.labels;
  if (tree_) {
    const HuffmanTree::Path path = tree_->path(word);
    for (std::size_t i = 0; i < path.nodes.size(); i++) {
      *end++ = nodes_.row(static_cast<std::size_t>(path.nodes[i]));
      *label++ = path.codes[i] ? 0.0f : 1.0f;
    }
  }
  if (has_noise_) {
    *end++ = output_.row(word);
    *label++ = 1.0f;
    for (const WordId noise : draws_.noise(c)) {
      *end++ = output_.row(static_cast<std::size_t>(noise));
    }
  }
  rows.n_targets = static_cast<std::size_t>(end - rows.targets);
  if (tree_) std::fill(label, rows.labels + label_stride_, 0.0f);
  // The word that enters the widest window; those before it were fetched for the
  // centres before.
  const std::size_t last = draws_.words().size() - 1;
  *end = word_rows_[std::min(centre.index + plan_.window, last)];
  rows.n_fetched = rows.n_targets + 1;
  next_ = &rows;
}

template <class View>
void Worker<View>::train_centre(std::size_t c) {
  const Draws::Centre& centre = draws_.centres()[c];
  const float lr = lr_at(centre.position);
  list_inputs(centre);
  if (copies_.n_rows() > 0) copy_frozen(centre);
  report_.centres++;
  report_.pairs += centre.n_context();
  if (loss_step_) {
    loss_step_->set_words(draws_.words()[centre.index], draws_.noise(c));
  }
  Rows& rows = rows_of(c);
  if (trainer_.config().architecture == Architecture::kCbow) {
    train_cbow(centre, rows, lr);
  } else if (pairs_) {
    train_pairs(centre, rows, lr);
  } else {
    for (std::size_t i = 0; i < centre.n_context(); i += kMostInputs) {
      run_tile(inputs_ + i, std::min(kMostInputs, centre.n_context() - i), rows, lr,
               centre.distinct, centre.measured);
    }
  }
}

template <class View>
void Worker<View>::list_inputs(const Draws::Centre& centre) {
  const std::size_t left = centre.index - centre.begin;
  const std::size_t right = centre.n_context() - left;
  float* const* const rows = word_rows_.data() + centre.begin;
  if (plan_.window > kNarrowWindow) {
    std::copy_n(rows, left, inputs_);
    std::copy_n(rows + left + 1, right, inputs_ + left);
    return;
  }
  // How far a window reaches cannot be foreseen, a loop of constant length can: more
  // pointers than needed are copied.
  for (std::size_t i = 0; i < plan_.window; i += kCopiedRows) {
    std::copy_n(rows + i, kCopiedRows, inputs_ + i);
  }
  for (std::size_t i = 0; i < plan_.window; i += kCopiedRows) {
    std::copy_n(rows + left + 1 + i, kCopiedRows, inputs_ + left + i);
  }
}

template <class View>
void Worker<View>::copy_frozen(const Draws::Centre& centre) {
  const WordId* const words = draws_.words().data();
  std::size_t n = 0;
  for (std::size_t i = centre.begin; i < centre.end; i++) {
    if (i == centre.index) continue;
    if (trainer_.frozen()[static_cast<std::size_t>(words[i])]) {
      float* const copy = copies_.row(n);
      std::copy_n(inputs_[n], copies_.stride(), copy);
      inputs_[n] = copy;
    }
    n++;
  }
}

template <class View>
float Worker<View>::lr_at(std::uint64_t position) const {
  const float lr = rate_.at(position);
  const Corpus& corpus = trainer_.corpus();
  if (corpus.sentence_weights.empty()) return lr;
  const auto& ends = corpus.sentence_ends;
  const auto sentence = std::upper_bound(ends.begin(), ends.end(), position);
  return lr *
         corpus.sentence_weights[static_cast<std::size_t>(sentence - ends.begin())];
}

template <class View>
void Worker<View>::train_pairs(const Draws::Centre& centre, Rows& rows, float lr) {
  const std::span<const WordId> noise = pair_noise(centre);
  const std::size_t n_pairs = centre.n_context(), negative = noise.size() / n_pairs;
  const std::size_t n_fixed = rows.n_targets;
  rows.n_targets += negative;
  for (std::size_t n = 0; n < n_pairs; n++) {
    for (std::size_t j = 0; j < negative; j++) {
      const WordId word = noise[n * negative + j];
      if (loss_step_) loss_step_->set_noise(n_fixed + j, word);
      rows.targets[n_fixed + j] = output_.row(static_cast<std::size_t>(word));
    }
    run_tile(&inputs_[n], 1, rows, lr, false, centre.measured);
  }
}

template <class View>
void Worker<View>::train_cbow(const Draws::Centre& centre, const Rows& rows, float lr) {
  const TrainConfig& config = trainer_.config();
  const std::size_t n = centre.n_context();
  const std::size_t dim = trainer_.input().dim(), stride = input_.stride();
  const bool is_sum = config.cbow_input == CbowInput::kSum;
  const bool is_exact = config.cbow_gradient == CbowGradient::kExact;
  const float n_rows = static_cast<float>(n);
  std::fill(hidden_, hidden_ + stride, 0.0f);
  kernels_.mean(inputs_, n, dim, hidden_);
  if (is_sum) {
    for (std::size_t d = 0; d < stride; d++) hidden_[d] *= n_rows;
  }
  std::copy(hidden_, hidden_ + stride, grad_);
  run_tile(&hidden_, 1, rows, lr, centre.distinct, centre.measured);
  const float share = is_sum == is_exact ? 1 : 1 / n_rows;
  for (std::size_t d = 0; d < stride; d++) grad_[d] = share * (hidden_[d] - grad_[d]);
  kernels_.add(grad_, inputs_, n, dim);
}

template <class View>
void Worker<View>::run_tile(float* const* inputs, std::size_t n_inputs,
                            const Rows& rows, float lr, bool distinct, bool measured) {
  const Tile tile{.inputs = inputs,
                  .n_inputs = n_inputs,
                  .targets = rows.targets,
                  .n_targets = rows.n_targets,
                  .labels = rows.labels,
                  .dim = trainer_.input().dim(),
                  .lr = lr,
                  .distinct = distinct,
                  .next = next_->targets,
                  .n_next = next_->n_fetched};
  if (loss_step_) {
    loss_step_->run(tile, measured, &report_);
  } else {
    kernels_.tile(tile, scratch_, measured ? scores_ : nullptr);
    if (measured) measure(tile);
  }
  next_ = &no_rows_;  // fetched
}

template <class View>
void Worker<View>::measure(const Tile& tile) {
  const std::size_t n_noise = has_noise_ ? plan_.negative : 0;
  add_logistic_loss({.n_inputs = tile.n_inputs,
                     .n_targets = tile.n_targets,
                     .labels = tile.labels,
                     .scores = scores_},
                    tile.n_targets - n_noise, nullptr, &report_);
}

template class Worker<HotRows>;
template class Worker<RoundRows>;

}  // namespace sgns
