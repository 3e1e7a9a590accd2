#include "sgns/pair_table.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include "messages.h"
#include "pair_writer.h"
#include "parallel.h"
#include "sgns/random.h"

namespace sgns {
namespace {

// Rows in a task: a batch of 65,536 is work for several threads, and the few hundred
// tokens that a task looks at to find its first row are little beside it.
constexpr std::uint64_t kTaskRows = std::uint64_t{1} << 14;
// Blocks of tokens in a task of counting.
constexpr std::size_t kTaskBlocks = 512;
// Words in a task of weighing their pairs.
constexpr std::size_t kTaskWords = 256;
// Row numbers are products of doubles.
constexpr double kMostRows = 9007199254740992.0;  // 2^53

// Writers for the tasks of one call: as many as work at a time, since each has a mark
// for every word.
class WriterPool {
 public:
  explicit WriterPool(const PairTable& table) : table_(table) {}

  std::unique_ptr<PairWriter> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        auto writer = std::move(free_.back());
        free_.pop_back();
        return writer;
      }
    }
    return std::make_unique<PairWriter>(table_);
  }

  void give_back(std::unique_ptr<PairWriter> writer) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(writer));
  }

 private:
  const PairTable& table_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<PairWriter>> free_;
};

}  // namespace

PairTable::PairTable(const TokenText& text, std::span<const std::int64_t> counts,
                     std::shared_ptr<const Law> noise, const PairTableConfig& config,
                     const Poll& poll)
    : raw_(text),
      config_(config),
      noise_(std::move(noise)),
      token_key_(stream_key(config.seed, config.epoch, Stream::kTokens)),
      noise_key_(stream_key(config.seed, config.epoch, Stream::kNoise)),
      text_(text) {
  if (config.sample > 0) {
    subsampled_.emplace(text, keep_thresholds(counts, config.sample), token_key_,
                        config.n_threads, poll);
    text_ = subsampled_->text();
  }
  count_pairs(poll);
  if (config.ratio == 0) return;
  check_rest();
  if (config.exclude == PairExclude::kPairs) collect_pairs(poll);
}

std::uint64_t PairTable::radius(std::size_t token) const {
  if (config_.weighting == WindowWeighting::kFixed) {
    return window_radius(config_.weighting, config_.window, 0);
  }
  const std::uint64_t position =
      subsampled_ ? subsampled_->positions()[token] : std::uint64_t{token};
  return window_radius(config_.weighting, config_.window, draw(token_key_, position));
}

void PairTable::count_pairs(const Poll& poll) {
  const std::size_t n = text_.ids.size();
  const std::size_t n_blocks = (n + kBlockTokens - 1) / kBlockTokens;
  first_pair_.resize(n_blocks + 1);
  const auto count_block = [&](std::size_t block) {
    const std::size_t end = std::min(n, (block + 1) * kBlockTokens);
    std::size_t sentence = text_.sentence_of(block * kBlockTokens);
    std::uint64_t pairs = 0;
    for (std::size_t t = block * kBlockTokens; t < end; t++) {
      while (t >= text_.ends[sentence]) sentence++;
      const std::uint64_t r = radius(t);
      pairs += std::min<std::uint64_t>(r, t - text_.begin_of(sentence)) +
               std::min<std::uint64_t>(r, text_.ends[sentence] - t - 1);
    }
    first_pair_[block + 1] = pairs;
  };
  const auto task = [&](std::size_t begin, std::size_t end) {
    for (std::size_t b = begin; b < end; b++) count_block(b);
  };
  for_ranges(n_blocks, kTaskBlocks, config_.n_threads, task, poll);
  for (std::size_t b = 0; b < n_blocks; b++) first_pair_[b + 1] += first_pair_[b];
  const double rows = static_cast<double>(n_positives()) * (1 + config_.ratio);
  if (!(rows <= kMostRows)) {
    throw std::invalid_argument("a table must have at most 2^53 rows, got " +
                                number(rows));
  }
}

// Throws when the words near some centre are all that can be drawn. Only sentences and
// windows with at least as many tokens can be such.
void PairTable::check_rest() const {
  if (config_.exclude == PairExclude::kNone) return;
  const Masses& masses = noise_->masses();
  const std::size_t n_drawn = noise_->support();
  const auto check = [&](std::span<const WordId> words, std::size_t sentence) {
    if (words.size() < n_drawn) return;
    std::vector<WordId> distinct(words.begin(), words.end());
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    if (masses_before(masses, distinct).back() < masses.total()) return;
    throw std::invalid_argument("sentence " + std::to_string(sentence) + ": all " +
                                std::to_string(n_drawn) +
                                " words that can be drawn are excluded");
  };
  for (std::size_t s = 0; s < text_.ends.size(); s++) {
    const std::size_t begin = text_.begin_of(s), end = text_.ends[s];
    if (end - begin < 2) continue;  // no centre with a context
    if (config_.exclude == PairExclude::kSentence) {
      check(raw_.ids.subspan(raw_.begin_of(s), raw_.ends[s] - raw_.begin_of(s)), s);
    } else if (config_.exclude == PairExclude::kTarget && n_drawn == 1) {
      for (std::size_t t = begin; t < end; t++) check(text_.ids.subspan(t, 1), s);
    } else if (config_.exclude == PairExclude::kWindow && end - begin >= n_drawn) {
      for (std::size_t t = begin; t < end; t++) {
        const auto [first, last] = text_.around(s, t, config_.window);
        check(text_.ids.subspan(first, last - first), s);
      }
    }
  }
}

void PairTable::collect_pairs(const Poll& poll) {
  const std::array<TokenText, 2> texts{raw_, text_};
  const std::size_t n_texts = subsampled_ ? 2 : 1;
  const std::size_t n_words = noise_->size();
  pairs_.emplace(std::span(texts).first(n_texts), n_words, config_.window,
                 config_.n_threads, poll);
  rest_.resize(n_words);
  const Masses& masses = noise_->masses();
  const auto weigh = [&](std::size_t i) {
    const auto row = pairs_->row(static_cast<WordId>(i));
    std::uint64_t mass = 0;
    for (const WordId id : row) mass += masses.of(id);
    if (mass == masses.total()) {
      throw std::invalid_argument("word " + std::to_string(i) +
                                  " stands near all words that can be drawn: "
                                  "exclude='pairs' leaves none");
    }
    if (mass < masses.total() / 2) return;
    rest_[i] = std::make_unique<Complement>(masses, row, masses_before(masses, row));
  };
  const auto task = [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i++) weigh(i);
  };
  for_ranges(n_words, kTaskWords, config_.n_threads, task, poll);
}

std::uint64_t PairTable::negatives_before(std::uint64_t m) const {
  return static_cast<std::uint64_t>(
      static_cast<std::int64_t>(static_cast<double>(m) * config_.ratio));
}

// The last positive at or before a row: the one that the row belongs to.
std::uint64_t PairTable::positive_at(std::uint64_t row) const {
  std::uint64_t low = 0, high = n_positives();  // row_of(low) <= row < row_of(high)
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    (row_of(middle) <= row ? low : high) = middle;
  }
  return low;
}

void PairTable::write(std::uint64_t begin, std::uint64_t end, const PairRows& rows,
                      const Poll& poll) const {
  assert(begin <= end && end <= n_rows());
  WriterPool writers(*this);
  const auto task = [&](std::size_t first, std::size_t last) {
    auto writer = writers.take();
    writer->write(
        begin + first, begin + last,
        {.centers = rows.centers + first,
         .contexts = rows.contexts + first,
         .labels = rows.labels ? rows.labels + first : nullptr,
         .small_labels = rows.small_labels ? rows.small_labels + first : nullptr});
    writers.give_back(std::move(writer));
  };
  for_ranges(end - begin, kTaskRows, config_.n_threads, task, poll);
}

}  // namespace sgns
