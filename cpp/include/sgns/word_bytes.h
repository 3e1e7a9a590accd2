// Words that stand end to end, as a model file holds them.
//
// Thread safety: pure functions.
#ifndef SGNS_WORD_BYTES_H_
#define SGNS_WORD_BYTES_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace sgns {

// Checks that word i can be bytes[offsets[i] ... offsets[i + 1]): throws
// std::invalid_argument unless the offsets increase from 0 to bytes.size() and no two
// words are the same.
void check_words(std::string_view bytes, std::span<const std::int64_t> offsets);

}  // namespace sgns

#endif  // SGNS_WORD_BYTES_H_
