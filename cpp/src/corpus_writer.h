// Chunks of a text, encoded by several threads, joined in the order of the text.
// Internal.
#ifndef SGNS_CORPUS_WRITER_H_
#define SGNS_CORPUS_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "chunk_reader.h"
#include "chunk_store.h"
#include "sgns/encoded_corpus.h"
#include "sgns/vocabulary.h"

namespace sgns {

// The text of the chunks in the rows of the vocabulary: n_ids of them, in at most
// n_sentences sentences. The chunks are used up. So many threads are started, and
// joined whatever happens; 0: the calling one does it. std::system_error when one
// cannot be started, FileError for a fault of a temporary file.
Corpus encode_chunks(std::vector<Chunk>& chunks, const ChunkStore& store,
                     const WordMaps& maps, std::uint64_t n_ids,
                     std::uint64_t n_sentences, std::size_t n_threads,
                     const Poll& poll);

}  // namespace sgns

#endif  // SGNS_CORPUS_WRITER_H_
