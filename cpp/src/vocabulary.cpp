#include "sgns/vocabulary.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <string>

#include "utf8.h"
#include "word_table.h"

namespace sgns {
namespace {

// What a word is sorted by: equal counts and first bytes need a look at the word.
struct SortKey {
  std::int64_t count;
  std::uint64_t first_bytes;  // first byte highest, so that numbers sort as bytes do
  std::int32_t id;
};

std::uint64_t first_bytes(std::string_view word) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    const char byte = i < word.size() ? word[i] : '\0';
    value = (value << 8) | static_cast<unsigned char>(byte);
  }
  return value;
}

// Counts the word's valid form in place of the word itself; returns its id.
std::int32_t merge_replaced(WordTable& table, std::string_view word,
                            std::int64_t count) {
  std::string replaced = replace_invalid_utf8(word);
  const std::size_t size = replaced.size();
  replaced.append(kWordPadding, '\0');
  return table.add(WordKey(replaced.data(), size), count);
}

// Moves all counts of `table` into `merged`, which may be the same one.
std::vector<std::int32_t> merge_into(WordTable& merged, WordTable& table) {
  std::vector<std::int32_t> map(table.size());
  std::iota(map.begin(), map.end(), 0);
  for (std::int32_t& id : map) {
    if (table.is_invalid(id)) {
      const std::int64_t count = table.take_count(id);
      id = merge_replaced(merged, table.word(id), count);
    } else if (&merged != &table) {
      const std::string_view word = table.word(id);
      id = merged.add(WordKey(word.data(), word.size()), table.count_of(id));
    }
  }
  return map;
}

std::vector<SortKey> sorted_words(const WordTable& table, std::int64_t min_count) {
  std::vector<SortKey> keys;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto id = static_cast<std::int32_t>(i);
    const std::int64_t count = table.count_of(id);
    if (count >= min_count) keys.push_back({count, first_bytes(table.word(id)), id});
  }
  std::sort(keys.begin(), keys.end(), [&](const SortKey& a, const SortKey& b) {
    if (a.count != b.count) return a.count > b.count;
    if (a.first_bytes != b.first_bytes) return a.first_bytes < b.first_bytes;
    return table.word(a.id) < table.word(b.id);
  });
  return keys;
}

}  // namespace

void Vocabulary::append(std::string_view word, std::int64_t count) {
  bytes_.insert(bytes_.end(), word.begin(), word.end());
  ends_.push_back(bytes_.size());
  counts_.push_back(count);
}

std::pair<Vocabulary, WordMaps> merge_tables(std::span<WordTable> tables,
                                             std::int64_t min_count) {
  assert(min_count >= 1);
  Vocabulary vocabulary;
  WordMaps maps;
  if (tables.empty()) return {std::move(vocabulary), std::move(maps)};
  WordTable& merged = tables[0];
  for (WordTable& table : tables) {
    maps.push_back(merge_into(merged, table));
    if (&table != &merged) table = WordTable();
  }
  std::int64_t highest = 0;
  for (std::size_t i = 0; i < merged.size(); ++i) {
    highest = std::max(highest, merged.count_of(static_cast<std::int32_t>(i)));
  }
  vocabulary.set_highest_count(highest);

  std::vector<std::int32_t> rows(merged.size(), -1);
  for (const SortKey& key : sorted_words(merged, min_count)) {
    const auto row = static_cast<std::int32_t>(vocabulary.size());
    rows[static_cast<std::size_t>(key.id)] = row;
    vocabulary.append(merged.word(key.id), key.count);
  }
  for (std::vector<std::int32_t>& map : maps) {
    for (std::int32_t& id : map) id = rows[static_cast<std::size_t>(id)];
  }
  return {std::move(vocabulary), std::move(maps)};
}

}  // namespace sgns
