// The different words of several tables, found share by share of their hashes, so that
// several threads can do it. Internal.
#ifndef SGNS_WORD_MERGE_H_
#define SGNS_WORD_MERGE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sgns/vocabulary.h"
#include "word_table.h"

namespace sgns {

// A word, its occurrences in all tables, and what is needed to sort it.
struct MergedWord {
  std::int64_t count;
  std::uint64_t first_bytes;  // of the text, as WordTable::first_bytes()
  const char* data;           // of the text, in a table
  std::uint32_t size;
  std::int32_t number;  // among the words of all shares

  [[nodiscard]] std::string_view text() const { return {data, size}; }
};

// The words of some tables that occur often enough, each once. A share has words of one
// range of hashes: the tables are in the order of the hashes, so that a share finds its
// words together in each of them, and few enough to stay in the cache.
//
// Thread safety: start() may run in one thread for each table, then, when all have
// ended, merge() in one for each share, then number_words() alone, then set_rows() in
// one for each share, then end() in one for each table. The tables must live and not
// change meanwhile.
class WordMerge {
 public:
  // REQUIRES: 1 to 2^31 tables, min_count >= 1
  WordMerge(std::span<WordTable> tables, std::int64_t min_count);

  [[nodiscard]] std::size_t n_tables() const { return tables_.size(); }
  [[nodiscard]] std::size_t n_shares() const { return words_.size(); }

  // Counts the invalid words of a table as their text with U+FFFD for invalid bytes,
  // which is added to the table.
  void start(std::size_t table);
  // Finds the different words of a share.
  void merge(std::size_t share);
  // Numbers the words of all shares.
  void number_words();
  // Notes the rows of the words of a share, rows[i] being that of word number i.
  void set_rows(std::size_t share, std::span<const std::int32_t> rows);
  // Gives the invalid words of a table the rows of those they are counted as.
  void end(std::size_t table);

  // The words of each share, in no particular order.
  [[nodiscard]] std::vector<std::vector<MergedWord>>& words() { return words_; }
  // Occurrences of the most frequent word, often enough or not; 0 when there is none.
  [[nodiscard]] std::int64_t highest_count() const;
  // The row of each word of each table, -1 when it does not occur often enough.
  [[nodiscard]] WordMaps& maps() { return maps_; }

 private:
  // A word of a table, and which of the words of its share it is.
  struct Member {
    std::uint32_t hash;
    std::uint32_t table;
    std::int32_t id;
    std::int32_t word;
  };
  // The first member of a word, its occurrences in all tables, and its number among
  // the words of the share that occur often enough, -1 when it does not.
  struct Word {
    Member first;
    std::int64_t count;
    std::int32_t kept;
  };
  // An invalid word, and the valid one it counts as.
  struct Replaced {
    std::int32_t invalid;
    std::int32_t valid;
  };

  [[nodiscard]] std::vector<Member> members_of(std::size_t share) const;
  [[nodiscard]] std::vector<Word> different_words(std::span<Member> members) const;
  void keep(std::size_t share, std::span<Word> words);

  std::span<WordTable> tables_;
  std::int64_t min_count_;
  std::vector<std::vector<MergedWord>> words_;       // of each share
  std::vector<std::vector<Member>> members_;         // of those words
  std::vector<std::int64_t> highest_counts_;         // of each share
  std::vector<std::int32_t> first_numbers_;          // of the words of each share
  std::vector<std::vector<Replaced>> replacements_;  // of each table
  WordMaps maps_;
};

}  // namespace sgns

#endif  // SGNS_WORD_MERGE_H_
