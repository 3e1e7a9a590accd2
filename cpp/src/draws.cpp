#include "draws.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <stdexcept>
#include <string>

#include "sgns/random.h"
#include "sgns/window.h"

namespace sgns {
namespace {

// Words with the same value here may be equal.
std::size_t bucket(WordId word) {
  return static_cast<std::size_t>(word) % Draws::kBuckets;
}

bool is_kept(const DrawPlan& plan, WordId word, std::uint64_t bits) {
  // Words that are always kept share a threshold: what is looked up stays in the
  // nearest cache.
  const std::size_t index = std::min(static_cast<std::size_t>(word), plan.n_subsampled);
  return (bits >> 32) <= plan.keep[index];
}

}  // namespace

TrainConfig for_corpus(const TrainConfig& config, const Corpus& corpus) {
  if (config.window > 0) return config;
  std::uint64_t begin = 0, longest = 1;
  for (const std::uint64_t end : corpus.sentence_ends) {
    longest = std::max(longest, end - begin);
    begin = end;
  }
  if (longest > std::uint64_t{kMostWindow} + 1) {
    throw std::invalid_argument(
        "window=None, the whole sentence, needs sentences of "
        "at most " +
        std::to_string(kMostWindow + 1) + " words, got one of " +
        std::to_string(longest));
  }
  TrainConfig result = config;
  result.window = static_cast<std::int64_t>(std::max<std::uint64_t>(longest - 1, 1));
  if (config.window_weighting == WindowWeighting::kShrink) {
    result.window_weighting = WindowWeighting::kFixed;  // the limit for wide windows
  }
  return result;
}

void Draws::fill(const Corpus& corpus, const DrawPlan& plan, std::size_t begin,
                 std::size_t end) {
  assert(begin < end && end <= corpus.ids.size());
  words_.clear();
  centres_.clear();
  const auto& ends = corpus.sentence_ends;
  auto sentence = std::upper_bound(ends.begin(), ends.end(), begin);
  std::size_t first = sentence == ends.begin() ? 0 : *(sentence - 1);
  for (std::size_t at = begin; at < end; ++sentence) {
    const std::size_t last = *sentence;
    fill_sentence(corpus, plan, first, last, at, std::min(last, end));
    at = first = last;
  }
  find_repeats(plan.window);
  if (plan.exclude == Exclude::kTarget || plan.exclude == Exclude::kNone) {
    fill_noise(plan);
  } else {
    fill_filtered_noise(corpus, plan);
  }
}

// Marks the windows in which no word occurs twice. repeated_[i] is the largest index,
// plus 1, of a word that may occur again before index i, 0 for none: a window holds no
// word twice if that word lies before the window. Buckets stand for words, so a few
// windows are suspected for nothing.
void Draws::find_repeats(std::size_t window) {
  std::array<std::uint32_t, kBuckets> last{};  // index plus 1
  repeated_.resize(words_.size() + 1);
  std::uint32_t latest = 0;
  for (std::size_t i = 0; i < words_.size(); i++) {
    repeated_[i] = latest;
    std::uint32_t& seen = last[bucket(words_[i])];
    if (seen + 2 * window > i) latest = std::max(latest, seen);
    seen = static_cast<std::uint32_t>(i + 1);
  }
  repeated_[words_.size()] = latest;
  for (Centre& centre : centres_)
    centre.distinct = repeated_[centre.end] <= centre.begin;
}

// The part from `begin` to `end` of the sentence from `first` to `last`.
void Draws::fill_sentence(const Corpus& corpus, const DrawPlan& plan, std::size_t first,
                          std::size_t last, std::size_t begin, std::size_t end) {
  const std::size_t base = words_.size();
  for (std::size_t p = begin; p > first && words_.size() - base < plan.window;) {
    const WordId word = corpus.ids[--p];
    if (is_kept(plan, word, draw(plan.token_key, p))) words_.push_back(word);
  }
  std::reverse(words_.begin() + static_cast<std::ptrdiff_t>(base), words_.end());

  const std::size_t first_inside = words_.size();
  keep_words(corpus, plan, begin, end);

  const std::size_t size_inside = words_.size();
  for (std::size_t p = end; p < last && words_.size() - size_inside < plan.window;
       p++) {
    const WordId word = corpus.ids[p];
    if (is_kept(plan, word, draw(plan.token_key, p))) words_.push_back(word);
  }

  std::size_t used = centres_.size();
  centres_.resize(used + kept_.size());
  for (std::size_t i = 0; i < kept_.size(); i++) {
    const std::size_t index = first_inside + i;
    const std::uint64_t bits = kept_[i].bits;
    const std::size_t radius = window_radius(
        plan.window_weighting, static_cast<std::int64_t>(plan.window), bits);
    const std::size_t left = std::min(radius, index - base);
    const std::size_t right = std::min(radius, words_.size() - 1 - index);
    centres_[used] = {.index = static_cast<std::uint32_t>(index),
                      .begin = static_cast<std::uint32_t>(index - left),
                      .end = static_cast<std::uint32_t>(index + right + 1),
                      .measured = (bits & (plan.loss_interval - 1)) == 0,
                      .distinct = true,
                      .position = kept_[i].position};
    used += left + right > 0 ? 1 : 0;
  }
  centres_.resize(used);
}

// The words that are kept of the tokens from `begin` to `end`.
void Draws::keep_words(const Corpus& corpus, const DrawPlan& plan, std::size_t begin,
                       std::size_t end) {
  const std::size_t size_before = words_.size();
  words_.resize(size_before + (end - begin));
  kept_.resize(end - begin);
  WordId* const words = words_.data() + size_before;
  std::size_t n = 0;
  constexpr std::size_t kDraws = 64;
  static_assert(kDraws % kNoiseLanes == 0);
  std::array<std::uint64_t, kDraws> draws;
  for (std::size_t first = begin; first < end; first += kDraws) {
    plan.kernels->draws(plan.token_key, first, kDraws, draws.data());
    const std::size_t n_tokens = std::min(kDraws, end - first);
    // Every token is written and only the kept ones stay: no branch to mispredict.
    for (std::size_t i = 0; i < n_tokens; i++) {
      const WordId word = corpus.ids[first + i];
      words[n] = word;
      kept_[n] = {.position = first + i, .bits = draws[i]};
      n += is_kept(plan, word, draws[i]) ? 1 : 0;
    }
  }
  words_.resize(size_before + n);
  kept_.resize(n);
}

void Draws::fill_noise(const DrawPlan& plan) {
  negative_ = plan.noise ? plan.negative : 0;
  // Some words more: a kernel may draw for more centres than there are.
  noise_.resize((centres_.size() + kNoiseLanes) * negative_);
  if (negative_ == 0) return;
  for (std::size_t c = 0; c < centres_.size(); c += kNoiseBatch) {
    const std::size_t n = std::min(kNoiseBatch, centres_.size() - c);
    fill_noise(plan, std::span(centres_).subspan(c, n), &noise_[c * negative_]);
  }
}

inline void Draws::note_noise(Centre& centre, WordId word) {
  std::uint64_t& seen = seen_[bucket(word) / 64];
  const std::uint64_t bit = std::uint64_t{1} << (bucket(word) % 64);
  centre.distinct &= (seen & bit) == 0;
  seen |= bit;
}

void Draws::fill_noise(const DrawPlan& plan, std::span<Centre> centres, WordId* noise) {
  std::array<std::uint64_t, kNoiseBatch> positions{}, words{};
  for (std::size_t c = 0; c < centres.size(); c++) {
    positions[c] = centres[c].position;
    words[c] = static_cast<std::uint64_t>(words_[centres[c].index]);
  }
  std::uint64_t repeats = plan.kernels->noise({.slots = plan.noise->slots().data(),
                                               .n_slots = plan.noise->size(),
                                               .key = plan.noise_key,
                                               .negative = negative_,
                                               .n = centres.size(),
                                               .positions = positions.data(),
                                               .centres = words.data(),
                                               .noise = noise});
  if (centres.size() < kNoiseBatch) {
    repeats &= (std::uint64_t{1} << centres.size()) - 1;
  }
  for (; repeats != 0; repeats &= repeats - 1) {
    const auto c = static_cast<std::size_t>(std::countr_zero(repeats));
    settle_repeats(plan, centres[c], noise + c * negative_);
  }
}

// Draws noise words that are the centre again, and notes whether any occurs twice.
void Draws::settle_repeats(const DrawPlan& plan, Centre& centre, WordId* noise) {
  const WordId word = words_[centre.index];
  for (std::size_t j = 0; j < negative_; j++) {
    if (noise[j] == word && plan.exclude == Exclude::kNone) {
      centre.distinct = false;
    } else if (noise[j] == word) {
      const std::uint64_t counter = centre.position * negative_ + j;
      noise[j] = plan.noise->draw_excluding(draw(plan.noise_key, counter), word);
    }
    note_noise(centre, noise[j]);
  }
  for (std::size_t j = 0; j < negative_; j++) seen_[bucket(noise[j]) / 64] = 0;
}

// As fill_noise(), for the exclusions that look at more than the centre.
void Draws::fill_filtered_noise(const Corpus& corpus, const DrawPlan& plan) {
  negative_ = plan.noise ? plan.negative : 0;
  noise_.resize(centres_.size() * negative_);
  WordId* noise = noise_.data();
  for (Centre& centre : centres_) {
    if (negative_ == 0) break;
    const NoiseFilter& filter = noise_filter(corpus, plan, centre);
    for (std::size_t j = 0; j < negative_; j++) {
      noise[j] = filter.draw(*plan.noise,
                             draw(plan.noise_key, centre.position * negative_ + j));
      note_noise(centre, noise[j]);
    }
    for (std::size_t j = 0; j < negative_; j++) seen_[bucket(noise[j]) / 64] = 0;
    noise += negative_;
  }
}

std::span<const WordId> Draws::pair_noise(const Corpus& corpus, const DrawPlan& plan,
                                          const Distribution& noise,
                                          const Centre& centre) {
  const NoiseFilter& filter = noise_filter(corpus, plan, centre);
  pair_noise_.resize(centre.n_context() * plan.negative);
  WordId* word = pair_noise_.data();
  for (std::size_t i = centre.begin; i < centre.end; i++) {
    if (i == centre.index) continue;
    // Offsets from -window to window are slots 0 to 2 * window.
    const std::uint64_t slot = i + plan.window - centre.index;
    const std::uint64_t pair = centre.position * (2 * plan.window + 1) + slot;
    for (std::size_t j = 0; j < plan.negative; j++) {
      *word++ = filter.draw(noise, draw(plan.noise_key, pair * plan.negative + j));
    }
  }
  return pair_noise_;
}

const NoiseFilter& Draws::noise_filter(const Corpus& corpus, const DrawPlan& plan,
                                       const Centre& centre) {
  filter_.aim(corpus, plan.keep.size(), plan.exclude, words_[centre.index],
              centre.position,
              std::span(words_).subspan(centre.begin, centre.end - centre.begin));
  return filter_;
}

}  // namespace sgns
