// Chunks of a text, encoded by several threads, joined in the order of the text.
// Internal.
#ifndef SGNS_CORPUS_WRITER_H_
#define SGNS_CORPUS_WRITER_H_

#include <cstddef>
#include <vector>

#include "chunk_reader.h"
#include "chunk_store.h"
#include "sgns/encoded_corpus.h"
#include "sgns/vocabulary.h"

namespace sgns {

// Appends the text of the chunks, in the rows of the vocabulary, to an empty corpus and
// finishes it. The chunks are used up. So many threads are started, and joined whatever
// happens; 0: the calling one does it. std::system_error when one cannot be started,
// FileError for a fault of a temporary file.
void encode_chunks(std::vector<Chunk>& chunks, const ChunkStore& store,
                   const WordMaps& maps, std::size_t n_threads, const Poll& poll,
                   Corpus& corpus);

}  // namespace sgns

#endif  // SGNS_CORPUS_WRITER_H_
