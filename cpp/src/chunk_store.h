// Pieces of a text in provisional ids, in memory up to a limit, then in a temporary
// file. Internal.
#ifndef SGNS_CHUNK_STORE_H_
#define SGNS_CHUNK_STORE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "sgns/page_allocator.h"
#include "sgns/stored_array.h"
#include "sgns/temporary_file.h"
#include "word_table.h"

namespace sgns {

// A piece of a text: provisional ids of one table and kSentenceEnd marks, no two
// marks next to each other.
//
// Thread safety: a plain value.
struct Chunk {
  static constexpr std::uint64_t kInMemory = std::numeric_limits<std::uint64_t>::max();

  std::span<std::int32_t> ids;       // empty while they are in the file
  std::shared_ptr<PagedIds> memory;  // where they are, with those of other chunks
  std::size_t n_ids = 0;
  std::size_t n_marks = 0;
  bool starts_with_mark = false;
  bool ends_with_mark = false;
  std::uint64_t place = kInMemory;  // of the ids in the file
  std::size_t table = 0;
  bool ends_sentence = false;  // after the last id
  // Once encoded: ends of sentences in ids, strictly increasing. The first one is 0
  // when a sentence of an earlier chunk ends before the first id.
  std::vector<std::uint64_t> sentence_ends;

  // Turns provisional ids into rows of the vocabulary, in place, and the marks into
  // sentence_ends; words whose row is -1 are left out. REQUIRES: the ids are in memory.
  void encode(std::span<const std::int32_t> rows);
};

// Takes the counts of provisional ids back from their table.
void forget_ids(WordTable& table, std::span<const std::int32_t> ids);

// Keeps the ids of chunks. What throws a FileError leaves the other chunks as they are.
//
// Thread safety: add() and load() may run in any number of threads, each with its own
// chunk; the rest runs alone.
class ChunkStore {
 public:
  explicit ChunkStore(StorageRule rule) : rule_(std::move(rule)) {}

  [[nodiscard]] const StorageRule& rule() const { return rule_; }

  // A chunk of these ids.
  Chunk add(std::span<const std::int32_t> ids, std::size_t table);

  // Brings the ids to memory.
  void load(Chunk& chunk) const;

  // Gives the words new provisional ids and takes those out whose new id is -1, which
  // are counted. Marks stay. When it throws, some chunks have their new ids.
  std::size_t rename(std::span<Chunk> chunks, const std::vector<std::int32_t>& new_ids);

  // Takes chunks back with their counts: all that have been added since the file had
  // so many bytes.
  void remove(std::span<Chunk> chunks, std::span<WordTable> tables,
              std::uint64_t file_bytes);
  [[nodiscard]] std::uint64_t file_bytes() const { return file_bytes_; }

 private:
  TemporaryFile& file();
  void take_memory(Chunk& chunk);
  void put_back(Chunk& chunk);

  StorageRule rule_;
  std::atomic<std::uint64_t> memory_bytes_{0};
  std::atomic<std::uint64_t> file_bytes_{0};
  std::mutex mutex_;  // of all below
  std::unique_ptr<TemporaryFile> file_;
  std::shared_ptr<PagedIds> block_;  // memory for the chunks to come
  std::size_t n_used_ = 0;           // of its ids
};

}  // namespace sgns

#endif  // SGNS_CHUNK_STORE_H_
