#include "tail_table.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace sgns {

std::int32_t TailTable::add(std::int32_t tail, std::int32_t word) {
  assert(tail != kUnknown);
  const std::int32_t known = find(tail, word);
  if (known != kUnknown) return known;
  if (size() >= static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
    throw std::invalid_argument(
        "the text has too many runs of connector words, expected fewer than "
        "2,147,483,647 together with its words");
  }
  const auto number = static_cast<std::int32_t>(size());
  table_.insert(tail, word, number);
  steps_.push_back({tail, word});
  return number;
}

void TailTable::append_words(std::int32_t tail,
                             std::vector<std::int32_t>& words) const {
  const std::size_t begin = words.size();
  while (static_cast<std::size_t>(tail) >= n_words_) {
    const Step& step = steps_[static_cast<std::size_t>(tail) - n_words_];
    words.push_back(step.word);
    tail = step.tail;
  }
  words.push_back(tail);
  std::reverse(words.begin() + static_cast<std::ptrdiff_t>(begin), words.end());
}

}  // namespace sgns
