#include "sgns/word_bytes.h"

#include <bit>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace sgns {
namespace {

void check_offsets(std::string_view bytes, std::span<const std::int64_t> offsets) {
  const auto size = static_cast<std::int64_t>(bytes.size());
  if (offsets.empty() || offsets.front() != 0 || offsets.back() != size) {
    throw std::invalid_argument("word offsets must go from 0 to " +
                                std::to_string(size));
  }
  for (std::size_t i = 1; i < offsets.size(); i++) {
    // The last one was checked, so that increasing ones are inside the bytes.
    if (offsets[i] <= offsets[i - 1]) {
      throw std::invalid_argument("word offsets must increase, offset " +
                                  std::to_string(i) + " does not");
    }
  }
}

}  // namespace

void check_words(std::string_view bytes, std::span<const std::int64_t> offsets) {
  check_offsets(bytes, offsets);
  const auto word = [&](std::size_t i) {
    const auto begin = static_cast<std::size_t>(offsets[i]);
    return bytes.substr(begin, static_cast<std::size_t>(offsets[i + 1]) - begin);
  };
  // Linear probing in a table of rows + 1 that is at most half full.
  const std::size_t n_words = offsets.size() - 1;
  std::vector<std::size_t> table(std::bit_ceil(2 * n_words + 1));
  const std::size_t mask = table.size() - 1;
  for (std::size_t i = 0; i < n_words; i++) {
    std::size_t slot = std::hash<std::string_view>()(word(i)) & mask;
    for (; table[slot] != 0; slot = (slot + 1) & mask) {
      const std::size_t other = table[slot] - 1;
      if (word(other) == word(i)) {
        throw std::invalid_argument("words " + std::to_string(other) + " and " +
                                    std::to_string(i) + " are the same");
      }
    }
    table[slot] = i + 1;
  }
}

}  // namespace sgns
