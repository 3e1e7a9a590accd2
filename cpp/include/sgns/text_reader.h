// From the bytes of a text to words and provisional ids.
#ifndef SGNS_TEXT_READER_H_
#define SGNS_TEXT_READER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sgns/file_error.h"

namespace sgns {

class WordTable;
struct WordKey;

// Longest word in bytes; what is longer is taken for data that is no text.
inline constexpr std::size_t kMaxWordBytes = std::size_t{1} << 20;

inline constexpr std::int32_t kSentenceEnd = -1;  // among provisional ids

// Invalid UTF-8: an error, U+FFFD for each maximal invalid part, or left as it is.
enum class TextErrors { kStrict, kReplace, kSurrogateEscape };

// A regular file open for reading. Owns its descriptor.
//
// Thread safety: read() and check_unchanged() may be called by any number of threads.
class TextFile {
 public:
  // Throws FileError, or std::invalid_argument when it is not a regular file.
  TextFile(std::string path, std::string name);
  ~TextFile();
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;

  [[nodiscard]] std::uint64_t size() const { return size_; }

  // Reads exactly `bytes` bytes. Throws FileError, or std::invalid_argument when the
  // file has become shorter. REQUIRES: offset + bytes <= size()
  void read(char* out, std::size_t bytes, std::uint64_t offset) const;

  // Throws std::invalid_argument when size or time of change are not as they were.
  void check_unchanged() const;

 private:
  std::string path_;
  std::string name_;
  int descriptor_;
  std::uint64_t size_ = 0;
  std::pair<std::int64_t, std::int64_t> modified_;  // seconds, nanoseconds
};

// Cuts buffered text into words and gives their provisional ids in a table. White
// space is space, \t, \r, \v, \f and \n; \n ends a sentence.
//
// Thread safety: none. Does not own the table.
class TextScanner {
 public:
  TextScanner(WordTable* table, TextErrors errors);

  // Starts a text at this byte offset; inside_word leaves out everything before the
  // first white space.
  void start(std::uint64_t offset, bool inside_word);

  // Space for `bytes` more bytes; fill() says how many were written there.
  char* room(std::size_t bytes);
  void fill(std::size_t bytes) { size_ += bytes; }

  // Bytes that wait for scan(), and how many of those are new to it.
  [[nodiscard]] std::string_view waiting() const;
  [[nodiscard]] std::size_t n_new() const { return size_ - seen_; }
  // Leaves out the next bytes. REQUIRES: bytes <= waiting().size()
  void skip(std::size_t bytes) { begin_ += bytes; }

  // Appends to ids the words that start before offset `limit`. A word that touches
  // the end of the buffer waits for more, unless `last`. True when `limit` is
  // reached. Throws TextFault.
  bool scan(std::uint64_t limit, bool last, std::vector<std::int32_t>& ids);

  // Lines that have ended so far.
  [[nodiscard]] std::uint64_t n_lines() const { return n_lines_; }

 private:
  void scan_words(std::size_t limit, bool last, std::vector<std::int32_t>& ids);
  void count_words(std::span<const WordKey> keys, std::vector<std::int32_t>& ids);
  std::int32_t add_new_word(const WordKey& key);

  WordTable* table_;
  TextErrors errors_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;     // next byte to scan
  std::size_t seen_ = 0;      // bytes that a scan has looked at
  std::size_t size_ = 0;      // bytes filled
  std::uint64_t offset_ = 0;  // of buffer_[0] in the text
  std::uint64_t n_lines_ = 0;
  bool inside_word_ = false;
};

// Appends to ids the words that start in [begin, end) of the file, begin..end being
// a chunk of the text that starts at text_begin. Ends early when `stop` is set.
void scan_chunk(const TextFile& file, std::uint64_t text_begin, std::uint64_t begin,
                std::uint64_t end, const std::atomic<bool>& stop, TextScanner& scanner,
                std::vector<std::int32_t>& ids);

}  // namespace sgns

#endif  // SGNS_TEXT_READER_H_
