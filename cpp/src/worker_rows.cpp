// The part of the worker that knows its rows: where they are listed, and which of them
// a round will use.
#include <algorithm>

#include "worker.h"

namespace sgns {

template <class View>
void Worker<View>::lay_out_memory(std::size_t most_inputs, std::size_t most_targets) {
  constexpr std::size_t kPointer = sizeof(void*) / sizeof(float);
  const std::size_t stride = padded(trainer_.input().dim());
  label_stride_ = padded(error_stride(most_targets));
  const std::array sizes = {kPointer * (2 * plan_.window + kCopiedRows),
                            kPointer * (most_targets + 1) * rows_.size(),
                            label_stride_ * rows_.size(),
                            scratch_size(most_inputs, most_targets),
                            error_size(most_inputs, most_targets),
                            stride,
                            stride};
  std::array<float*, sizes.size()> arrays{};
  std::size_t total = 0;
  for (const std::size_t size : sizes) total += padded(size);
  memory_ = Matrix(1, total);
  float* next = memory_.data();
  for (std::size_t i = 0; i < sizes.size(); i++) {
    arrays[i] = next;
    next += padded(sizes[i]);
  }
  inputs_ = reinterpret_cast<float**>(arrays[0]);
  float** const targets = reinterpret_cast<float**>(arrays[1]);
  for (std::size_t i = 0; i < rows_.size(); i++) {
    rows_[i] = {.targets = targets + i * (most_targets + 1),
                .labels = arrays[2] + i * label_stride_,
                .n_targets = 0,
                .n_fetched = 0};
  }
  scratch_ = arrays[3];
  scores_ = arrays[4];
  hidden_ = arrays[5];
  grad_ = arrays[6];
}

template <class View>
std::vector<View*> Worker<View>::views() {
  std::vector<View*> found{&input_};
  if (trainer_.config().has_output()) found.push_back(&output_);
  if (trainer_.config().has_nodes()) found.push_back(&nodes_);
  if (trainer_.config().output_bias) found.push_back(&biases_);
  return found;
}

template <class View>
std::span<const WordId> Worker<View>::pair_noise(const Draws::Centre& centre) {
  if (!has_noise_) return {};
  return draws_.pair_noise(trainer_.corpus(), plan_, *trainer_.noise(), centre);
}

// The rows of the targets of a centre.
template <class View>
void Worker<View>::use_targets(std::size_t c) {
  if constexpr (View::kInRounds) {
    const Draws::Centre& centre = draws_.centres()[c];
    const WordId centre_word = draws_.words()[centre.index];
    const auto use = [this](WordId id) {
      const auto word = static_cast<std::size_t>(id);
      output_.use(word);
      if (trainer_.config().output_bias) biases_.use(word / WordOffsets::kWordsInRow);
    };
    if (tree_) {
      const auto word = static_cast<std::size_t>(centre_word);
      for (const std::int32_t node : tree_->path(word).nodes) {
        nodes_.use(static_cast<std::size_t>(node));
      }
    }
    if (has_noise_) use(centre_word);
    for (const WordId word : draws_.noise(c)) use(word);
    if (pairs_) std::ranges::for_each(pair_noise(centre), use);
    if (trainer_.config().loss != Loss::kSoftmax) return;
    const auto n_words = static_cast<WordId>(trainer_.keep().size());
    for (WordId word = 0; c == 0 && word < n_words; word++) use(word);
  }
}

template <class View>
void Worker<View>::use_rows() {
  if constexpr (View::kInRounds) {
    for (const WordId word : draws_.words()) {
      input_.use(static_cast<std::size_t>(word));
    }
    for (std::size_t c = 0; c < draws_.centres().size(); c++) use_targets(c);
  }
}

template class Worker<HotRows>;
template class Worker<RoundRows>;

}  // namespace sgns
