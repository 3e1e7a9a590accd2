// Decimal numbers as text: read to the nearest float, and written so that reading gives
// the same float. The same in every locale.
//
// Thread safety: pure functions.
#ifndef SGNS_DECIMAL_H_
#define SGNS_DECIMAL_H_

#include <cstddef>

namespace sgns {

// Digits behind the point: a number of them, or as few digits altogether as give the
// same float again.
inline constexpr int kShortest = -1;
inline constexpr int kMaxDecimals = 50;

// Most bytes that write_float() writes: sign, 39 digits, point, decimals; for kShortest
// sign, 16 digits and ".0", or less.
[[nodiscard]] constexpr std::size_t max_float_bytes(int decimals) {
  return decimals == kShortest ? 24 : 44 + static_cast<std::size_t>(decimals);
}

// Reads a number at the beginning of [begin, end): an optional sign, then digits with
// an optional point and an optional exponent, or inf, infinity or nan in any case.
// Gives its end, and in `value` the nearest float (ties to even), infinity beyond the
// largest. nullptr when there is no number.
[[nodiscard]] const char* read_float(const char* begin, const char* end, float& value);

// Writes a number with `decimals` digits behind the point as printf("%.*f") does, or
// for kShortest with the fewest digits that give the same float again, laid out as
// Python's repr does: 0.1, -2.0, 1e-09, 1e+16. Returns its end. REQUIRES: value is
// finite; kShortest <= decimals <= kMaxDecimals; room for max_float_bytes(decimals)
char* write_float(float value, int decimals, char* out);

}  // namespace sgns

#endif  // SGNS_DECIMAL_H_
