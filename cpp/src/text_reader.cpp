#include "sgns/text_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "utf8.h"
#include "word_table.h"

namespace sgns {
namespace {

// A chunk is read in pieces of this size, which stay in the second-level cache.
constexpr std::size_t kPieceBytes = std::size_t{256} << 10;

// Read past the end of a chunk at once, so that its last word rarely needs another
// call.
constexpr std::size_t kOverlapBytes = 128;

// Words are looked up together, so that the waits for memory overlap.
constexpr std::size_t kBatchWords = 32;

// A white space byte follows the filled part of the buffer; look-ups and searches
// for the end of a word may read this far beyond it.
constexpr std::size_t kSlackBytes = kWordPadding + 16;

enum ByteClass : unsigned char { kWordByte, kSpace, kNewline };

constexpr std::array<ByteClass, 256> kByteClass = [] {
  std::array<ByteClass, 256> classes{};
  for (const unsigned char byte : {' ', '\t', '\r', '\v', '\f'}) classes[byte] = kSpace;
  classes['\n'] = kNewline;
  return classes;
}();

ByteClass byte_class(char byte) { return kByteClass[static_cast<unsigned char>(byte)]; }

// The high bit of each byte that is below 0x21: white space and control characters.
std::uint64_t low_bytes(std::uint64_t bytes) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighBits = 0x80 * kOnes;
  return ~((bytes | kHighBits) - 0x21 * kOnes) & ~bytes & kHighBits;
}

// The first white space at or after p; there must be one. Sixteen bytes at a time,
// without a branch on the length of a usual word.
const char* find_space(const char* p) {
  for (;;) {
    const std::uint64_t first = low_bytes(load_8_bytes(p));
    const std::uint64_t second = low_bytes(load_8_bytes(p + 8));
    if ((first | second) == 0) {
      p += 16;
      continue;
    }
    p += first != 0 ? 0 : 8;
    p += std::countr_zero(first != 0 ? first : second) / 8;
    if (byte_class(*p) != kWordByte) return p;
    ++p;
  }
}

// Seconds and nanoseconds.
std::pair<std::int64_t, std::int64_t> modification_time(const struct stat& status) {
#ifdef __APPLE__
  const struct timespec& time = status.st_mtimespec;
#else
  const struct timespec& time = status.st_mtim;
#endif
  return {time.tv_sec, time.tv_nsec};
}

}  // namespace

TextFile::TextFile(std::string path, std::string name)
    : path_(std::move(path)),
      name_(shown_name(name)),
      descriptor_(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (descriptor_ < 0) throw FileError(errno, path_);
  struct stat status;
  const int error = fstat(descriptor_, &status) == 0 ? 0 : errno;
  const bool is_regular = error == 0 && S_ISREG(status.st_mode);
  if (!is_regular) {
    close(descriptor_);
    if (error != 0) throw FileError(error, path_);
    if (S_ISDIR(status.st_mode)) throw FileError(EISDIR, path_);
    throw std::invalid_argument(name_ + ": not a regular file; open it and pass the " +
                                "open file");
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
  modified_ = modification_time(status);
}

TextFile::~TextFile() { close(descriptor_); }

void TextFile::read(char* out, std::size_t bytes, std::uint64_t offset) const {
  assert(offset + bytes <= size_);
  while (bytes > 0) {
    const ssize_t n = pread(descriptor_, out, bytes, static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw FileError(errno, path_);
    if (n == 0) {
      throw std::invalid_argument(name_ + ": cut short while it was read (expected " +
                                  with_commas(size_) + " bytes, got " +
                                  with_commas(offset) + ")");
    }
    out += n;
    offset += static_cast<std::uint64_t>(n);
    bytes -= static_cast<std::size_t>(n);
  }
}

void TextFile::check_unchanged() const {
  struct stat status;
  if (fstat(descriptor_, &status) != 0) throw FileError(errno, path_);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size != size_) {
    throw std::invalid_argument(name_ + ": changed while it was read (" +
                                with_commas(size_) + " bytes before, " +
                                with_commas(size) + " after)");
  }
  if (modification_time(status) != modified_) {
    throw std::invalid_argument(name_ + ": was written to while it was read");
  }
}

TextScanner::TextScanner(WordTable* table, TextErrors errors)
    : table_(table), errors_(errors), buffer_(kSlackBytes) {}

void TextScanner::start(std::uint64_t offset, bool inside_word) {
  begin_ = seen_ = size_ = 0;
  offset_ = offset;
  n_lines_ = 0;
  inside_word_ = inside_word;
}

char* TextScanner::room(std::size_t bytes) {
  std::memmove(buffer_.data(), buffer_.data() + begin_, size_ - begin_);
  offset_ += begin_;
  size_ -= begin_;
  seen_ -= std::min(seen_, begin_);
  begin_ = 0;
  const std::size_t needed = size_ + bytes + kSlackBytes;
  if (needed > buffer_.size()) buffer_.resize(std::max(needed, 2 * buffer_.size()));
  return buffer_.data() + size_;
}

std::string_view TextScanner::waiting() const {
  return {buffer_.data() + begin_, size_ - begin_};
}

bool TextScanner::scan(std::uint64_t limit, bool last, std::vector<std::int32_t>& ids) {
  const std::size_t limit_index =
      limit <= offset_
          ? 0
          : static_cast<std::size_t>(std::min<std::uint64_t>(size_, limit - offset_));
  buffer_[size_] = ' ';
  seen_ = size_;
  if (inside_word_ && begin_ < limit_index) {
    const char* space = find_space(buffer_.data() + begin_);
    begin_ = static_cast<std::size_t>(space - buffer_.data());
    inside_word_ = begin_ == size_;
  }
  if (begin_ < limit_index) {
    scan_words(limit_index, last, ids);
    if (begin_ < size_ && begin_ < limit_index && size_ - begin_ > kMaxWordBytes) {
      check_word(waiting(), offset_ + begin_, errors_);  // throws
    }
  }
  return offset_ + begin_ >= limit;
}

void TextScanner::scan_words(std::size_t limit, bool last,
                             std::vector<std::int32_t>& ids) {
  const char* p = buffer_.data() + begin_;
  const char* const stop = buffer_.data() + limit;
  const char* const end = buffer_.data() + size_;
  std::array<WordKey, kBatchWords> batch;  // a key of size 0 is a newline
  std::size_t n = 0;
  while (p < stop) {
    const ByteClass byte = byte_class(*p);
    if (byte == kWordByte) {
      const char* const word_end = find_space(p);
      if (word_end == end && !last) break;
      batch[n] = WordKey(p, static_cast<std::size_t>(word_end - p));
      table_->prefetch_slot(batch[n++]);
      p = word_end;
    } else {
      if (byte == kNewline) batch[n++] = WordKey();
      ++p;
    }
    if (n == batch.size()) {
      count_words(batch, ids);
      n = 0;
    }
  }
  count_words({batch.data(), n}, ids);
  begin_ = static_cast<std::size_t>(p - buffer_.data());
}

void TextScanner::count_words(std::span<const WordKey> keys,
                              std::vector<std::int32_t>& ids) {
  for (const WordKey& key : keys) table_->prefetch_entry(key);
  for (const WordKey& key : keys) {
    if (key.size > 0) {
      const std::int32_t id = table_->count(key);
      ids.push_back(id == WordTable::kNotFound ? add_new_word(key) : id);
    } else {
      ++n_lines_;
      if (ids.empty() || ids.back() != kSentenceEnd) ids.push_back(kSentenceEnd);
    }
  }
}

std::int32_t TextScanner::add_new_word(const WordKey& key) {
  const auto offset = offset_ + static_cast<std::uint64_t>(key.data - buffer_.data());
  const bool is_valid = check_word({key.data, key.size}, offset, errors_);
  return table_->insert(key, 1, !is_valid);
}

void scan_chunk(const TextFile& file, std::uint64_t text_begin, std::uint64_t begin,
                std::uint64_t end, const std::atomic<bool>& stop, TextScanner& scanner,
                std::vector<std::int32_t>& ids) {
  assert(text_begin <= begin && begin <= end && end <= file.size());
  // The byte before the chunk tells whether the chunk starts inside a word.
  std::uint64_t position = begin == text_begin ? begin : begin - 1;
  scanner.start(position, position != begin);
  bool is_done = begin == end;
  while (!is_done && !stop.load(std::memory_order_relaxed)) {
    const std::uint64_t wanted =
        position < end ? end - position + kOverlapBytes : kPieceBytes;
    const auto bytes = static_cast<std::size_t>(
        std::min({wanted, std::uint64_t{kPieceBytes}, file.size() - position}));
    file.read(scanner.room(bytes), bytes, position);
    scanner.fill(bytes);
    position += bytes;
    is_done = scanner.scan(end, position == file.size(), ids);
  }
}

}  // namespace sgns
