// Labelled pairs of a text: each centre with its contexts (label 1), and with words
// drawn from a distribution in their place (label 0).
#ifndef SGNS_PAIR_TABLE_H_
#define SGNS_PAIR_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sgns/complement.h"
#include "sgns/law.h"
#include "sgns/pair_set.h"
#include "sgns/token_text.h"

namespace sgns {

// Which words are never drawn as negatives; the others keep their proportions.
enum class PairExclude {
  kNone,
  kTarget,    // the context that the negative stands beside
  kWindow,    // the centre and all words at most `window` from it
  kSentence,  // all words of the sentence
  kPairs,     // all words that stand at most `window` from the centre's word anywhere
};

struct PairTableConfig {
  std::int64_t window = 5;  // tokens on each side, or kWholeSentence
  WindowWeighting weighting = WindowWeighting::kFixed;
  double ratio = 5;  // negatives for each positive, >= 0
  PairExclude exclude = PairExclude::kNone;
  double sample = 0;  // subsampling threshold, 0 = off
  std::uint64_t seed = 0, epoch = 0;
  std::size_t n_threads = 1;
};

// Where rows are written to; one of the two labels is null.
struct PairRows {
  WordId* centers;
  WordId* contexts;
  float* labels;
  std::int8_t* small_labels;
};

// The table has a definite order: sentences, centres and contexts as in the text, each
// positive followed by its negatives. The first m positives have floor(m * ratio) of
// them. Every row is a function of (text, config but n_threads, row).
//
// Thread safety: immutable after construction.
class PairTable {
 public:
  // Keeps a view of `text`. `noise` has one weight for each word; ids are
  // 0..noise->size()-1. `counts` is used by subsampling alone.
  // std::invalid_argument when nothing is left to draw for some centre.
  // REQUIRES: values of the config as it says; ids in range.
  PairTable(const TokenText& text, std::span<const std::int64_t> counts,
            std::shared_ptr<const Law> noise, const PairTableConfig& config,
            const Poll& poll);

  [[nodiscard]] std::uint64_t n_positives() const { return first_pair_.back(); }
  [[nodiscard]] std::uint64_t n_rows() const { return row_of(n_positives()); }

  // Writes the rows from `begin` to `end`. REQUIRES: begin <= end <= n_rows().
  void write(std::uint64_t begin, std::uint64_t end, const PairRows& rows,
             const Poll& poll) const;

 private:
  friend class PairWriter;

  // Tokens from one entry of first_pair_ to the next.
  static constexpr std::size_t kBlockTokens = 256;

  // Number of rows before positive m, and of negatives among them.
  [[nodiscard]] std::uint64_t negatives_before(std::uint64_t m) const;
  [[nodiscard]] std::uint64_t row_of(std::uint64_t m) const {
    return m + negatives_before(m);
  }
  [[nodiscard]] std::uint64_t positive_at(std::uint64_t row) const;
  [[nodiscard]] std::uint64_t radius(std::size_t token) const;
  void count_pairs(const Poll& poll);
  void check_rest() const;
  void collect_pairs(const Poll& poll);

  TokenText raw_;
  PairTableConfig config_;
  std::shared_ptr<const Law> noise_;
  std::uint64_t token_key_, noise_key_;
  std::optional<SubsampledText> subsampled_;
  TokenText text_;                         // of the centres and contexts
  std::vector<std::uint64_t> first_pair_;  // positives before each block of tokens
  std::optional<PairSet> pairs_;
  // Of each word whose pairs hold much of the mass: the words that are left.
  std::vector<std::unique_ptr<const Complement>> rest_;
};

}  // namespace sgns

#endif  // SGNS_PAIR_TABLE_H_
