#include "utf8.h"

#include <array>
#include <cassert>
#include <cstddef>
#include <utility>

namespace sgns {
namespace {

// Bytes at the start of a text: one character or a maximal invalid part.
struct Utf8Sequence {
  std::size_t size;  // 1..4 bytes
  bool is_valid;
};

// What may follow a lead byte: the number of continuation bytes and the range of
// the first one (Unicode Standard, table 3-7). No lead byte: count 0.
struct Lead {
  std::size_t n_continuation;
  unsigned char low;
  unsigned char high;
};

Lead classify(unsigned char byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {1, 0x80, 0xBF};
  if (byte == 0xE0) return {2, 0xA0, 0xBF};
  if (byte == 0xED) return {2, 0x80, 0x9F};  // no surrogates
  if (byte >= 0xE1 && byte <= 0xEF) return {2, 0x80, 0xBF};
  if (byte == 0xF0) return {3, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {3, 0x80, 0xBF};
  if (byte == 0xF4) return {3, 0x80, 0x8F};  // up to U+10FFFF
  return {0, 0, 0};
}

// REQUIRES: !text.empty()
Utf8Sequence first_sequence(std::string_view text) {
  assert(!text.empty());
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {1, true};
  Lead lead = classify(first);
  if (lead.n_continuation == 0) return {1, false};
  for (std::size_t i = 1; i <= lead.n_continuation; ++i) {
    if (i == text.size()) return {i, false};
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < lead.low || byte > lead.high) return {i, false};
    lead.low = 0x80;
    lead.high = 0xBF;
  }
  return {lead.n_continuation + 1, true};
}

// Index of the first byte that is not part of valid UTF-8, npos when there is none.
std::size_t find_invalid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Sequence sequence = first_sequence(text.substr(i));
    if (!sequence.is_valid) return i;
    i += sequence.size;
  }
  return std::string_view::npos;
}

// Bytes as Python shows them, at most eight of them.
std::string shown_bytes(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string shown = "b'";
  for (const char c : bytes.substr(0, 8)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\\' || c == '\'') {
      shown += {'\\', c};
    } else if (byte >= 0x20 && byte < 0x7F) {
      shown += c;
    } else {
      shown += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return shown + "'";
}

}  // namespace

TextFault::TextFault(std::uint64_t offset, bool shows_line, const std::string& before,
                     std::string after)
    : std::invalid_argument(before),
      offset_(offset),
      shows_line_(shows_line),
      after_(std::move(after)) {}

std::string TextFault::message(const std::string& name, std::uint64_t line) const {
  std::string text = shown_name(name) + ": " + what();
  if (shows_line_ && line != 0) text += " (line " + with_commas(line) + ")";
  return text + after_;
}

bool check_word(std::string_view word, std::uint64_t offset, TextErrors errors) {
  constexpr std::size_t kNone = std::string_view::npos;
  const std::string_view checked = word.substr(0, kMaxWordBytes);
  const std::size_t invalid =
      errors == TextErrors::kSurrogateEscape ? kNone : find_invalid_utf8(checked);
  const std::size_t nul = checked.find('\0');
  if (nul != kNone && !(errors == TextErrors::kStrict && invalid < nul)) {
    throw TextFault(offset + nul, true, "byte 0x00 at " + with_commas(offset + nul),
                    "; is this a binary or UTF-16 file?");
  }
  if (word.size() > kMaxWordBytes) {
    throw TextFault(
        offset, false, "word at byte " + with_commas(offset),
        " is longer than " + with_commas(kMaxWordBytes) + " bytes; is this text?");
  }
  if (errors == TextErrors::kStrict && invalid != kNone) {
    throw TextFault(offset + invalid, true,
                    "invalid UTF-8 at byte " + with_commas(offset + invalid),
                    ": " + shown_bytes(word.substr(invalid)));
  }
  return invalid == kNone;
}

std::size_t byte_order_mark(std::string_view head, const std::string& name) {
  using namespace std::string_view_literals;
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kOthers = {{
      {"\xFF\xFE\x00\x00"sv, "UTF-32-LE"},  // before UTF-16-LE, which it starts with
      {"\x00\x00\xFE\xFF"sv, "UTF-32-BE"},
      {"\xFF\xFE"sv, "UTF-16-LE"},
      {"\xFE\xFF"sv, "UTF-16-BE"},
  }};
  for (const auto& [mark, encoding] : kOthers) {
    if (head.starts_with(mark)) {
      throw std::invalid_argument(shown_name(name) + ": encoding must be UTF-8, got " +
                                  std::string(encoding) + " (byte order mark)");
    }
  }
  return head.starts_with("\xEF\xBB\xBF") ? 3 : 0;
}

std::string replace_invalid_utf8(std::string_view text) {
  std::string replaced;
  replaced.reserve(text.size());
  while (!text.empty()) {
    const Utf8Sequence sequence = first_sequence(text);
    replaced += sequence.is_valid ? text.substr(0, sequence.size) : "\xEF\xBF\xBD";
    text.remove_prefix(sequence.size);
  }
  return replaced;
}

std::string with_commas(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3;) digits.insert(i -= 3, 1, ',');
  return digits;
}

std::string shown_name(const std::string& name) {
  constexpr std::size_t kLongest = 120;
  if (name.size() <= kLongest) return name;
  std::size_t begin = name.size() - kLongest;
  while (begin < name.size() && (name[begin] & 0xC0) == 0x80) ++begin;
  return "..." + name.substr(begin);
}

}  // namespace sgns
