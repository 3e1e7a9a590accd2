#include "sgns/phrases.h"

#include <atomic>
#include <cassert>

#include "chunk_reader.h"
#include "tail_table.h"

namespace sgns {
namespace {

constexpr std::int32_t kNoWord = -1;

// The stop flag is looked at when this many tokens are done.
constexpr std::size_t kStopInterval = std::size_t{1} << 16;

// Joins the phrases of one sentence after the other.
class Joiner {
 public:
  Joiner(const CandidateRule& rule, const TailTable& tails, const PairTable& phrases)
      : rule_(rule), tails_(tails), phrases_(phrases) {}

  // Reads the next word, and appends what is decided now.
  void read(std::int32_t word, StoredArray<std::int32_t>& ids) {
    if (rule_.is_connector(word)) {
      if (first_ == kNoWord) return ids.push_back(word);
      between_.push_back(word);
      tail_ = tails_.find(tail_, word);
      return;
    }
    if (first_ != kNoWord) {
      const std::int32_t tail = tails_.find(tail_, word);
      const std::int32_t phrase = phrases_.find(first_, tail);
      if (phrase != PairTable::kNotFound) {
        ids.push_back(phrase);
        return clear();
      }
      end(ids);
    }
    first_ = word;
  }

  // Appends the words that wait for more.
  void end(StoredArray<std::int32_t>& ids) {
    if (first_ != kNoWord) ids.push_back(first_);
    ids.append(between_);
    clear();
  }

 private:
  void clear() {
    first_ = kNoWord;
    tail_ = TailTable::kEmpty;
    between_.clear();
  }

  const CandidateRule& rule_;
  const TailTable& tails_;
  const PairTable& phrases_;
  std::int32_t first_ = kNoWord;
  std::int32_t tail_ = TailTable::kEmpty;
  std::vector<std::int32_t> between_;
};

Corpus join_sentences(const Corpus& corpus, const CandidateRule& rule,
                      const TailTable& tails, const PairTable& phrases,
                      const std::atomic<bool>& stop) {
  Corpus joined(corpus.storage, corpus.ids.size(), corpus.sentence_ends.size());
  Joiner joiner(rule, tails, phrases);
  std::size_t i = 0;
  for (const std::uint64_t end : corpus.sentence_ends) {
    for (; i < end; ++i) {
      if (i % kStopInterval == 0 && stop.load(std::memory_order_relaxed)) return joined;
      joiner.read(corpus.ids[i], joined.ids);
    }
    joiner.end(joined.ids);
    joined.sentence_ends.push_back(joined.ids.size());
  }
  joined.finish();
  joined.sentence_weights = corpus.sentence_weights;
  return joined;
}

}  // namespace

Corpus join_phrases(const Corpus& corpus, std::size_t n_words,
                    const CandidateRule& rule, const PhraseList& phrases,
                    const PhrasePoll& poll) {
  TailTable tails(n_words);
  PairTable table;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < phrases.ends.size(); ++i) {
    const auto end = static_cast<std::size_t>(phrases.ends[i]);
    assert(end >= begin + 2);
    std::int32_t tail = TailTable::kEmpty;
    for (std::size_t k = begin + 1; k < end; ++k)
      tail = tails.add(tail, phrases.words[k]);
    if (table.find(phrases.words[begin], tail) == PairTable::kNotFound) {
      table.insert(phrases.words[begin], tail, static_cast<std::int32_t>(n_words + i));
    }
    begin = end;
  }
  Corpus joined;
  std::atomic<bool> stop{false};
  const auto body = [&](std::size_t) {
    joined = join_sentences(corpus, rule, tails, table, stop);
  };
  run_workers(1, stop, body, poll);
  return joined;
}

}  // namespace sgns
