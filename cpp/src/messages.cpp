#include "messages.h"

#include <array>
#include <charconv>
#include <cmath>

namespace sgns {

std::string number(double value) {
  if (std::isnan(value)) return "nan";  // without the sign that a NaN may carry
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

}  // namespace sgns
