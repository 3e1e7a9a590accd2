// The different words of several tables, found share by share of their hashes, so that
// several threads can do it. Internal.
#ifndef SGNS_WORD_MERGE_H_
#define SGNS_WORD_MERGE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "word_table.h"

namespace sgns {

// Where a word stands in the text's tables, and its occurrences in all of them.
struct MergedWord {
  std::int64_t count;
  std::uint32_t table;
  std::int32_t id;
};

// The words of some tables, each once.
//
// Thread safety: share() may run in one thread for each table, then, when all have
// ended, merge() in one for each share, then rows_of() in one for each table. The
// tables must live and not change meanwhile.
class WordMerge {
 public:
  // Invalid words are merged as their text with U+FFFD for invalid bytes, which is
  // added to their table. REQUIRES: 1 to 2^31 tables, n_shares >= 1.
  WordMerge(std::span<WordTable> tables, std::size_t n_shares);

  [[nodiscard]] std::size_t n_tables() const { return tables_.size(); }
  [[nodiscard]] std::size_t n_shares() const { return words_.size(); }

  // Tells the words of a table apart by share.
  void share(std::size_t table);
  // Finds the different words of a share.
  void merge(std::size_t share);

  // The words of a share, in no particular order but always the same for the same
  // tables.
  [[nodiscard]] std::span<const MergedWord> words(std::size_t share) const {
    return words_[share];
  }
  [[nodiscard]] std::string_view text(const MergedWord& word) const {
    return tables_[word.table].word(word.id);
  }
  // For each word of a table the entry of `rows` for it: rows[share][i] is that of
  // words(share)[i].
  [[nodiscard]] std::vector<std::int32_t> rows_of(
      std::size_t table, std::span<const std::vector<std::int32_t>> rows) const;

 private:
  // A word of a table, and which of the words of its share it is.
  struct Member {
    std::uint64_t hash;
    std::int32_t id;
    std::int32_t word;
  };
  // An invalid word, and the valid one it counts as.
  struct Replaced {
    std::int32_t invalid;
    std::int32_t valid;
  };

  // As merge(), for one table, whose words are all different.
  void keep_all(std::size_t share);

  [[nodiscard]] std::size_t share_of(std::uint64_t hash) const {
    // Of the low half: the high bits find the slot in a table.
    return static_cast<std::size_t>((hash & 0xFFFFFFFF) * n_shares() >> 32);
  }
  [[nodiscard]] std::vector<Member>& members(std::size_t table, std::size_t share) {
    return members_[table * n_shares() + share];
  }

  std::span<WordTable> tables_;
  std::vector<std::vector<MergedWord>> words_;       // of each share
  std::vector<std::vector<Member>> members_;         // of each table and share
  std::vector<std::vector<Replaced>> replacements_;  // of each table
};

}  // namespace sgns

#endif  // SGNS_WORD_MERGE_H_
