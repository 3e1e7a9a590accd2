// A text in ids, and what is done to it: made from arrays, given other ids, written as
// text.
#ifndef SGNS_ENCODED_CORPUS_H_
#define SGNS_ENCODED_CORPUS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sgns/stored_array.h"

namespace sgns {

// A text as word ids: all sentences end to end.
//
// Thread safety: a plain value; any number of threads may read one.
struct Corpus {
  // Row of each word in the vocabulary, 0..n_words-1, in the order of the text.
  StoredArray<std::int32_t> ids;
  // Exclusive ends of the sentences, strictly increasing; the last one is
  // ids.size(). Sentences without a word in the vocabulary do not appear.
  StoredArray<std::uint64_t> sentence_ends;
  // Factor of the learning rate of each sentence, finite and >= 0; empty: all are 1.
  std::vector<float> sentence_weights;
  // Where ids and ends are, and those of texts that are made of this one.
  StorageRule storage;

  Corpus() = default;
  // For at most so many ids and sentences: in a file when the rule wants one for these.
  Corpus(const StorageRule& rule, std::uint64_t n_ids, std::uint64_t n_sentences);
  // Nothing is added any more. To be called before the text is read.
  void finish();
};

// The text of these ids, sentence i being [offsets[i], offsets[i + 1]); sentences
// without a word are left out.
// Throws std::invalid_argument, naming the place, for an id that is not in
// 0..n_words-1, and for offsets that do not start at 0, decrease, or do not end at
// ids.size().
Corpus make_corpus(std::span<const std::int32_t> ids,
                   std::span<const std::int64_t> offsets, std::int64_t n_words,
                   const StorageRule& storage = {});

// The text in other rows: id i becomes rows[i]. Words whose new row is -1 are left out,
// and so are sentences that lose all words. Weights go along.
// REQUIRES: all ids are below rows.size(); rows are >= -1
Corpus renamed(const Corpus& corpus, std::span<const std::int32_t> rows);

// The sentences i whose chosen[i] is not 0. Weights go along.
// REQUIRES: there are as many values as sentences
Corpus chosen_sentences(const Corpus& corpus, std::span<const std::uint8_t> chosen);

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
