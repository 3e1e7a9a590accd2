// The builder that reads texts.
#ifndef SGNS_CORPUS_H_
#define SGNS_CORPUS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "sgns/encoded_corpus.h"
#include "sgns/stored_array.h"
#include "sgns/text_reader.h"
#include "sgns/vocabulary.h"

namespace sgns {

// Reads texts once and gives their vocabulary and their encoded corpus. Words get
// provisional ids while reading, one table of words for each thread; finish() sorts
// the vocabulary and renames the ids. The result depends neither on the number of
// threads nor on how files are cut into chunks.
//
// With a limit to the words, the least frequent ones are dropped when a million tokens
// have brought more: first those that occurred once so far, the next time those that
// occurred up to twice, and so on until they fit (the rule of the original program).
// Their occurrences so far are lost.
//
// Ids beyond the limit of the storage rule go to temporary files: provisional ones to
// one that lives as long as the builder, those of the corpus to one of its own.
//
// A call that throws leaves the builder as it was before the file, the stream or
// the uncommitted sentences it belongs to; a fault of the temporary file while words
// are dropped leaves it empty.
//
// Thread safety: none; one call at a time. add_file and finish start up to
// `workers` threads and join all of them before they return or throw.
class CorpusBuilder {
 public:
  // Called by the calling thread every 0.1 s of a long call; what it throws ends
  // the call.
  using Poll = std::function<void()>;

  static constexpr std::int64_t kDefaultChunkBytes = std::int64_t{1} << 20;
  static constexpr std::int64_t kMaxChunkBytes = std::int64_t{1} << 30;
  static constexpr std::int64_t kMaxWorkers = 1024;

  // max_words: limit to the distinct words that are kept while reading; 0: none.
  // Throws std::invalid_argument when workers is not in 1..kMaxWorkers, chunk_bytes is
  // not in 1..kMaxChunkBytes, or max_words is negative.
  // All calls that add or finish throw FileError for a fault of a temporary file.
  CorpusBuilder(TextErrors errors, std::int64_t workers,
                std::int64_t chunk_bytes = kDefaultChunkBytes,
                std::int64_t max_words = 0, StorageRule storage = {});
  ~CorpusBuilder();
  CorpusBuilder(CorpusBuilder&&) noexcept;
  CorpusBuilder& operator=(CorpusBuilder&&) noexcept;

  // Adds a regular file, its chunks read in parallel; `name` stands for it in
  // messages. Throws FileError when it cannot be opened or read,
  // std::invalid_argument when it is no text or changes meanwhile, and
  // std::system_error when a thread cannot be started. REQUIRES: no limit to the words,
  // which are read by several threads; see add_text().
  void add_file(const std::string& path, const std::string& name, const Poll& poll);

  // Adds the next block of the stream `name`; words and lines may continue in the
  // next block. Faults of the text may be found by a later call on the stream.
  void add_text(std::string_view block, const std::string& name);

  // Ends the stream with its last word and sentence. No open stream: does nothing.
  void end_text();

  // Adds words to the sentence being built; many at once cost less for each.
  // REQUIRES: each has 1 to kMaxWordBytes bytes; no stream is open.
  void add_words(std::span<const std::string_view> words);

  // Ends the sentence being built; false when it has no word and counts for nothing.
  bool end_sentence();

  // Keeps the words added since the last commit, or takes them back.
  void commit();
  void roll_back();

  // Throws std::invalid_argument when a stream waits for end_text().
  void require_no_stream() const;

  // Words and sentences (with at least one word) added so far.
  [[nodiscard]] std::uint64_t n_tokens() const;
  [[nodiscard]] std::uint64_t n_sentences() const;

  // What the limit to the words has dropped.
  struct Dropped {
    std::uint64_t words = 0;  // a word that came back counts again
    std::uint64_t tokens = 0;
    std::int64_t most = 0;  // occurrences so far of the most frequent ones
  };
  [[nodiscard]] const Dropped& dropped() const;

  // The words that occur at least min_count times, and the text in them. The
  // builder is empty afterwards, also when this throws while encoding.
  // Throws std::invalid_argument when min_count < 1 or a stream is open.
  std::pair<Vocabulary, Corpus> finish(std::int64_t min_count, const Poll& poll);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sgns

#endif  // SGNS_CORPUS_H_
