#include "sgns/corpus.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <limits>
#include <numeric>
#include <optional>
#include <stdexcept>

#include "chunk_reader.h"
#include "chunk_store.h"
#include "corpus_writer.h"
#include "utf8.h"
#include "word_table.h"

namespace sgns {
namespace {

// Ids of streams and sentences are collected in pieces of this many.
constexpr std::size_t kPendingIds = std::size_t{1} << 20;

// Bytes of a stream that are collected before they are scanned, so that the cost
// does not depend on how small its blocks are.
constexpr std::size_t kStreamBytes = std::size_t{256} << 10;

// Words are looked up together, so that the waits for memory overlap.
constexpr std::size_t kBatchWords = 32;
constexpr std::int64_t kMaxLimit = std::numeric_limits<std::int64_t>::max();

// So few tokens are encoded without starting threads.
constexpr std::uint64_t kFewTokens = std::uint64_t{1} << 20;

std::size_t in_range(const char* name, std::int64_t value, std::int64_t highest) {
  if (value < 1 || value > highest) {
    throw std::invalid_argument(std::string(name) + " must be an int from 1 to " +
                                std::to_string(highest) + ", got " +
                                std::to_string(value));
  }
  return static_cast<std::size_t>(value);
}

// A text that comes in blocks.
struct Stream {
  std::string name;
  TextScanner scanner;
  bool is_started = false;  // the byte order mark has been looked for
};

// What has been read so far.
struct Totals {
  std::uint64_t n_tokens = 0;
  std::uint64_t n_sentences = 0;
  bool is_open = false;  // the last sentence has words and no end

  void add(const Chunk& chunk) {
    n_tokens += chunk.n_ids - chunk.n_marks;
    n_sentences += chunk.n_marks - (chunk.starts_with_mark && !is_open ? 1 : 0);
    if (chunk.n_ids > 0) is_open = !chunk.ends_with_mark;
    if (chunk.ends_sentence && is_open) {
      ++n_sentences;
      is_open = false;
    }
  }
};

}  // namespace

struct CorpusBuilder::State {
  TextErrors errors;
  std::size_t n_workers;
  std::size_t chunk_bytes;
  std::vector<WordTable> tables{1};  // streams and sentences use the first one
  ChunkStore store;
  std::vector<Chunk> chunks;
  std::vector<std::int32_t> pending;    // not yet a chunk
  Totals totals;                        // of the chunks
  std::size_t n_committed = 0;          // chunks
  std::uint64_t n_committed_bytes = 0;  // of the store's file
  Totals committed;
  std::optional<Stream> stream;
  std::size_t max_words;  // 0: no limit
  Dropped dropped;

  State(TextErrors text_errors, std::size_t workers, std::size_t bytes,
        std::size_t most_words, StorageRule storage)
      : errors(text_errors),
        n_workers(workers),
        chunk_bytes(bytes),
        store(std::move(storage)),
        max_words(most_words) {}

  void add_chunk(Chunk chunk) {
    chunks.push_back(std::move(chunk));
    totals.add(chunks.back());
  }

  void flush(bool ends_sentence) {
    Chunk chunk = store.add(pending, 0);
    chunk.ends_sentence = ends_sentence;
    add_chunk(std::move(chunk));
    pending.clear();
    while (max_words > 0 && tables[0].size() > max_words) drop_words();
  }

  void drop_words() {
    const std::size_t before = tables[0].size();
    const std::vector<std::int32_t> new_ids = tables[0].prune(++dropped.most + 1);
    dropped.words += before - tables[0].size();
    try {
      dropped.tokens += store.rename(chunks, new_ids);
    } catch (...) {  // ids of before and of now
      clear();
      throw;
    }
  }

  void clear() {
    tables[0] = WordTable();
    chunks.clear();
    pending.clear();
    n_committed = 0;
    totals = committed = Totals();
  }

  void scan_stream(bool last) {
    TextScanner& scanner = stream->scanner;
    if (!stream->is_started) {
      scanner.skip(byte_order_mark(scanner.waiting(), stream->name));
      stream->is_started = true;
    }
    scanner.scan(std::numeric_limits<std::uint64_t>::max(), last, pending);
    if (last || pending.size() >= kPendingIds) flush(last);
  }

  // Runs a step of the stream; a fault takes the whole stream back.
  template <typename Step>
  void run_stream_step(CorpusBuilder& builder, const Step& step) {
    try {
      step();
    } catch (const TextFault& fault) {
      const std::uint64_t line = stream->scanner.n_lines() + 1;
      const std::string message = fault.message(stream->name, line);
      stream.reset();
      builder.roll_back();
      throw std::invalid_argument(message);
    } catch (...) {
      stream.reset();
      builder.roll_back();
      throw;
    }
  }

  Corpus encode(const Vocabulary& vocabulary, const WordMaps& maps, const Poll& poll) {
    const std::vector<std::int64_t>& counts = vocabulary.counts();
    const auto n_kept = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
    const std::size_t n_threads = totals.n_tokens <= kFewTokens ? 0 : n_workers;
    return encode_chunks(chunks, store, maps, static_cast<std::uint64_t>(n_kept),
                         totals.n_sentences, n_threads, poll);
  }
};

CorpusBuilder::CorpusBuilder(TextErrors errors, std::int64_t workers,
                             std::int64_t chunk_bytes, std::int64_t max_words,
                             StorageRule storage)
    : state_(std::make_unique<State>(
          errors, in_range("workers", workers, kMaxWorkers),
          in_range("chunk_bytes", chunk_bytes, kMaxChunkBytes),
          max_words == 0 ? 0 : in_range("max_words", max_words, kMaxLimit),
          std::move(storage))) {}

CorpusBuilder::~CorpusBuilder() = default;
CorpusBuilder::CorpusBuilder(CorpusBuilder&&) noexcept = default;
CorpusBuilder& CorpusBuilder::operator=(CorpusBuilder&&) noexcept = default;

void CorpusBuilder::add_file(const std::string& path, const std::string& name,
                             const Poll& poll) {
  require_no_stream();
  State& state = *state_;
  assert(state.max_words == 0);
  if (state.tables.size() < state.n_workers) state.tables.resize(state.n_workers);
  std::vector<Chunk> chunks = read_chunks(path, name, state.errors, state.chunk_bytes,
                                          state.tables, state.store, poll);
  for (Chunk& chunk : chunks) state.add_chunk(std::move(chunk));
  commit();
}

void CorpusBuilder::add_text(std::string_view block, const std::string& name) {
  State& state = *state_;
  if (!state.stream) {
    commit();
    state.stream.emplace(name, TextScanner(&state.tables[0], state.errors));
    state.stream->scanner.start(0, false);
  } else if (state.stream->name != name) {
    require_no_stream();
  }
  state.run_stream_step(*this, [&] {
    while (!block.empty()) {
      TextScanner& scanner = state.stream->scanner;
      const std::size_t bytes = std::min(block.size(), kStreamBytes - scanner.n_new());
      std::memcpy(scanner.room(bytes), block.data(), bytes);
      scanner.fill(bytes);
      block.remove_prefix(bytes);
      if (scanner.n_new() == kStreamBytes) state.scan_stream(false);
    }
  });
}

void CorpusBuilder::end_text() {
  State& state = *state_;
  if (!state.stream) return;
  state.run_stream_step(*this, [&] { state.scan_stream(true); });
  state.stream.reset();
  commit();
}

void CorpusBuilder::add_words(std::span<const std::string_view> words) {
  assert(!state_->stream);
  State& state = *state_;
  WordTable& table = state.tables[0];
  std::array<WordKey, kBatchWords> keys;
  while (!words.empty()) {
    const auto batch = words.first(std::min(words.size(), keys.size()));
    for (std::size_t i = 0; i < batch.size(); ++i) {
      assert(!batch[i].empty() && batch[i].size() <= kMaxWordBytes);
      keys[i] = WordKey(batch[i]);
      table.prefetch_slot(keys[i]);
    }
    for (std::size_t i = 0; i < batch.size(); ++i) table.prefetch_entry(keys[i]);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const std::int32_t id = table.count(keys[i]);
      const bool is_new = id == WordTable::kNotFound;
      state.pending.push_back(is_new ? table.insert(keys[i], 1, false) : id);
    }
    words = words.subspan(batch.size());
  }
}

bool CorpusBuilder::end_sentence() {
  State& state = *state_;
  const bool is_open = state.pending.empty() ? state.totals.is_open
                                             : state.pending.back() != kSentenceEnd;
  if (is_open) state.pending.push_back(kSentenceEnd);
  if (state.pending.size() >= kPendingIds) state.flush(false);
  return is_open;
}

void CorpusBuilder::commit() {
  State& state = *state_;
  if (!state.pending.empty()) state.flush(false);
  state.n_committed = state.chunks.size();
  state.n_committed_bytes = state.store.file_bytes();
  state.committed = state.totals;
}

void CorpusBuilder::roll_back() {
  State& state = *state_;
  forget_ids(state.tables[0], state.pending);
  state.pending.clear();
  state.store.remove(std::span(state.chunks).subspan(state.n_committed), state.tables,
                     state.n_committed_bytes);
  state.chunks.resize(state.n_committed);
  state.totals = state.committed;
}

void CorpusBuilder::require_no_stream() const {
  if (state_->stream) {
    throw std::invalid_argument("the text '" + shown_name(state_->stream->name) +
                                "' must be ended by end_text() first");
  }
}

std::uint64_t CorpusBuilder::n_tokens() const { return state_->totals.n_tokens; }

std::uint64_t CorpusBuilder::n_sentences() const { return state_->totals.n_sentences; }

const CorpusBuilder::Dropped& CorpusBuilder::dropped() const { return state_->dropped; }

std::pair<Vocabulary, Corpus> CorpusBuilder::finish(std::int64_t min_count,
                                                    const Poll& poll) {
  if (min_count < 1) {
    throw std::invalid_argument("min_count must be an int >= 1, got " +
                                std::to_string(min_count));
  }
  require_no_stream();
  commit();
  auto used =
      std::make_unique<State>(state_->errors, state_->n_workers, state_->chunk_bytes,
                              state_->max_words, state_->store.rule());
  state_.swap(used);
  State& state = *used;
  auto [vocabulary, maps] = merge_tables(state.tables, min_count, poll);
  state.tables = {};
  Corpus corpus = state.encode(vocabulary, maps, poll);
  return {std::move(vocabulary), std::move(corpus)};
}

}  // namespace sgns
