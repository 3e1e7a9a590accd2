#include "corpus_writer.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <span>
#include <utility>

namespace sgns {
namespace {

// Gives encoded chunks their places in the order of the text, puts them there, and
// frees them.
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
    while (i >= n_placed_ + n_ahead_ && !stop) placed_.wait_for(lock, kLookAtStop);
    return !stop;
  }

  // Chunk i is encoded. Puts the chunks whose places are known by that, as another
  // thread may do at the same time with those after them.
  void add(std::size_t i) {
    std::unique_lock lock(mutex_);
    is_encoded_[i] = true;
    while (n_placed_ < chunks_.size() && is_encoded_[n_placed_]) {
      Piece piece = next_piece();
      lock.unlock();
      placed_.notify_all();
      put(piece);
      lock.lock();
    }
  }

  // How long the corpus is when all chunks are added.
  [[nodiscard]] std::size_t n_sentences() const { return n_sentences_; }

 private:
  // An encoded chunk and its place in the corpus.
  struct Piece {
    Chunk chunk;
    std::uint64_t first_id;
    std::size_t first_sentence;
    std::size_t n_known;  // of its sentence ends: they stand in the corpus already
  };

  // REQUIRES: the mutex is held
  Piece next_piece() {
    Piece piece{std::exchange(chunks_[n_placed_++], Chunk()), n_ids_, n_sentences_, 0};
    const std::vector<std::uint64_t>& ends = piece.chunk.sentence_ends;
    n_ids_ += piece.chunk.ids.size();
    if (ends.empty()) return piece;
    piece.n_known = piece.first_id + ends[0] == last_end_ ? 1 : 0;
    n_sentences_ += ends.size() - piece.n_known;
    last_end_ = piece.first_id + ends.back();
    return piece;
  }

  void put(Piece& piece) {
    corpus_.ids.put(piece.first_id, piece.chunk.ids);
    std::vector<std::uint64_t>& ends = piece.chunk.sentence_ends;
    for (std::uint64_t& end : ends) end += piece.first_id;
    corpus_.sentence_ends.put(piece.first_sentence,
                              std::span(ends).subspan(piece.n_known));
  }

  std::vector<Chunk>& chunks_;
  Corpus& corpus_;
  std::size_t n_ahead_;
  std::mutex mutex_;  // of the following
  std::condition_variable placed_;
  std::vector<bool> is_encoded_;
  std::size_t n_placed_ = 0;     // chunks
  std::uint64_t n_ids_ = 0;      // of those chunks
  std::size_t n_sentences_ = 0;  // likewise
  std::uint64_t last_end_ = 0;   // of a sentence
};

}  // namespace

Corpus encode_chunks(std::vector<Chunk>& chunks, const ChunkStore& store,
                     const WordMaps& maps, std::uint64_t n_ids,
                     std::uint64_t n_sentences, std::size_t n_threads,
                     const Poll& poll) {
  Corpus corpus(store.rule(), n_ids, n_sentences);
  corpus.ids.resize(n_ids);
  corpus.sentence_ends.resize(n_sentences);
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
  corpus.sentence_ends.resize(writer.n_sentences());
  corpus.finish();
  return corpus;
}

}  // namespace sgns
