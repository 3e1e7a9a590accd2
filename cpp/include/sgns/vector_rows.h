// Rows of vector files, a word and its values each: from bytes to floats and back.
//
// Thread safety: pure functions; those with `workers` start up to that many threads and
// join them, and throw std::system_error when the system has none.
#ifndef SGNS_VECTOR_ROWS_H_
#define SGNS_VECTOR_ROWS_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sgns {

// What is wrong with a row. Only the first that applies is told.
enum class RowFault {
  kNone,
  kLongLine,   // more than kMaxWordBytes and kMaxValueBytes for each value
  kEmptyLine,  // nothing but white space
  kEmptyWord,  // white space at the beginning
  kSize,       // not as many values as there should be
  kLongWord,   // more than kMaxWordBytes
  kNumber,     // `column` is no number
  kFinite,     // `column` is infinite, nan or too large for a float
};

// Longest value with its separator; "%f" writes at most 48 bytes for a float.
inline constexpr std::size_t kMaxValueBytes = 64;

// Lines of text. The last `vector_size` fields of a line are the values and the rest is
// the word; white space is what Python's bytes.split() splits at.
struct TextRows {
  struct Bad {
    std::size_t line;  // counted from 0
    RowFault fault;
    std::size_t column;  // of kNumber and kFinite, counted from 1
  };
  std::vector<std::string_view> words;  // of the good lines, no white space around them
  std::vector<Bad> bad;                 // in the order of the lines
  std::vector<std::size_t> ends;        // byte offset behind each line taken
};

// Reads up to `n_lines` lines, good line k into values[k * vector_size ...]. Ends
// before a line that there may be no room for; lines too short for a row need none. A
// last line may lack its line feed. REQUIRES: vector_size >= 1; values.size() %
// vector_size == 0; workers >= 1
[[nodiscard]] TextRows read_text(std::string_view text, std::size_t n_lines,
                                 std::size_t vector_size, std::span<float> values,
                                 std::size_t workers);

// Rows of word2vec binary: word, space, little-endian floats, and maybe a line feed.
struct BinaryRows {
  std::vector<std::string_view> words;
  std::size_t end = 0;  // byte offset behind the last row taken
};

// Reads up to values.size() / vector_size rows. Ends before a row that is not whole,
// has no word, no space in its first kMaxWordBytes + 1 bytes or a value that is not
// finite; unless `is_last`, also before one that ends with the data, as a line feed may
// follow. REQUIRES: vector_size >= 1
[[nodiscard]] BinaryRows read_binary(std::string_view data, bool is_last,
                                     std::size_t vector_size, std::span<float> values);

// The lines that hold words and values: word, then for each value a space and the
// number as write_float() writes it, line feed. REQUIRES: vector_size >= 1;
// values.size() == words.size() * vector_size, all finite; workers >= 1
[[nodiscard]] std::string format_lines(std::span<const std::string_view> words,
                                       std::size_t vector_size,
                                       std::span<const float> values, int decimals,
                                       std::size_t workers);

}  // namespace sgns

#endif  // SGNS_VECTOR_ROWS_H_
