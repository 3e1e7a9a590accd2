#include "sgns/decimal.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>
#include <system_error>

namespace sgns {
namespace {

constexpr std::uint64_t kMaxExactDigits = std::uint64_t{1} << 53;
constexpr int kMaxExactPower = 22;      // 10^22 is a double, 10^23 is not
constexpr std::size_t kMaxDigits = 19;  // any 19 digits fit into 64 bits

constexpr std::array<double, kMaxExactPower + 1> kPowersOfTen = [] {
  std::array<double, kMaxExactPower + 1> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < powers.size(); i++) powers[i] = powers[i - 1] * 10;
  return powers;
}();

// Between these all digits before the point are exact, so that the usual number needs
// no layout of ours: to_chars() fills up with the exact digits of large numbers.
constexpr float kSmallestFixed = 1e-4F;
constexpr float kLargestExact = 1 << 24;

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }
char lower(char c) { return static_cast<char>(c | 0x20); }

const char* read_digits(const char* p, const char* end, std::uint64_t& digits) {
  for (; p < end && is_digit(*p); p++) {
    digits = digits * 10 + static_cast<std::uint64_t>(*p - '0');
  }
  return p;
}

// inf, infinity and nan. The longest name that is there.
const char* read_name(const char* begin, const char* end, float& value) {
  const auto matches = [&](std::string_view name) {
    return static_cast<std::size_t>(end - begin) >= name.size() &&
           std::equal(name.begin(), name.end(), begin,
                      [](char expected, char got) { return expected == lower(got); });
  };
  for (const std::string_view name : {"infinity", "inf", "nan"}) {
    if (matches(name)) {
      value = name == "nan" ? std::numeric_limits<float>::quiet_NaN()
                            : std::numeric_limits<float>::infinity();
      return begin + name.size();
    }
  }
  return nullptr;
}

// Whether a number that no float is near to is too large, not too small: the place of
// its first digit that is not zero, moved by its exponent, is left of the point.
bool is_huge(std::string_view number) {
  const std::size_t mark = std::min(number.find_first_of("eE"), number.size());
  const std::string_view digits = number.substr(0, mark);
  const auto point = static_cast<std::int64_t>(std::min(digits.find('.'), mark));
  auto first = static_cast<std::int64_t>(digits.find_first_not_of("0."));
  if (first > point) first--;  // the point itself is no place
  if (mark == number.size()) return point > first;
  std::string_view exponent = number.substr(mark + 1);
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  std::int64_t moved = 0;
  if (std::from_chars(exponent.data(), exponent.data() + exponent.size(), moved).ec !=
      std::errc()) {
    return !exponent.starts_with('-');
  }
  // Neither sum overflows: a text has fewer than 2^62 places.
  constexpr std::int64_t kFar = std::int64_t{1} << 62;
  return std::clamp(moved, -kFar, kFar) + (point - first) > 0;
}

// Any number without a sign, exactly.
const char* read_any(const char* begin, const char* end, float& value) {
  const auto [last, error] = std::from_chars(begin, end, value);
  if (error == std::errc::result_out_of_range) {
    const std::string_view number(begin, static_cast<std::size_t>(last - begin));
    value = is_huge(number) ? std::numeric_limits<float>::infinity() : 0.0F;
  }
  return last;
}

// Digits and a point, no exponent: the usual number. The digits and the power of ten
// are exact doubles, so their quotient is the double nearest to the number. The float
// nearest to that is the float nearest to the number unless the double lies exactly
// between two floats, where it may stand for either side: 0 then, for read_any().
const char* read_usual(const char* begin, const char* end, float& value, bool& done) {
  std::uint64_t digits = 0;
  const char* p = read_digits(begin, end, digits);
  std::size_t n_digits = static_cast<std::size_t>(p - begin);
  std::size_t power = 0;
  if (p < end && *p == '.') {
    const char* const fraction = p + 1;
    p = read_digits(fraction, end, digits);
    power = static_cast<std::size_t>(p - fraction);
    n_digits += power;
  }
  if (n_digits == 0) return nullptr;
  done = n_digits <= kMaxDigits && digits <= kMaxExactDigits &&
         power <= kMaxExactPower && (p == end || lower(*p) != 'e');
  if (!done) return p;
  const double quotient = static_cast<double>(digits) / kPowersOfTen[power];
  constexpr std::uint64_t kBelowFloat = (std::uint64_t{1} << 29) - 1;
  constexpr std::uint64_t kBetweenFloats = std::uint64_t{1} << 28;
  done = (std::bit_cast<std::uint64_t>(quotient) & kBelowFloat) != kBetweenFloats;
  value = static_cast<float>(quotient);
  return p;
}

// The digits of a positive number, and the power of ten of the first.
struct Digits {
  std::array<char, 16> text;
  int size;
  int exponent;
};

Digits shortest_digits(float value) {
  std::array<char, 32> text;
  char* const end = std::to_chars(text.data(), text.data() + text.size(), value,
                                  std::chars_format::scientific)
                        .ptr;
  const char* const mark = std::find(text.data(), end, 'e');
  Digits digits{};
  for (const char* p = text.data(); p < mark; p++) {
    if (*p != '.') digits.text[static_cast<std::size_t>(digits.size++)] = *p;
  }
  std::from_chars(mark + (mark[1] == '+' ? 2 : 1), end, digits.exponent);
  return digits;
}

char* put(char* out, const char* text, int size) {
  std::memcpy(out, text, static_cast<std::size_t>(size));
  return out + size;
}

char* put_zeros(char* out, int size) {
  if (size <= 0) return out;
  std::memset(out, '0', static_cast<std::size_t>(size));
  return out + size;
}

char* put_scientific(char* out, const Digits& digits) {
  *out++ = digits.text[0];
  if (digits.size > 1) *out++ = '.';
  out = put(out, digits.text.data() + 1, digits.size - 1);
  *out++ = 'e';
  *out++ = digits.exponent < 0 ? '-' : '+';
  const int size = std::abs(digits.exponent);
  if (size < 10) *out++ = '0';
  return std::to_chars(out, out + 4, size).ptr;
}

char* put_fixed(char* out, const Digits& digits) {
  if (digits.exponent < 0) {
    out = put_zeros(put(out, "0.", 2), -digits.exponent - 1);
    return put(out, digits.text.data(), digits.size);
  }
  const int before = digits.exponent + 1;
  const int kept = std::min(before, digits.size);
  out = put_zeros(put(out, digits.text.data(), kept), before - kept);
  *out++ = '.';
  if (digits.size <= before) return put_zeros(out, 1);
  return put(out, digits.text.data() + kept, digits.size - kept);
}

}  // namespace

const char* read_float(const char* begin, const char* end, float& value) {
  const char* p = begin;
  if (p == end) return nullptr;
  const bool negative = *p == '-';
  if (negative || *p == '+') p++;
  bool done = false;
  const char* const first = p;
  p = read_usual(first, end, value, done);
  if (p == nullptr) {
    p = read_name(first, end, value);
  } else if (!done) {
    p = read_any(first, end, value);
  }
  if (p != nullptr && negative) value = -value;
  return p;
}

char* write_float(float value, int decimals, char* out) {
  assert(std::isfinite(value) && kShortest <= decimals && decimals <= kMaxDecimals);
  if (decimals != kShortest) {
    // A double holds the same value, and its digits are exact.
    return std::to_chars(out, out + max_float_bytes(decimals),
                         static_cast<double>(value), std::chars_format::fixed, decimals)
        .ptr;
  }
  const float size = std::fabs(value);
  if (size >= kSmallestFixed && size < kLargestExact) {
    char* const end = std::to_chars(out, out + max_float_bytes(decimals), value,
                                    std::chars_format::fixed)
                          .ptr;
    return size == std::trunc(size) ? put(end, ".0", 2) : end;
  }
  if (std::signbit(value)) *out++ = '-';
  if (value == 0) return put(out, "0.0", 3);
  const Digits digits = shortest_digits(size);
  const bool fixed = digits.exponent >= -4 && digits.exponent < 16;
  return fixed ? put_fixed(out, digits) : put_scientific(out, digits);
}

}  // namespace sgns
