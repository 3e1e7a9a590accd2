#include "corpus_writer.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace sgns {
namespace {

// Joins encoded chunks in the order of the text, and frees them.
//
// Thread safety: any number of threads may call wait_for_turn() and add(), once for
// each chunk, each thread in the order of the text. Does not own chunks and corpus.
class CorpusWriter {
 public:
  // No more than n_ahead chunks wait for an earlier one. REQUIRES: n_ahead >= 1
  CorpusWriter(std::vector<Chunk>& chunks, Corpus& corpus, std::size_t n_ahead)
      : chunks_(chunks),
        corpus_(corpus),
        n_ahead_(n_ahead),
        is_encoded_(chunks.size()) {}

  // Waits until chunk i may be encoded; false when `stop` was set meanwhile.
  bool wait_for_turn(std::size_t i, const std::atomic<bool>& stop) {
    constexpr std::chrono::milliseconds kLookAtStop{10};
    std::unique_lock lock(mutex_);
    while (i >= n_written_ + n_ahead_ && !stop) written_.wait_for(lock, kLookAtStop);
    return !stop;
  }

  // Chunk i is encoded. Appends the chunks whose turn it is, unless another thread
  // is at it, which then takes this one too.
  void add(std::size_t i) {
    std::unique_lock lock(mutex_);
    is_encoded_[i] = true;
    if (is_busy_) return;
    is_busy_ = true;
    for (; n_written_ < chunks_.size() && is_encoded_[n_written_]; ++n_written_) {
      Chunk& chunk = chunks_[n_written_];
      lock.unlock();
      append(chunk);
      chunk = Chunk();
      written_.notify_all();
      lock.lock();
    }
    is_busy_ = false;
  }

 private:
  void append(const Chunk& chunk) {
    const std::uint64_t begin = corpus_.ids.size();
    corpus_.ids.append(chunk.ids);
    for (const std::uint64_t end : chunk.sentence_ends) {
      if (begin + end <= last_end_) continue;
      last_end_ = begin + end;
      corpus_.sentence_ends.push_back(last_end_);
    }
  }

  std::vector<Chunk>& chunks_;
  Corpus& corpus_;
  std::size_t n_ahead_;
  std::uint64_t last_end_ = 0;  // of a sentence
  std::mutex mutex_;            // of the following
  std::condition_variable written_;
  std::vector<bool> is_encoded_;
  std::size_t n_written_ = 0;
  bool is_busy_ = false;
};

}  // namespace

void encode_chunks(std::vector<Chunk>& chunks, const ChunkStore& store,
                   const WordMaps& maps, std::size_t n_threads, const Poll& poll,
                   Corpus& corpus) {
  CorpusWriter writer(chunks, corpus, std::max<std::size_t>(1, 2 * n_threads));
  std::atomic<std::size_t> next{0};
  std::atomic<bool> stop{false};
  const auto body = [&](std::size_t) {
    for (std::size_t i = next++; i < chunks.size(); i = next++) {
      if (!writer.wait_for_turn(i, stop)) return;
      store.load(chunks[i]);
      chunks[i].encode(maps[chunks[i].table]);
      writer.add(i);
    }
  };
  if (n_threads == 0) {
    body(0);
  } else {
    run_workers(std::min(n_threads, chunks.size()), stop, body, poll);
  }
  corpus.finish();
}

}  // namespace sgns
