#include "pair_writer.h"

#include <algorithm>
#include <cassert>
#include <limits>

#include "sgns/complement.h"
#include "sgns/random.h"

namespace sgns {
namespace {

// Draws before the exact one among the words that are left.
constexpr int kMaxDraws = 16;

}  // namespace

PairWriter::PairWriter(const PairTable& table) : table_(table), noise_(*table.noise_) {
  const PairExclude exclude = table.config_.exclude;
  if (exclude == PairExclude::kWindow || exclude == PairExclude::kSentence) {
    marks_.resize(noise_.size());
  }
}

void PairWriter::write(std::uint64_t begin, std::uint64_t end, const PairRows& rows) {
  assert(begin < end && end <= table_.n_rows());
  rows_ = rows;
  begin_ = begin;
  end_ = end;
  seek(table_.positive_at(begin));
  while (table_.row_of(positive_) < end_) {
    write_centre();
    draw_rest();
    positive_ += last_ - first_ - 1;
    if (++token_ == table_.text_.ids.size()) break;
    find_contexts();
  }
  draw_unpaired();
}

// Goes to the centre of the pair number `positive`.
void PairWriter::seek(std::uint64_t positive) {
  const auto& firsts = table_.first_pair_;
  const auto after = std::upper_bound(firsts.begin(), firsts.end(), positive);
  const auto block = static_cast<std::size_t>(after - firsts.begin()) - 1;
  token_ = block * PairTable::kBlockTokens;
  positive_ = firsts[block];
  sentence_ = table_.text_.sentence_of(token_);
  find_contexts();
  while (positive_ + (last_ - first_ - 1) <= positive) {
    positive_ += last_ - first_ - 1;
    token_++;
    find_contexts();
  }
}

void PairWriter::find_contexts() {
  const TokenText& text = table_.text_;
  while (token_ >= text.ends[sentence_]) sentence_++;
  centre_ = text.ids[token_];
  is_excluded_ = false;
  const std::uint64_t radius = table_.radius(token_);
  const std::size_t begin = text.begin_of(sentence_);
  first_ = token_ - std::min<std::uint64_t>(radius, token_ - begin);
  last_ =
      token_ + 1 + std::min<std::uint64_t>(radius, text.ends[sentence_] - token_ - 1);
}

void PairWriter::write_centre() {
  const auto ids = table_.text_.ids;
  const std::uint64_t key = table_.noise_key_;
  std::uint64_t m = positive_, negatives = table_.negatives_before(m);
  for (std::size_t i = first_; i < last_; i++) {
    if (i == token_) continue;
    const std::uint64_t until = table_.negatives_before(m + 1);
    std::uint64_t row = m + negatives;
    if (row >= end_) return;
    if (row >= begin_) put(row, ids[i], true);
    row++;
    if (row < begin_) {
      const std::uint64_t skipped = std::min(begin_ - row, until - negatives);
      row += skipped;
      negatives += skipped;
    }
    for (; negatives < until && row < end_; negatives++) {
      const std::uint64_t bits = sgns::draw(key, negatives);
      if (table_.pairs_) {
        put_off(row++, bits);
      } else {
        put(row++, negative(bits, ids[i]), false);
      }
    }
    negatives = until;
    m++;
  }
}

void PairWriter::put(std::uint64_t row, WordId context, bool label) const {
  const std::uint64_t at = row - begin_;
  rows_.centers[at] = centre_;
  rows_.contexts[at] = context;
  if (rows_.labels != nullptr) {
    rows_.labels[at] = label ? 1.0f : 0.0f;
  } else {
    rows_.small_labels[at] = label ? 1 : 0;
  }
}

WordId PairWriter::negative(std::uint64_t bits, WordId context) {
  switch (table_.config_.exclude) {
    case PairExclude::kNone:
      return draw(bits);
    case PairExclude::kTarget:
      return other_than(bits, context);
    case PairExclude::kPairs:
    case PairExclude::kWindow:
    case PairExclude::kSentence:
      break;
  }
  if (!is_excluded_) exclude_near();
  return unmarked(bits);
}

// Marks the words of the window, or of the sentence unless that is done already.
void PairWriter::exclude_near() {
  is_excluded_ = true;
  if (table_.config_.exclude == PairExclude::kSentence) {
    if (marked_sentence_ == sentence_ + 1) return;
    marked_sentence_ = sentence_ + 1;
    const std::size_t begin = table_.raw_.begin_of(sentence_);
    mark(table_.raw_.ids.subspan(begin, table_.raw_.ends[sentence_] - begin));
    return;
  }
  const TokenText& text = table_.text_;
  const auto [begin, end] = text.around(sentence_, token_, table_.config_.window);
  mark(text.ids.subspan(begin, end - begin));
}

void PairWriter::mark(std::span<const WordId> words) {
  if (mark_ == std::numeric_limits<std::uint32_t>::max()) {
    std::fill(marks_.begin(), marks_.end(), 0);
    mark_ = 0;
  }
  mark_++;
  for (const WordId word : words) marks_[static_cast<std::size_t>(word)] = mark_;
  marked_words_ = words;
  excluded_.clear();
}

WordId PairWriter::other_than(std::uint64_t bits, WordId excluded) const {
  for (int i = 0; i < kMaxDraws; i++) {
    const WordId word = draw(bits);
    if (word != excluded) return word;
    bits = mix64(bits + kGolden);
  }
  const std::span set(&excluded, 1);
  return draw_outside(noise_.masses(), bits, set, masses_before(noise_.masses(), set));
}

WordId PairWriter::unmarked(std::uint64_t bits) {
  for (int i = 0; i < kMaxDraws; i++) {
    const WordId word = draw(bits);
    if (marks_[static_cast<std::size_t>(word)] != mark_) return word;
    bits = mix64(bits + kGolden);
  }
  return exact_unmarked(bits);
}

WordId PairWriter::exact_unmarked(std::uint64_t bits) {
  if (excluded_.empty()) {
    excluded_.assign(marked_words_.begin(), marked_words_.end());
    std::sort(excluded_.begin(), excluded_.end());
    excluded_.erase(std::unique(excluded_.begin(), excluded_.end()), excluded_.end());
    before_ = masses_before(noise_.masses(), excluded_);
  }
  return draw_outside(noise_.masses(), bits, excluded_, before_);
}

// Writes a row but for its word, which is drawn together with others.
void PairWriter::put_off(std::uint64_t row, std::uint64_t bits) {
  put(row, 0, false);
  const bool has_rest = table_.rest_[static_cast<std::size_t>(centre_)] != nullptr;
  Waiting& waiting = has_rest ? of_rest_ : unpaired_;
  waiting.bits[waiting.n] = bits;
  waiting.targets[waiting.n] = row - begin_;
  waiting.centres[waiting.n] = centre_;
  if (++waiting.n < kMostWaiting) return;
  if (has_rest) {
    draw_rest();
  } else {
    draw_unpaired();
  }
}

void PairWriter::draw_rest() {
  if (of_rest_.n == 0) return;
  const auto bits = std::span(of_rest_.bits).first(of_rest_.n);
  table_.rest_[static_cast<std::size_t>(centre_)]->draw(noise_.masses(), bits,
                                                        words_.data());
  for (std::size_t i = 0; i < of_rest_.n; i++) {
    rows_.contexts[of_rest_.targets[i]] = words_[i];
  }
  of_rest_.n = 0;
}

void PairWriter::draw_unpaired() {
  for (int i = 0; i < kMaxDraws && unpaired_.n > 0; i++) draw_once();
  if (unpaired_.n > 0) draw_exact();
}

// Draws a word for each row that waits; the rows whose word is a pair wait on. Each
// step asks for the memory of the next one, for all rows, so that what the caches do
// not hold of it comes all at once.
void PairWriter::draw_once() {
  const PairSet& pairs = *table_.pairs_;
  Waiting& w = unpaired_;
  for (std::size_t i = 0; i < w.n; i++) {
    noise_.fetch(noise_.place(w.bits[i]));
  }
  for (std::size_t i = 0; i < w.n; i++) {
    words_[i] = draw(w.bits[i]);
    pairs.fetch(w.centres[i], words_[i]);
  }
  // Every row is written and only the refused ones stay: no branch to mispredict.
  std::size_t n = 0;
  for (std::size_t i = 0; i < w.n; i++) {
    const bool is_pair = pairs.contains(w.centres[i], words_[i]);
    rows_.contexts[w.targets[i]] = words_[i];
    w.bits[n] = mix64(w.bits[i] + kGolden);
    w.targets[n] = w.targets[i];
    w.centres[n] = w.centres[i];
    n += is_pair ? 1 : 0;
  }
  w.n = n;
}

void PairWriter::draw_exact() {
  const Masses& masses = noise_.masses();
  for (std::size_t i = 0; i < unpaired_.n; i++) {
    const std::vector<WordId> excluded = table_.pairs_->row(unpaired_.centres[i]);
    rows_.contexts[unpaired_.targets[i]] = draw_outside(
        masses, unpaired_.bits[i], excluded, masses_before(masses, excluded));
  }
  unpaired_.n = 0;
}

}  // namespace sgns
