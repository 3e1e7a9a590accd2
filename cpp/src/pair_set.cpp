#include "sgns/pair_set.h"

#include <algorithm>
#include <utility>

#include "parallel.h"

namespace sgns {
namespace {

// Occurrences of pairs that one task collects before it drops the repeated ones.
constexpr std::uint64_t kTaskPairs = std::uint64_t{1} << 23;
// Tokens between two tasks of counting.
constexpr std::size_t kTaskTokens = std::size_t{1} << 17;

// Calls visit(token, range around it) for the tokens from `begin` to `end`.
template <class Visit>
void walk(const TokenText& text, std::int64_t window, std::size_t begin,
          std::size_t end, Visit visit) {
  if (begin >= end) return;
  std::size_t sentence = text.sentence_of(begin);
  for (std::size_t t = begin; t < end; t++) {
    while (t >= text.ends[sentence]) sentence++;
    visit(t, text.around(sentence, t, window));
  }
}

// How many pairs each word is the centre of, repetitions counted.
std::vector<std::uint64_t> occurrences(std::span<const TokenText> texts,
                                       std::size_t n_words, std::int64_t window,
                                       const Poll& poll) {
  std::vector<std::uint64_t> counts(n_words);
  for (const TokenText& text : texts) {
    for (std::size_t at = 0; at < text.ids.size(); at += kTaskTokens) {
      if (poll) poll();
      const std::size_t end = std::min(text.ids.size(), at + kTaskTokens);
      walk(text, window, at, end, [&](std::size_t t, TokenRange near) {
        counts[static_cast<std::size_t>(text.ids[t])] += near.end - near.begin - 1;
      });
    }
  }
  return counts;
}

// Cuts the words into ranges of about kTaskPairs occurrences.
std::vector<TokenRange> cut(std::span<const std::uint64_t> counts) {
  std::vector<TokenRange> ranges;
  std::uint64_t sum = 0;
  std::size_t begin = 0;
  for (std::size_t word = 0; word < counts.size(); word++) {
    if (sum > 0 && sum + counts[word] > kTaskPairs) {
      ranges.push_back({begin, word});
      begin = word;
      sum = 0;
    }
    sum += counts[word];
  }
  ranges.push_back({begin, counts.size()});
  return ranges;
}

// Distinct contexts of the words of one range, row after row.
struct Rows {
  std::vector<std::uint64_t> sizes;
  std::vector<WordId> ids;
};

// Sorts the ids and drops repetitions; marks are all false before and after.
void append_distinct(std::span<WordId> ids, std::vector<bool>& marks, Rows& rows) {
  const std::size_t before = rows.ids.size();
  if (ids.size() > marks.size() / 16) {
    for (const WordId id : ids) marks[static_cast<std::size_t>(id)] = true;
    for (std::size_t id = 0; id < marks.size(); id++) {
      if (!marks[id]) continue;
      rows.ids.push_back(static_cast<WordId>(id));
      marks[id] = false;
    }
  } else {
    std::sort(ids.begin(), ids.end());
    rows.ids.insert(rows.ids.end(), ids.begin(), std::unique(ids.begin(), ids.end()));
  }
  rows.sizes.push_back(rows.ids.size() - before);
}

Rows collect(std::span<const TokenText> texts, std::int64_t window, TokenRange words,
             std::span<const std::uint64_t> counts) {
  std::vector<std::uint64_t> begins(words.end - words.begin + 1);
  for (std::size_t i = 0; i + 1 < begins.size(); i++) {
    begins[i + 1] = begins[i] + counts[words.begin + i];
  }
  std::vector<WordId> all(begins.back());
  std::vector<std::uint64_t> used(begins.begin(), begins.end() - 1);
  for (const TokenText& text : texts) {
    walk(text, window, 0, text.ids.size(), [&](std::size_t t, TokenRange near) {
      const auto word = static_cast<std::size_t>(text.ids[t]);
      if (word < words.begin || word >= words.end) return;
      std::uint64_t& at = used[word - words.begin];
      for (std::size_t i = near.begin; i < near.end; i++) {
        if (i != t) all[at++] = text.ids[i];
      }
    });
  }
  Rows rows;
  std::vector<bool> marks(counts.size());
  for (std::size_t i = 0; i + 1 < begins.size(); i++) {
    const auto row = std::span(all).subspan(begins[i], begins[i + 1] - begins[i]);
    append_distinct(row, marks, rows);
  }
  rows.ids.shrink_to_fit();
  return rows;
}

}  // namespace

PairSet::PairSet(std::span<const TokenText> texts, std::size_t n_words,
                 std::int64_t window, std::size_t n_threads, const Poll& poll)
    : offsets_(1, 0) {
  const std::vector<std::uint64_t> counts = occurrences(texts, n_words, window, poll);
  const std::vector<TokenRange> ranges = cut(counts);
  std::vector<Rows> parts(ranges.size());
  const auto task = [&](std::size_t i, std::size_t) {
    parts[i] = collect(texts, window, ranges[i], counts);
  };
  for_ranges(ranges.size(), 1, n_threads, task, poll);
  offsets_.reserve(n_words + 1);
  for (Rows& part : parts) {
    for (const std::uint64_t size : part.sizes) {
      offsets_.push_back(offsets_.back() + size);
    }
    ids_.insert(ids_.end(), part.ids.begin(), part.ids.end());
    part = {};
  }
}

}  // namespace sgns
