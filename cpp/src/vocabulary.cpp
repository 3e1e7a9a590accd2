#include "sgns/vocabulary.h"

#include <algorithm>
#include <atomic>

#include "chunk_reader.h"
#include "word_merge.h"

namespace sgns {
namespace {

// Shares of the words beyond which more threads would not help.
constexpr std::size_t kMaxShares = 64;

// So few words are merged without starting threads.
constexpr std::size_t kFewWords = std::size_t{1} << 14;

// What a word is sorted by: equal counts and first bytes need a look at the word.
struct SortKey {
  std::int64_t count;
  std::uint64_t first_bytes;  // first byte highest, so that numbers sort as bytes do
  std::uint32_t share;
  std::uint32_t index;  // in the words of the share
};

std::uint64_t first_bytes(std::string_view word) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    const char byte = i < word.size() ? word[i] : '\0';
    value = (value << 8) | static_cast<unsigned char>(byte);
  }
  return value;
}

// Merges tables in several threads, and sorts their words.
class Merger {
 public:
  Merger(std::span<WordTable> tables, std::int64_t min_count, const Poll& poll)
      : merge_(tables, std::min(tables.size(), kMaxShares)),
        min_count_(min_count),
        poll_(poll),
        keys_(merge_.n_shares()) {
    std::size_t n_words = 0;
    for (const WordTable& table : tables) n_words += table.size();
    is_small_ = n_words <= kFewWords;
  }

  std::pair<Vocabulary, WordMaps> run() {
    in_parallel(merge_.n_tables(), [&](std::size_t t) { merge_.share(t); });
    in_parallel(merge_.n_shares(), [&](std::size_t s) {
      merge_.merge(s);
      sort(s);
    });
    Vocabulary vocabulary;
    std::vector<std::vector<std::int32_t>> rows = append_sorted(vocabulary);
    WordMaps maps(merge_.n_tables());
    in_parallel(maps.size(), [&](std::size_t t) { maps[t] = merge_.rows_of(t, rows); });
    return {std::move(vocabulary), std::move(maps)};
  }

 private:
  template <typename Body>
  void in_parallel(std::size_t n, const Body& body) {
    std::atomic<bool> stop{false};
    if (n > 1 && !is_small_) return run_workers(n, stop, body, poll_);
    for (std::size_t i = 0; i < n; ++i) body(i);
  }

  [[nodiscard]] std::string_view text(const SortKey& key) const {
    return merge_.text(merge_.words(key.share)[key.index]);
  }

  [[nodiscard]] auto comes_first() const {
    return [this](const SortKey& a, const SortKey& b) {
      if (a.count != b.count) return a.count > b.count;
      if (a.first_bytes != b.first_bytes) return a.first_bytes < b.first_bytes;
      return text(a) < text(b);
    };
  }

  void sort(std::size_t share) {
    std::vector<SortKey>& keys = keys_[share];
    const std::span<const MergedWord> words = merge_.words(share);
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i].count < min_count_) continue;
      keys.push_back({words[i].count, first_bytes(merge_.text(words[i])),
                      static_cast<std::uint32_t>(share),
                      static_cast<std::uint32_t>(i)});
    }
    std::sort(keys.begin(), keys.end(), comes_first());
  }

  // Fills the vocabulary; returns the row of each word of each share, -1 for those
  // that are too rare.
  std::vector<std::vector<std::int32_t>> append_sorted(Vocabulary& vocabulary) {
    std::vector<std::vector<std::int32_t>> rows(merge_.n_shares());
    std::vector<SortKey> sorted;
    std::int64_t highest = 0;
    for (std::size_t s = 0; s < rows.size(); ++s) {
      rows[s].assign(merge_.words(s).size(), -1);
      for (const MergedWord& word : merge_.words(s)) {
        highest = std::max(highest, word.count);
      }
      const auto middle = static_cast<std::ptrdiff_t>(sorted.size());
      sorted.insert(sorted.end(), keys_[s].begin(), keys_[s].end());
      std::inplace_merge(sorted.begin(), sorted.begin() + middle, sorted.end(),
                         comes_first());
    }
    vocabulary.set_highest_count(highest);
    for (const SortKey& key : sorted) {
      rows[key.share][key.index] = static_cast<std::int32_t>(vocabulary.size());
      vocabulary.append(text(key), key.count);
    }
    return rows;
  }

  WordMerge merge_;
  std::int64_t min_count_;
  const Poll& poll_;
  bool is_small_;
  std::vector<std::vector<SortKey>> keys_;  // of each share, sorted
};

}  // namespace

void Vocabulary::append(std::string_view word, std::int64_t count) {
  bytes_.insert(bytes_.end(), word.begin(), word.end());
  ends_.push_back(bytes_.size());
  counts_.push_back(count);
}

std::pair<Vocabulary, WordMaps> merge_tables(std::span<WordTable> tables,
                                             std::int64_t min_count,
                                             const std::function<void()>& poll) {
  assert(min_count >= 1);
  if (tables.empty()) return {};
  return Merger(tables, min_count, poll).run();
}

}  // namespace sgns
