#include "sgns/row_filter.h"

#include <cassert>

namespace sgns {

RowFilter::RowFilter(std::span<const std::uint64_t> offsets,
                     std::span<const WordId> ids)
    : words_(ids.size() / kIdsOfWord + 1) {
  assert(!offsets.empty() && offsets.back() == ids.size());
  for (std::size_t row = 0; row + 1 < offsets.size(); row++) {
    for (std::uint64_t i = offsets[row]; i < offsets[row + 1]; i++) {
      const Probe at = probe(offsets[row], offsets[row + 1], ids[i]);
      words_[static_cast<std::size_t>(at.word - words_.data())] |= at.bits;
    }
  }
}

}  // namespace sgns
