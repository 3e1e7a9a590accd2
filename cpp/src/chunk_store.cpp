#include "chunk_store.h"

#include <algorithm>
#include <cassert>

#include "sgns/text_reader.h"

namespace sgns {
namespace {

// Chunks share blocks of so many ids: large pages, filled to the last one, and given
// back one by one while the chunks are used up.
constexpr std::size_t kBlockIds = std::size_t{2} << 20;

}  // namespace

void Chunk::encode(std::span<const std::int32_t> rows) {
  std::size_t n_kept = 0;
  const auto end_sentence = [&] {
    if (sentence_ends.empty() || sentence_ends.back() != n_kept) {
      sentence_ends.push_back(n_kept);
    }
  };
  for (const std::int32_t id : ids) {
    if (id == kSentenceEnd) {
      end_sentence();
    } else {
      const std::int32_t row = rows[static_cast<std::size_t>(id)];
      ids[n_kept] = row;
      n_kept += row >= 0 ? 1 : 0;
    }
  }
  if (ends_sentence) end_sentence();
  ids = ids.first(n_kept);
}

void forget_ids(WordTable& table, std::span<const std::int32_t> ids) {
  for (const std::int32_t id : ids) {
    if (id != kSentenceEnd) table.forget(id);
  }
}

Chunk ChunkStore::add(std::span<const std::int32_t> ids, std::size_t table) {
  Chunk chunk;
  chunk.n_ids = ids.size();
  chunk.n_marks =
      static_cast<std::size_t>(std::count(ids.begin(), ids.end(), kSentenceEnd));
  chunk.starts_with_mark = !ids.empty() && ids.front() == kSentenceEnd;
  chunk.ends_with_mark = !ids.empty() && ids.back() == kSentenceEnd;
  chunk.table = table;
  const std::uint64_t bytes = ids.size_bytes();
  if (memory_bytes_.fetch_add(bytes) + bytes <= rule_.memory_limit) {
    take_memory(chunk);
    std::copy(ids.begin(), ids.end(), chunk.ids.begin());
  } else {
    memory_bytes_ -= bytes;
    TemporaryFile& target = file();
    chunk.place = file_bytes_.fetch_add(bytes);
    target.write(ids.data(), ids.size_bytes(), chunk.place);
  }
  return chunk;
}

// Memory for the ids of a chunk. The first blocks are small: so are most texts.
void ChunkStore::take_memory(Chunk& chunk) {
  const std::lock_guard lock(mutex_);
  if (!block_ || block_->size() - n_used_ < chunk.n_ids) {
    const std::size_t n_so_far = memory_bytes_ / sizeof(std::int32_t);
    block_ = std::make_shared<PagedIds>(
        std::max(chunk.n_ids, std::min(n_so_far, kBlockIds)));
    n_used_ = 0;
  }
  chunk.memory = block_;
  chunk.ids = std::span(*block_).subspan(n_used_, chunk.n_ids);
  n_used_ += chunk.n_ids;
}

void ChunkStore::load(Chunk& chunk) const {
  if (chunk.place == Chunk::kInMemory) return;
  chunk.memory = std::make_shared<PagedIds>(chunk.n_ids);
  chunk.ids = *chunk.memory;
  file_->read(chunk.ids.data(), chunk.n_ids * sizeof(std::int32_t), chunk.place);
}

std::size_t ChunkStore::rename(std::span<Chunk> chunks,
                               const std::vector<std::int32_t>& new_ids) {
  std::size_t n_dropped = 0;
  for (Chunk& chunk : chunks) {
    load(chunk);
    std::size_t n_kept = 0;
    for (const std::int32_t id : chunk.ids) {
      const bool is_mark = id == kSentenceEnd;
      const std::int32_t new_id = is_mark ? id : new_ids[static_cast<std::size_t>(id)];
      if (is_mark || new_id >= 0) chunk.ids[n_kept++] = new_id;
    }
    n_dropped += chunk.ids.size() - n_kept;
    chunk.ids = chunk.ids.first(n_kept);
    put_back(chunk);
  }
  return n_dropped;
}

// Keeps the ids where they were before load().
void ChunkStore::put_back(Chunk& chunk) {
  assert(chunk.ids.size() <= chunk.n_ids);
  const std::size_t n_fewer = chunk.n_ids - chunk.ids.size();
  chunk.n_ids -= n_fewer;
  if (chunk.place == Chunk::kInMemory) {
    memory_bytes_ -= n_fewer * sizeof(std::int32_t);
    return;
  }
  file_->write(chunk.ids.data(), chunk.n_ids * sizeof(std::int32_t), chunk.place);
  chunk.ids = {};
  chunk.memory.reset();
}

void ChunkStore::remove(std::span<Chunk> chunks, std::span<WordTable> tables,
                        std::uint64_t file_bytes) {
  for (Chunk& chunk : chunks) {
    load(chunk);
    forget_ids(tables[chunk.table], chunk.ids);
    if (chunk.place == Chunk::kInMemory) {
      memory_bytes_ -= chunk.n_ids * sizeof(std::int32_t);
    }
    chunk = Chunk();
  }
  if (file_) file_->cut(file_bytes);
  file_bytes_ = file_bytes;
}

TemporaryFile& ChunkStore::file() {
  const std::lock_guard lock(mutex_);
  if (!file_) file_ = std::make_unique<TemporaryFile>(rule_.folder);
  return *file_;
}

}  // namespace sgns
