// A text as ids for tables of pairs: whole, or subsampled as the trainer does it.
#ifndef SGNS_TOKEN_TEXT_H_
#define SGNS_TOKEN_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "sgns/config.h"
#include "sgns/distribution.h"
#include "sgns/window.h"

namespace sgns {

// Runs between pieces of a long call, in the calling thread; may throw.
using Poll = std::function<void()>;

struct TokenRange {
  std::size_t begin, end;
};

// Views into memory of somebody else, who must not change it.
//
// Thread safety: a plain value.
struct TokenText {
  std::span<const WordId> ids;  // all sentences end to end
  // Exclusive ends of the sentences, ascending; the last one is ids.size().
  std::span<const std::uint64_t> ends;

  // Index of the sentence that holds a token. REQUIRES: token < ids.size().
  [[nodiscard]] std::size_t sentence_of(std::size_t token) const;
  [[nodiscard]] std::size_t begin_of(std::size_t sentence) const {
    return sentence == 0 ? 0 : ends[sentence - 1];
  }
  // The tokens of the sentence at most `window` from one of its own, itself included.
  [[nodiscard]] TokenRange around(std::size_t sentence, std::size_t token,
                                  std::int64_t window) const;
};

// The tokens of a text that subsampling keeps, and where they stood.
//
// Thread safety: immutable after construction.
class SubsampledText {
 public:
  // `keep`: keep_thresholds(); `token_key`: of Stream::kTokens.
  SubsampledText(const TokenText& text, std::span<const std::uint32_t> keep,
                 std::uint64_t token_key, std::size_t n_threads, const Poll& poll);

  // As many sentences as the text it was made from; some may be empty.
  [[nodiscard]] TokenText text() const { return {ids_, ends_}; }
  // Index of each token in the text that it was made from.
  [[nodiscard]] std::span<const std::uint64_t> positions() const { return positions_; }

 private:
  std::vector<WordId> ids_;
  std::vector<std::uint64_t> ends_;
  std::vector<std::uint64_t> positions_;
};

}  // namespace sgns

#endif  // SGNS_TOKEN_TEXT_H_
