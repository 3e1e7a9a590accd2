#include "draws.h"

#include <algorithm>
#include <cassert>

#include "sgns/random.h"

namespace sgns {
namespace {

bool is_kept(const DrawPlan& plan, WordId word, std::uint64_t bits) {
  return (bits >> 32) <= plan.keep[static_cast<std::size_t>(word)];
}

}  // namespace

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
  fill_noise(plan);
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

  // Every token is written and only the kept ones stay: no branch to mispredict.
  const std::size_t size_before = words_.size(), first_centre = centres_.size();
  words_.resize(size_before + (end - begin));
  centres_.resize(first_centre + (end - begin));
  std::size_t n = 0;
  for (std::size_t p = begin; p < end; p++) {
    const WordId word = corpus.ids[p];
    const std::uint64_t bits = draw(plan.token_key, p);
    const std::uint64_t radius = 1 + (((bits & 0xFFFFFFFFu) * plan.window) >> 32);
    words_[size_before + n] = word;
    centres_[first_centre + n] = {.index = static_cast<std::uint32_t>(size_before + n),
                                  .begin = static_cast<std::uint32_t>(radius),
                                  .end = 0,
                                  .measured = (bits & (plan.loss_interval - 1)) == 0,
                                  .position = p};
    n += is_kept(plan, word, bits) ? 1 : 0;
  }
  words_.resize(size_before + n);

  const std::size_t size_inside = words_.size();
  for (std::size_t p = end; p < last && words_.size() - size_inside < plan.window;
       p++) {
    const WordId word = corpus.ids[p];
    if (is_kept(plan, word, draw(plan.token_key, p))) words_.push_back(word);
  }

  std::size_t used = first_centre;
  for (std::size_t c = first_centre; c < first_centre + n; c++) {
    Centre centre = centres_[c];
    const std::size_t radius = centre.begin, index = centre.index;
    const std::size_t left = std::min(radius, index - base);
    const std::size_t right = std::min(radius, words_.size() - 1 - index);
    centre.begin = static_cast<std::uint32_t>(index - left);
    centre.end = static_cast<std::uint32_t>(index + right + 1);
    centres_[used] = centre;
    used += left + right > 0 ? 1 : 0;
  }
  centres_.resize(used);
}

void Draws::fill_noise(const DrawPlan& plan) {
  negative_ = plan.noise ? plan.negative : 0;
  noise_.resize(centres_.size() * negative_);
  std::size_t at = 0;
  for (const Centre& centre : centres_) {
    const WordId word = words_[centre.index];
    for (std::size_t j = 0; j < negative_; j++) {
      const std::uint64_t bits = draw(plan.noise_key, centre.position * negative_ + j);
      noise_[at++] = plan.noise->draw_excluding(bits, word);
    }
  }
}

}  // namespace sgns
