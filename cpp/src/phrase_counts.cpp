#include <algorithm>
#include <atomic>
#include <cassert>
#include <utility>

#include "chunk_reader.h"
#include "sgns/phrases.h"
#include "tail_table.h"

namespace sgns {
namespace {

constexpr std::int32_t kNoWord = -1;

// First words are shared out in ranges of about this many tokens, or a sixteenth of the
// text: each range costs a pass over the text and room for its tokens.
constexpr std::int64_t kRangeTokens = std::int64_t{4} << 20;
constexpr std::int64_t kMostRanges = 16;

// The stop flag is looked at when this many tokens are done.
constexpr std::size_t kStopInterval = std::size_t{1} << 16;

// Calls emit(first word, tail) for each candidate, step(tail, word) being the tail that
// is longer by a word.
template <class Step, class Emit>
void for_each_candidate(const Corpus& corpus, const CandidateRule& rule,
                        const std::atomic<bool>& stop, const Step& step,
                        const Emit& emit) {
  std::int32_t first = kNoWord;
  std::int32_t tail = TailTable::kEmpty;
  std::size_t i = 0;
  for (const std::uint64_t end : corpus.sentence_ends) {
    if (!rule.across_sentences) first = kNoWord;
    for (; i < end; ++i) {
      if (i % kStopInterval == 0 && stop.load(std::memory_order_relaxed)) return;
      const std::int32_t word = corpus.ids[i];
      if (rule.is_connector(word)) {
        if (first != kNoWord) tail = step(tail, word);
        continue;
      }
      if (first != kNoWord) emit(first, step(tail, word));
      first = word;
      tail = TailTable::kEmpty;
    }
  }
}

// Rows begin..end - 1 as first words.
struct Range {
  std::size_t begin;
  std::size_t end;
  std::int64_t n_tokens;  // occurrences of all of them
};

std::vector<Range> cut_ranges(std::span<const std::int64_t> counts, std::size_t n_rows,
                              std::size_t n_tokens) {
  const std::int64_t most =
      std::max(kRangeTokens, static_cast<std::int64_t>(n_tokens) / kMostRanges);
  std::vector<Range> ranges;
  for (std::size_t row = 0; row < n_rows; ++row) {
    if (ranges.empty() || ranges.back().n_tokens + counts[row] > most) {
      ranges.push_back({row, row, 0});
    }
    ranges.back().end = row + 1;
    ranges.back().n_tokens += counts[row];
  }
  return ranges;
}

// Counts the candidates of one range after the other.
//
// Thread safety: none; one for each thread. Does not own what it points to.
class RangeCounter {
 public:
  // Rows below n_frequent are the words that occur min_count times.
  RangeCounter(const Corpus& corpus, std::span<const std::int64_t> counts,
               const CandidateRule& rule, const TailTable& tails,
               std::size_t n_frequent, std::int64_t min_count)
      : corpus_(corpus),
        counts_(counts),
        rule_(rule),
        tails_(tails),
        n_frequent_(n_frequent),
        min_count_(min_count),
        tail_counts_(n_frequent + tails.size() - counts.size()) {}

  CandidateCounts count(const Range& range, const std::atomic<bool>& stop) {
    CandidateCounts found;
    if (range.end - range.begin == 1) {
      scan(range, stop,
           [this](std::size_t, std::size_t slot) { ++tail_counts_[slot]; });
      for (std::size_t slot = 0; slot < tail_counts_.size(); ++slot) {
        keep(range.begin, slot, std::exchange(tail_counts_[slot], 0), found);
      }
    } else {
      group(range, stop);
      std::size_t begin = 0;
      for (std::size_t row = range.begin; row < range.end; ++row) {
        const std::size_t end = group_ends_[row - range.begin];
        count_group(row, {grouped_.data() + begin, end - begin}, found);
        begin += static_cast<std::size_t>(counts_[row]);
      }
    }
    return found;
  }

 private:
  // Calls emit(first word, slot of the tail in tail_counts_) for the range. A rare last
  // word has no slot: its candidates are rare too.
  template <class Emit>
  void scan(const Range& range, const std::atomic<bool>& stop, const Emit& emit) {
    const auto step = [this](std::int32_t tail, std::int32_t word) {
      return tails_.find(tail, word);
    };
    const auto use = [&](std::int32_t first, std::int32_t tail) {
      const auto row = static_cast<std::size_t>(first);
      const auto number = static_cast<std::size_t>(tail);
      if (row < range.begin || row >= range.end) return;
      if (number >= counts_.size()) {
        emit(row, number - counts_.size() + n_frequent_);
      } else if (number < n_frequent_) {
        emit(row, number);
      }
    };
    for_each_candidate(corpus_, rule_, stop, step, use);
  }

  // Writes the slots of each first word next to each other.
  void group(const Range& range, const std::atomic<bool>& stop) {
    group_ends_.clear();
    std::size_t begin = 0;
    for (std::size_t row = range.begin; row < range.end; ++row) {
      group_ends_.push_back(begin);
      begin += static_cast<std::size_t>(counts_[row]);
    }
    grouped_.resize(begin);
    scan(range, stop, [&](std::size_t row, std::size_t slot) {
      grouped_[group_ends_[row - range.begin]++] = static_cast<std::int32_t>(slot);
    });
  }

  void count_group(std::size_t row, std::span<const std::int32_t> slots,
                   CandidateCounts& found) {
    for (const std::int32_t slot : slots)
      ++tail_counts_[static_cast<std::size_t>(slot)];
    kept_.clear();
    for (const std::int32_t slot : slots) {
      const std::int64_t count =
          std::exchange(tail_counts_[static_cast<std::size_t>(slot)], 0);
      if (count >= min_count_) kept_.emplace_back(slot, count);
    }
    std::sort(kept_.begin(), kept_.end());
    for (const auto& [slot, count] : kept_) {
      keep(row, static_cast<std::size_t>(slot), count, found);
    }
  }

  void keep(std::size_t row, std::size_t slot, std::int64_t count,
            CandidateCounts& found) const {
    if (count < min_count_) return;
    const std::size_t number =
        slot < n_frequent_ ? slot : slot - n_frequent_ + counts_.size();
    PhraseList& list = found.candidates;
    list.words.push_back(static_cast<std::int32_t>(row));
    tails_.append_words(static_cast<std::int32_t>(number), list.words);
    list.ends.push_back(static_cast<std::int64_t>(list.words.size()));
    found.counts.push_back(count);
  }

  const Corpus& corpus_;
  std::span<const std::int64_t> counts_;
  const CandidateRule& rule_;
  const TailTable& tails_;
  std::size_t n_frequent_;
  std::int64_t min_count_;
  std::vector<std::int64_t> tail_counts_;  // all zero between two groups
  std::vector<std::int32_t> grouped_;
  std::vector<std::size_t> group_ends_;
  std::vector<std::pair<std::int32_t, std::int64_t>> kept_;
};

void append(CandidateCounts& all, const CandidateCounts& more) {
  const auto n_words = static_cast<std::int64_t>(all.candidates.words.size());
  for (const std::int64_t end : more.candidates.ends) {
    all.candidates.ends.push_back(n_words + end);
  }
  const std::vector<std::int32_t>& words = more.candidates.words;
  all.candidates.words.insert(all.candidates.words.end(), words.begin(), words.end());
  all.counts.insert(all.counts.end(), more.counts.begin(), more.counts.end());
}

// The tails behind connectors; there are none without connectors.
TailTable collect_tails(const Corpus& corpus, std::size_t n_words,
                        const CandidateRule& rule, const PhrasePoll& poll) {
  TailTable tails(n_words);
  if (rule.connectors.empty()) return tails;
  std::atomic<bool> stop{false};
  const auto step = [&](std::int32_t tail, std::int32_t word) {
    return tails.add(tail, word);
  };
  const auto body = [&](std::size_t) {
    for_each_candidate(corpus, rule, stop, step, [](std::int32_t, std::int32_t) {});
  };
  run_workers(1, stop, body, poll);
  return tails;
}

}  // namespace

CandidateCounts count_candidates(const Corpus& corpus,
                                 std::span<const std::int64_t> counts,
                                 const CandidateRule& rule, std::int64_t min_count,
                                 std::size_t n_workers, const PhrasePoll& poll) {
  assert(min_count >= 1 && n_workers >= 1);
  assert(std::is_sorted(counts.rbegin(), counts.rend()));
  assert(rule.connectors.empty() || rule.connectors.size() == counts.size());
  const auto is_frequent = [=](std::int64_t count) { return count >= min_count; };
  const auto n_frequent = static_cast<std::size_t>(
      std::partition_point(counts.begin(), counts.end(), is_frequent) - counts.begin());
  const TailTable tails = collect_tails(corpus, counts.size(), rule, poll);
  const std::vector<Range> ranges = cut_ranges(counts, n_frequent, corpus.ids.size());
  std::vector<CandidateCounts> found(ranges.size());
  std::atomic<std::size_t> next{0};
  std::atomic<bool> stop{false};
  const auto body = [&](std::size_t) {
    RangeCounter counter(corpus, counts, rule, tails, n_frequent, min_count);
    for (std::size_t i = next++; i < ranges.size() && !stop; i = next++) {
      found[i] = counter.count(ranges[i], stop);
    }
  };
  run_workers(std::min(n_workers, ranges.size()), stop, body, poll);
  CandidateCounts all;
  for (CandidateCounts& part : found) {
    append(all, part);
    part = {};
  }
  return all;
}

}  // namespace sgns
