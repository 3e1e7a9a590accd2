// Files read by several threads, chunk by chunk, into provisional ids.
#ifndef SGNS_CHUNK_READER_H_
#define SGNS_CHUNK_READER_H_

#include <sys/mman.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sgns/corpus.h"
#include "sgns/text_reader.h"

namespace sgns {

class WordTable;

// Asks for pages of 2 MiB inside this memory, where the system has them: filling it
// then costs a page fault for each of those only.
void advise_large_pages(void* data, std::size_t bytes);

// Memory that goes back to the system as soon as it is freed: provisional ids and
// final ones take turns, and a heap would keep both. Small blocks come from the heap.
//
// Thread safety: as std::allocator.
template <typename T>
struct PageAllocator {
  using value_type = T;
  static constexpr std::size_t kMinBytes = std::size_t{64} << 10;

  PageAllocator() = default;
  template <typename U>
  explicit PageAllocator(const PageAllocator<U>& /*other*/) {}

  T* allocate(std::size_t n) {
    if (n * sizeof(T) < kMinBytes) return std::allocator<T>().allocate(n);
    void* pages = mmap(nullptr, n * sizeof(T), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) throw std::bad_alloc();
    advise_large_pages(pages, n * sizeof(T));
    return static_cast<T*>(pages);
  }
  void deallocate(T* data, std::size_t n) {
    if (n * sizeof(T) < kMinBytes) return std::allocator<T>().deallocate(data, n);
    munmap(data, n * sizeof(T));
  }
  friend bool operator==(PageAllocator, PageAllocator) { return true; }
};

// A piece of a text: provisional ids of one table and kSentenceEnd marks, no two
// marks next to each other.
//
// Thread safety: a plain value.
struct Chunk {
  std::vector<std::int32_t, PageAllocator<std::int32_t>> ids;
  std::size_t n_marks = 0;
  std::size_t table = 0;
  bool ends_sentence = false;              // after the last id
  std::vector<std::size_t> sentence_ends;  // in ids, once encoded

  Chunk() = default;
  Chunk(const std::vector<std::int32_t>& source, std::size_t table_index);

  // Gives the words new provisional ids and takes those out whose new id is -1, which
  // are counted. Marks stay.
  std::size_t rename(const std::vector<std::int32_t>& new_ids);

  // Turns provisional ids into rows of the vocabulary, in place, and the marks into
  // sentence_ends; words whose row is -1 are left out.
  void encode(const std::vector<std::int32_t>& rows);
};

// Called by the calling thread every 0.1 s; what it throws ends the call.
using Poll = std::function<void()>;

// Runs body(0), ..., body(n - 1) in n threads and joins them. Rethrows the first
// exception of a body or of poll, after setting `stop`; throws std::system_error when
// a thread cannot be started.
void run_workers(std::size_t n, std::atomic<bool>& stop,
                 const std::function<void(std::size_t)>& body, const Poll& poll);

// Reads a file with one thread for each table, and gives its chunks in the order of
// the text; the last one ends a sentence. When it throws, the tables have the counts
// they had before.
std::vector<Chunk> read_chunks(const std::string& path, const std::string& name,
                               TextErrors errors, std::size_t chunk_bytes,
                               std::vector<WordTable>& tables, const Poll& poll);

// Joins encoded chunks in the order of the text, and frees them.
//
// Thread safety: any number of threads may call add(), once for each chunk. Does not
// own the chunks.
class CorpusWriter {
 public:
  // n_tokens: words that will be left in all chunks together.
  CorpusWriter(std::vector<Chunk>& chunks, std::size_t n_tokens);

  // Chunk i is encoded. Appends the chunks whose turn it is, unless another thread
  // is at it, which then takes this one too.
  void add(std::size_t i);

  // The corpus, complete after the last add().
  Corpus take() { return std::move(corpus_); }

 private:
  void append(const Chunk& chunk);

  std::vector<Chunk>& chunks_;
  Corpus corpus_;
  std::mutex mutex_;  // of the following
  std::vector<bool> is_encoded_;
  std::size_t n_written_ = 0;
  bool is_busy_ = false;
};

// Takes the counts of provisional ids back from their table.
void forget_ids(WordTable& table, std::span<const std::int32_t> ids);

}  // namespace sgns

#endif  // SGNS_CHUNK_READER_H_
