// What is done to a text in ids: made from arrays, given other ids, written as text.
#ifndef SGNS_ENCODED_CORPUS_H_
#define SGNS_ENCODED_CORPUS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sgns/corpus.h"

namespace sgns {

// The text of these ids, sentence i being [offsets[i], offsets[i + 1]); sentences
// without a word are left out.
// Throws std::invalid_argument, naming the place, for an id that is not in
// 0..n_words-1, and for offsets that do not start at 0, decrease, or do not end at
// ids.size().
Corpus make_corpus(std::span<const std::int32_t> ids,
                   std::span<const std::int64_t> offsets, std::int64_t n_words);

// The text in other rows: id i becomes rows[i]. Words whose new row is -1 are left out,
// and so are sentences that lose all words. Weights go along. Takes the weights along.
// REQUIRES: all ids are below rows.size(); rows are >= -1
Corpus renamed(const Corpus& corpus, std::span<const std::int32_t> rows);

// Occurrences of each id. REQUIRES: all ids are below n_words
std::vector<std::int64_t> count_ids(const Corpus& corpus, std::size_t n_words);

// Words, to write a text in ids as text again.
//
// Thread safety: immutable once all words are added.
class WordList {
 public:
  void append(std::string_view word);
  [[nodiscard]] std::size_t size() const { return ends_.size() - 1; }

  // The tokens begin..end - 1 of a text, with a space between two words of a sentence
  // and a line feed behind each sentence.
  // Throws std::invalid_argument when an id is not below size().
  // REQUIRES: begin <= end <= corpus.ids.size()
  [[nodiscard]] std::string format(const Corpus& corpus, std::size_t begin,
                                   std::size_t end) const;

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_{0};  // word i is [ends_[i], ends_[i + 1])
};

}  // namespace sgns

#endif  // SGNS_ENCODED_CORPUS_H_
