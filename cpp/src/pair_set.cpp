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
    : rows_(n_words) {
  const std::vector<std::uint64_t> counts = occurrences(texts, n_words, window, poll);
  const std::vector<TokenRange> ranges = cut(counts);
  std::vector<Rows> parts(ranges.size());
  const auto task = [&](std::size_t i, std::size_t) {
    parts[i] = collect(texts, window, ranges[i], counts);
  };
  for_ranges(ranges.size(), 1, n_threads, task, poll);
  std::uint64_t end = kBucket;
  for (std::size_t i = 0; i < ranges.size(); i++) {
    for (std::size_t j = 0; j < parts[i].sizes.size(); j++) {
      end = lay_out(ranges[i].begin + j, parts[i].sizes[j], end);
    }
  }
  cells_.resize(end);
  std::fill_n(cells_.begin(), kBucket, kFree);
  const auto store_range = [&](std::size_t i, std::size_t) {
    std::span<const WordId> ids = parts[i].ids;
    for (std::size_t j = 0; j < parts[i].sizes.size(); j++) {
      if (parts[i].sizes[j] == 0) continue;
      store(ranges[i].begin + j, ids.first(parts[i].sizes[j]));
      ids = ids.subspan(parts[i].sizes[j]);
    }
    parts[i] = {};
  };
  for_ranges(ranges.size(), 1, n_threads, store_range, poll);
}

// Chooses the form of a row whose cells start at `begin`; where they end.
std::uint64_t PairSet::lay_out(std::size_t word, std::uint64_t n_ids,
                               std::uint64_t begin) {
  if (n_ids == 0) {
    rows_[word] = {.begin = 0, .n_buckets = 1};  // the free one of all such words
    return begin;
  }
  const std::uint64_t n_buckets = 2 * n_ids / kBucket + 1;
  const std::uint64_t n_lines = n_words() / (32 * kBucket) + 1;
  const bool is_table = n_buckets < n_lines;
  rows_[word] = {.begin = begin,
                 .n_buckets = is_table ? static_cast<std::uint32_t>(n_buckets) : 0};
  return begin + kBucket * (is_table ? n_buckets : n_lines);
}

void PairSet::store(std::size_t word, std::span<const WordId> ids) {
  const Row row = rows_[word];
  std::uint32_t* const cells = &cells_[row.begin];
  if (row.n_buckets == 0) {
    for (const WordId id : ids) {
      const auto bit = static_cast<std::uint32_t>(id);
      cells[bit / 32] |= std::uint32_t{1} << (bit % 32);
    }
    return;
  }
  const std::size_t n_cells = row.n_buckets * kBucket;
  std::fill_n(cells, n_cells, kFree);
  for (const WordId id : ids) {
    const auto value = static_cast<std::uint32_t>(id);
    std::size_t at = first_bucket(value, row.n_buckets) * kBucket;
    while (cells[at] != kFree) at = at + 1 == n_cells ? 0 : at + 1;
    cells[at] = value;
  }
}

std::vector<WordId> PairSet::row(WordId word) const {
  const Row row = rows_[static_cast<std::size_t>(word)];
  std::vector<WordId> ids;
  if (row.n_buckets == 0) {
    for (std::size_t id = 0; id < n_words(); id++) {
      const auto other = static_cast<WordId>(id);
      if (contains(word, other)) ids.push_back(other);
    }
    return ids;
  }
  for (std::size_t i = 0; i < row.n_buckets * kBucket; i++) {
    const std::uint32_t cell = cells_[row.begin + i];
    if (cell != kFree) ids.push_back(static_cast<WordId>(cell));
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace sgns
