// Files read by several threads, chunk by chunk, into provisional ids.
#ifndef SGNS_CHUNK_READER_H_
#define SGNS_CHUNK_READER_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "chunk_store.h"
#include "sgns/text_reader.h"

namespace sgns {

// Called by the calling thread every 0.1 s; what it throws ends the call.
using Poll = std::function<void()>;

// Runs body(0), ..., body(n - 1) in n threads and joins them. Rethrows the first
// exception of a body or of poll, after setting `stop`; throws std::system_error when
// a thread cannot be started.
void run_workers(std::size_t n, std::atomic<bool>& stop,
                 const std::function<void(std::size_t)>& body, const Poll& poll);

// Reads a file with one thread for each table, and gives its chunks in the order of
// the text; the last one ends a sentence. When it throws, the tables have the counts
// they had before, and the store the chunks.
std::vector<Chunk> read_chunks(const std::string& path, const std::string& name,
                               TextErrors errors, std::size_t chunk_bytes,
                               std::vector<WordTable>& tables, ChunkStore& store,
                               const Poll& poll);

}  // namespace sgns

#endif  // SGNS_CHUNK_READER_H_
