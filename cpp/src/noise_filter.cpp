#include "noise_filter.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace sgns {

void NoiseFilter::aim(const Corpus& corpus, std::size_t n_words, Exclude exclude,
                      WordId centre, std::uint64_t position,
                      std::span<const WordId> window) {
  exclude_ = exclude;
  centre_ = centre;
  if (exclude == Exclude::kWindow) mark(n_words, window);
  if (exclude != Exclude::kSentence) return;
  if (position >= sentence_begin_ && position < sentence_end_) return;
  const auto& ends = corpus.sentence_ends;
  const auto end = std::upper_bound(ends.begin(), ends.end(), position);
  sentence_begin_ = end == ends.begin() ? 0 : *(end - 1);
  sentence_end_ = *end;
  mark(n_words,
       std::span(corpus.ids).subspan(sentence_begin_, sentence_end_ - sentence_begin_));
}

void NoiseFilter::mark(std::size_t n_words, std::span<const WordId> words) {
  marks_.resize(n_words);
  if (++latest_ == 0) {  // after 2^32 marks the old ones would count again
    std::fill(marks_.begin(), marks_.end(), 0u);
    latest_ = 1;
  }
  for (const WordId word : words) marks_[static_cast<std::size_t>(word)] = latest_;
}

WordId NoiseFilter::draw(const Distribution& noise, std::uint64_t bits) const {
  switch (exclude_) {
    case Exclude::kNone:
      return noise.draw(bits);
    case Exclude::kTarget:
      return noise.draw_excluding(bits, centre_);
    default: {
      const WordId word = noise.draw(bits);
      if (!is_marked(word)) return word;
      return noise.draw_unless(bits, [this](WordId w) { return is_marked(w); });
    }
  }
}

void check_exclusion(const Corpus& corpus, std::size_t n_words, Exclude exclude,
                     std::size_t window) {
  if (exclude == Exclude::kWindow && n_words <= 2 * window + 1) {
    throw std::invalid_argument("exclude='window' needs more words than a window of " +
                                std::to_string(2 * window + 1) + " can hold, got " +
                                std::to_string(n_words));
  }
  if (exclude != Exclude::kSentence) return;
  std::vector<std::size_t> seen(n_words, 0);  // number of the last sentence, plus 1
  std::uint64_t begin = 0;
  for (std::size_t s = 0; s < corpus.sentence_ends.size(); s++) {
    const std::uint64_t end = corpus.sentence_ends[s];
    std::size_t n_different = 0;
    for (std::uint64_t p = begin; end - begin >= n_words && p < end; p++) {
      std::size_t& last = seen[static_cast<std::size_t>(corpus.ids[p])];
      n_different += last != s + 1 ? 1 : 0;
      last = s + 1;
    }
    if (n_different == n_words) {
      throw std::invalid_argument("exclude='sentence' leaves no noise word: sentence " +
                                  std::to_string(s) + " has all " +
                                  std::to_string(n_words) + " words");
    }
    begin = end;
  }
}

}  // namespace sgns
