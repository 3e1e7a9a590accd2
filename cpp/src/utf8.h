// What can be wrong with the bytes of a text, and how it is said.
// Thread safety: values and pure functions.
#ifndef SGNS_UTF8_H_
#define SGNS_UTF8_H_

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "sgns/text_reader.h"

namespace sgns {

// The first byte of a text that cannot be read as text.
class TextFault : public std::invalid_argument {
 public:
  // The message is `before`, the line when it is to be shown, and `after`.
  TextFault(std::uint64_t offset, bool shows_line, const std::string& before,
            std::string after);

  // Byte offset of the fault in the text, counted from 0.
  [[nodiscard]] std::uint64_t offset() const { return offset_; }

  // The whole message. `line` counts from 1; 0 when it is unknown.
  [[nodiscard]] std::string message(const std::string& name, std::uint64_t line) const;

 private:
  std::uint64_t offset_;
  bool shows_line_;
  std::string after_;
};

// Checks a word that starts at byte `offset` of its text. True when all of it is
// valid or `errors` keeps invalid bytes, false when they must be replaced. Throws
// TextFault.
bool check_word(std::string_view word, std::uint64_t offset, TextErrors errors);

// Bytes of a UTF-8 byte order mark at the start of a text: 3 or 0. Throws
// std::invalid_argument for the mark of UTF-16 or UTF-32.
std::size_t byte_order_mark(std::string_view head, const std::string& name);

// The text with U+FFFD in place of each maximal invalid part (Unicode Standard,
// section 3.9).
std::string replace_invalid_utf8(std::string_view text);

// A number with a comma after each three digits.
std::string with_commas(std::uint64_t number);

// A name for a message: only the end of one that is too long to show.
std::string shown_name(const std::string& name);

}  // namespace sgns

#endif  // SGNS_UTF8_H_
