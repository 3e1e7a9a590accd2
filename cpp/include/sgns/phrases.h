// Words that form phrases, found and joined in a text of word ids (Mikolov et al.,
// 2013, Distributed representations of words and phrases, section 4).
#ifndef SGNS_PHRASES_H_
#define SGNS_PHRASES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "sgns/corpus.h"

namespace sgns {

// Sequences of words, end to end. The words of each are a first word, any number of
// connectors, and a last word.
//
// Thread safety: a plain value.
struct PhraseList {
  std::vector<std::int32_t> words;  // rows of the vocabulary
  std::vector<std::int64_t> ends;   // exclusive ends in words
};

// Sequences, and how often each occurs.
//
// Thread safety: a plain value.
struct CandidateCounts {
  PhraseList candidates;  // sorted by their first word
  std::vector<std::int64_t> counts;
};

// Which sequences of a text are candidates: two words that are no connectors, with
// nothing but connectors between them. Does not own what it points to.
//
// Thread safety: a plain value.
struct CandidateRule {
  // Not 0 for rows of the vocabulary that are connectors; empty: none is.
  std::span<const std::uint8_t> connectors;
  // The last word of a sentence and the first of the next form a candidate too.
  bool across_sentences = false;

  [[nodiscard]] bool is_connector(std::int32_t row) const {
    return !connectors.empty() && connectors[static_cast<std::size_t>(row)] != 0;
  }
};

// Called by the calling thread every 0.1 s; what it throws ends the call.
using PhrasePoll = std::function<void()>;

// Counts the candidates that occur at least min_count times, with up to n_workers
// threads. `counts` are those of the words of the corpus, one for each row. The result
// does not depend on the number of threads. Beside it, memory is taken for the larger
// of 4 million and a sixteenth of the tokens for each thread, 4 bytes a token.
// REQUIRES: counts descending, min_count >= 1, n_workers >= 1; connectors is empty or
// of the size of counts.
// Throws std::invalid_argument when the text has too many runs of connectors.
CandidateCounts count_candidates(const Corpus& corpus,
                                 std::span<const std::int64_t> counts,
                                 const CandidateRule& rule, std::int64_t min_count,
                                 std::size_t n_workers, const PhrasePoll& poll);

// The text with its phrases joined, from left to right in each sentence: phrase i
// becomes the id n_words + i; all other words stay as they are.
// REQUIRES: all ids are below n_words, n_words + the number of phrases fits into
// 31 bits, and each phrase is a candidate of the rule.
Corpus join_phrases(const Corpus& corpus, std::size_t n_words,
                    const CandidateRule& rule, const PhraseList& phrases,
                    const PhrasePoll& poll);

}  // namespace sgns

#endif  // SGNS_PHRASES_H_
