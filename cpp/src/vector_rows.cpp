#include "sgns/vector_rows.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>

#include "parallel.h"
#include "sgns/decimal.h"
#include "sgns/text_reader.h"

namespace sgns {
namespace {

constexpr std::uint32_t kExponentBits = 0x7F800000;
constexpr std::size_t kPartsPerThread = 4;  // so that no thread waits long for another

struct Line {
  std::string_view word = {};
  RowFault fault = RowFault::kNone;
  std::size_t column = 0;
};

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_finite(float value) {
  return (std::bit_cast<std::uint32_t>(value) & kExponentBits) != kExponentBits;
}

// Calls body(begin, end) for parts of 0..n-1, several for each thread.
void for_parts(std::size_t n, std::size_t workers,
               const std::function<void(std::size_t, std::size_t)>& body) {
  const std::size_t grain = n / (workers == 1 ? 1 : workers * kPartsPerThread) + 1;
  for_ranges(n, grain, workers, body, [] {});
}

// Where the last `n_fields` fields of a line begin, if there are so many and something
// before them.
std::optional<std::size_t> values_begin(std::string_view line, std::size_t n_fields) {
  std::size_t begin = line.size();
  for (std::size_t i = 0; i < n_fields; i++) {
    while (begin > 0 && is_space(line[begin - 1])) begin--;
    if (begin == 0) return std::nullopt;
    while (begin > 0 && !is_space(line[begin - 1])) begin--;
  }
  return begin == 0 ? std::nullopt : std::optional(begin);
}

const char* skip_spaces(const char* p, const char* end) {
  while (p < end && is_space(*p)) p++;
  return p;
}

const char* skip_field(const char* p, const char* end) {
  while (p < end && !is_space(*p)) p++;
  return p;
}

// Reads the fields of a text; the number of the first that is no number, or 0.
std::size_t read_values(std::string_view text, std::span<float> values) {
  const char* p = text.data();
  const char* const end = p + text.size();
  for (std::size_t column = 0; column < values.size(); column++) {
    p = read_float(skip_spaces(p, end), end, values[column]);
    if (p == nullptr || (p < end && !is_space(*p))) return column + 1;
  }
  return 0;
}

bool is_long(std::string_view line, std::size_t n_values) {
  return line.size() > kMaxWordBytes + n_values * kMaxValueBytes;
}

bool ends_with_number(std::string_view word) {
  const std::size_t space = word.find_last_of(" \t\n\r\v\f");
  if (space == std::string_view::npos) return false;
  float value = 0;
  const char* const end = word.data() + word.size();
  return read_float(word.data() + space + 1, end, value) == end;
}

// What a line holds. Its values are read when it has as many as `values`.
Line read_line(std::string_view line, std::span<float> values) {
  if (is_long(line, values.size())) return {.fault = RowFault::kLongLine};
  const char* const end = line.data() + line.size();
  if (line.empty() || is_space(line[0])) {
    const bool blank = skip_spaces(line.data(), end) == end;
    return {.fault = blank ? RowFault::kEmptyLine : RowFault::kEmptyWord};
  }
  const std::optional<std::size_t> begin = values_begin(line, values.size());
  if (!begin) return {.fault = RowFault::kSize};
  std::string_view word = line.substr(0, *begin);
  while (is_space(word.back())) word.remove_suffix(1);
  if (ends_with_number(word)) return {.fault = RowFault::kSize};
  if (word.size() > kMaxWordBytes) return {.fault = RowFault::kLongWord};
  if (const std::size_t column = read_values(line.substr(*begin), values)) {
    return {.fault = RowFault::kNumber, .column = column};
  }
  const auto bad = std::find_if_not(values.begin(), values.end(), is_finite);
  if (bad != values.end()) {
    const auto column = static_cast<std::size_t>(bad - values.begin()) + 1;
    return {.word = word, .fault = RowFault::kFinite, .column = column};
  }
  return {.word = word};
}

// The usual line, read from left to right: a word without spaces, finite values,
// nothing behind them. What it does not take is for read_line() to explain.
bool read_usual_line(std::string_view line, std::span<float> values, Line& row) {
  if (line.empty() || is_space(line[0]) || is_long(line, values.size())) return false;
  const char* const end = line.data() + line.size();
  const char* p = skip_field(line.data(), end);
  row.word = {line.data(), static_cast<std::size_t>(p - line.data())};
  if (row.word.size() > kMaxWordBytes) return false;
  for (float& value : values) {
    if (p == end || !is_space(*p)) return false;
    p = read_float(skip_spaces(p, end), end, value);
    if (p == nullptr || !is_finite(value)) return false;
  }
  return skip_spaces(p, end) == end && (p == end || is_space(*p));
}

// A line that has no room for a word and all its values.
Line short_line(std::string_view line) {
  const char* const end = line.data() + line.size();
  if (skip_spaces(line.data(), end) == end) return {.fault = RowFault::kEmptyLine};
  return {.fault = is_space(line[0]) ? RowFault::kEmptyWord : RowFault::kSize};
}

// Lines and the rows of values that they are read into.
struct Layout {
  std::vector<std::size_t> ends;   // byte offset behind each line
  std::vector<std::size_t> slots;  // row of each line; the next one's when it has none
  std::size_t n_slots = 0;

  [[nodiscard]] std::string_view line(std::string_view text, std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends[i - 1];
    return text.substr(begin, ends[i] - begin);
  }
  [[nodiscard]] bool has_slot(std::size_t i) const {
    return slots[i] != (i + 1 < slots.size() ? slots[i + 1] : n_slots);
  }
};

Layout lay_out(std::string_view text, std::size_t n_lines, std::size_t vector_size,
               std::size_t n_rows) {
  Layout layout;
  std::size_t begin = 0;
  while (begin < text.size() && layout.ends.size() < n_lines) {
    const std::size_t found = text.find('\n', begin);
    const std::size_t end = found == std::string_view::npos ? text.size() : found + 1;
    const bool may_be_row = end - begin > 2 * vector_size;
    if (may_be_row && layout.n_slots == n_rows) break;
    layout.ends.push_back(end);
    layout.slots.push_back(layout.n_slots);
    if (may_be_row) layout.n_slots++;
    begin = end;
  }
  return layout;
}

char* put_line(char* out, std::string_view word, std::span<const float> values,
               int decimals) {
  out = std::copy(word.begin(), word.end(), out);
  for (const float value : values) {
    *out++ = ' ';
    out = write_float(value, decimals, out);
  }
  *out++ = '\n';
  return out;
}

}  // namespace

TextRows read_text(std::string_view text, std::size_t n_lines, std::size_t vector_size,
                   std::span<float> values, std::size_t workers) {
  assert(vector_size >= 1 && values.size() % vector_size == 0 && workers >= 1);
  const Layout layout =
      lay_out(text, n_lines, vector_size, values.size() / vector_size);
  std::vector<Line> lines(layout.ends.size());
  const auto row = [&](std::size_t slot) {
    return values.subspan(slot * vector_size, vector_size);
  };
  for_parts(lines.size(), workers, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; i++) {
      const std::string_view line = layout.line(text, i);
      if (!layout.has_slot(i)) {
        lines[i] = short_line(line);
      } else if (!read_usual_line(line, row(layout.slots[i]), lines[i])) {
        lines[i] = read_line(line, row(layout.slots[i]));
      }
    }
  });
  TextRows rows;
  rows.ends = layout.ends;
  for (std::size_t i = 0; i < lines.size(); i++) {
    if (lines[i].fault != RowFault::kNone) {
      rows.bad.push_back({i, lines[i].fault, lines[i].column});
      continue;
    }
    const std::size_t k = rows.words.size();
    if (layout.slots[i] != k) std::ranges::copy(row(layout.slots[i]), row(k).begin());
    rows.words.push_back(lines[i].word);
  }
  return rows;
}

BinaryRows read_binary(std::string_view data, bool is_last, std::size_t vector_size,
                       std::span<float> values) {
  assert(vector_size >= 1);
  const std::size_t bytes = vector_size * sizeof(float);
  BinaryRows rows;
  for (std::size_t row = 0; row < values.size() / vector_size; row++) {
    const std::string_view rest = data.substr(rows.end);
    const std::size_t space = rest.substr(0, kMaxWordBytes + 1).find(' ');
    if (space == std::string_view::npos || space == 0) break;
    const std::size_t end = space + 1 + bytes;
    if (rest.size() < end || (rest.size() == end && !is_last)) break;
    const std::span<float> copy = values.subspan(row * vector_size, vector_size);
    std::memcpy(copy.data(), rest.data() + space + 1, bytes);
    std::size_t n_bad = 0;
    for (const float value : copy) n_bad += is_finite(value) ? 0 : 1;
    if (n_bad > 0) break;
    rows.words.push_back(rest.substr(0, space));
    rows.end += end + (rest.size() > end && rest[end] == '\n' ? 1 : 0);
  }
  return rows;
}

std::string format_lines(std::span<const std::string_view> words,
                         std::size_t vector_size, std::span<const float> values,
                         int decimals, std::size_t workers) {
  assert(vector_size >= 1 && values.size() == words.size() * vector_size &&
         workers >= 1);
  // Each line is written where it would begin if all before it had their greatest size;
  // then the lines are moved together. So the threads take no memory.
  const std::size_t longest_row = vector_size * (max_float_bytes(decimals) + 1) + 1;
  std::vector<std::size_t> begins(words.size() + 1), sizes(words.size());
  for (std::size_t i = 0; i < words.size(); i++) {
    begins[i + 1] = begins[i] + words[i].size() + longest_row;
  }
  std::string text(begins.back(), '\0');
  for_parts(words.size(), workers, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; i++) {
      char* const begin = text.data() + begins[i];
      const auto row = values.subspan(i * vector_size, vector_size);
      sizes[i] =
          static_cast<std::size_t>(put_line(begin, words[i], row, decimals) - begin);
    }
  });
  std::size_t end = 0;
  for (std::size_t i = 0; i < words.size(); i++) {
    std::memmove(text.data() + end, text.data() + begins[i], sizes[i]);
    end += sizes[i];
  }
  text.resize(end);
  return text;
}

}  // namespace sgns
