// The words of a corpus and their counts.
#ifndef SGNS_VOCABULARY_H_
#define SGNS_VOCABULARY_H_

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "sgns/page_allocator.h"

namespace sgns {

class WordTable;

// The words of a corpus, sorted by (count descending, bytes ascending). The bytes
// of all words lie in one block of memory that the vocabulary owns.
//
// Thread safety: immutable once made; any number of threads may read one.
class Vocabulary {
 public:
  Vocabulary() = default;
  // Word i is bytes ends[i]..ends[i + 1] - 1 and occurs counts[i] times. REQUIRES: ends
  // start at 0 and end at the number of bytes, one more than there are counts.
  Vocabulary(std::vector<char> bytes, std::vector<std::size_t> ends,
             std::vector<std::int64_t> counts, std::int64_t highest_count);

  [[nodiscard]] std::size_t size() const { return counts_.size(); }

  // Bytes of word `id`, valid as long as the vocabulary.
  // REQUIRES: id < size()
  [[nodiscard]] std::string_view word(std::size_t id) const {
    assert(id < size());
    return {bytes_.data() + ends_[id], ends_[id + 1] - ends_[id]};
  }

  // Occurrences of each word, size() of them, descending.
  [[nodiscard]] const std::vector<std::int64_t>& counts() const { return counts_; }

  // Largest count of all words read, whether or not it reached min_count; 0 when
  // there was no word.
  [[nodiscard]] std::int64_t highest_count() const { return highest_count_; }

 private:
  std::vector<char> bytes_;
  std::vector<std::size_t> ends_{0};  // word i is [ends_[i], ends_[i + 1])
  std::vector<std::int64_t> counts_;
  std::int64_t highest_count_ = 0;
};

// For each table, the row in the vocabulary of each of its words, -1 for words that
// are not in it.
using WordMaps = std::vector<PagedIds>;

// Merges the tables into the vocabulary of the words that occur at least min_count
// times. Words marked invalid are merged as their text with U+FFFD for invalid
// bytes. The tables are used up, and as many threads as there are tables are started if
// there are many words. `poll` is called by the calling thread every 0.1 s; what it
// throws ends the call. std::system_error when a thread cannot be started.
// REQUIRES: min_count >= 1
std::pair<Vocabulary, WordMaps> merge_tables(std::span<WordTable> tables,
                                             std::int64_t min_count,
                                             const std::function<void()>& poll);

}  // namespace sgns

#endif  // SGNS_VOCABULARY_H_
