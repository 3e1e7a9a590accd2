#include "sgns/vocabulary.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "chunk_reader.h"
#include "parallel_sort.h"
#include "word_merge.h"

namespace sgns {
namespace {

// So few words are merged without starting threads.
constexpr std::size_t kFewWords = std::size_t{1} << 14;

// Parts of the words for each thread: one that comes late leaves some to the others.
constexpr std::size_t kPartsOfAThread = 4;

// Words that a thread copies to the vocabulary at once.
constexpr std::size_t kCopiedWords = 2048;

bool comes_first(const MergedWord& a, const MergedWord& b) {
  if (a.count != b.count) return a.count > b.count;
  if (a.first_bytes != b.first_bytes) return a.first_bytes < b.first_bytes;
  return a.text() < b.text();
}

// Merges tables in several threads, and sorts their words.
class Merger {
 public:
  Merger(std::span<WordTable> tables, std::int64_t min_count, const Poll& poll)
      : merge_(tables, min_count), poll_(poll) {
    std::size_t n_words = 0;
    for (const WordTable& table : tables) n_words += table.size();
    n_threads_ = n_words <= kFewWords ? 0 : tables.size();
  }

  std::pair<Vocabulary, WordMaps> run() {
    for_each(merge_.n_tables(), [&](std::size_t t) { merge_.start(t); });
    for_each(merge_.n_shares(), [&](std::size_t s) { merge_.merge(s); });
    merge_.number_words();
    const std::size_t n_parts = n_threads_ < 2 ? 1 : kPartsOfAThread * n_threads_;
    sorted_ =
        sorted_by_parts(merge_.words(), n_parts, comes_first,
                        [this](std::size_t n, const auto& body) { for_each(n, body); });
    Vocabulary vocabulary = copy_words();
    for_each(merge_.n_shares(), [&](std::size_t s) { merge_.set_rows(s, rows_); });
    for_each(merge_.n_tables(), [&](std::size_t t) { merge_.end(t); });
    return {std::move(vocabulary), std::move(merge_.maps())};
  }

 private:
  // Calls body(0), ..., body(n - 1), each in the thread that is free first.
  template <typename Body>
  void for_each(std::size_t n, const Body& body) {
    std::atomic<std::size_t> next{0};
    std::atomic<bool> stop{false};
    const auto work = [&](std::size_t) {
      for (std::size_t i = next++; i < n && !stop; i = next++) body(i);
    };
    if (n_threads_ == 0) return work(0);
    run_workers(std::min(n_threads_, n), stop, work, poll_);
  }

  // The vocabulary of the sorted words, whose rows are noted.
  Vocabulary copy_words() {
    const std::size_t n = sorted_.size();
    std::vector<std::size_t> ends(n + 1);
    for (std::size_t i = 0; i < n; ++i) ends[i + 1] = ends[i] + sorted_[i].size;
    std::vector<char> bytes(ends[n]);
    std::vector<std::int64_t> counts(n);
    rows_.resize(n);
    for_each((n + kCopiedWords - 1) / kCopiedWords, [&](std::size_t part) {
      constexpr std::size_t kPrefetchDistance = 8;
      const std::size_t end = std::min(n, (part + 1) * kCopiedWords);
      for (std::size_t i = part * kCopiedWords; i < end; ++i) {
        __builtin_prefetch(sorted_[std::min(i + kPrefetchDistance, n - 1)].data);
        const MergedWord& word = sorted_[i];
        std::memcpy(bytes.data() + ends[i], word.data, word.size);
        counts[i] = word.count;
        rows_[static_cast<std::size_t>(word.number)] = static_cast<std::int32_t>(i);
      }
    });
    return {std::move(bytes), std::move(ends), std::move(counts),
            merge_.highest_count()};
  }

  WordMerge merge_;
  const Poll& poll_;
  std::size_t n_threads_;  // 0: the calling one does it
  Paged<MergedWord> sorted_;
  std::vector<std::int32_t> rows_;  // of the words by their numbers
};

}  // namespace

Vocabulary::Vocabulary(std::vector<char> bytes, std::vector<std::size_t> ends,
                       std::vector<std::int64_t> counts, std::int64_t highest_count)
    : bytes_(std::move(bytes)),
      ends_(std::move(ends)),
      counts_(std::move(counts)),
      highest_count_(highest_count) {
  assert(ends_.size() == counts_.size() + 1 && ends_.back() == bytes_.size());
}

std::pair<Vocabulary, WordMaps> merge_tables(std::span<WordTable> tables,
                                             std::int64_t min_count,
                                             const std::function<void()>& poll) {
  assert(min_count >= 1);
  if (tables.empty()) return {};
  return Merger(tables, min_count, poll).run();
}

}  // namespace sgns
