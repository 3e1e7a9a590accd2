#include "sgns/huffman.h"

#include <algorithm>
#include <cassert>

namespace sgns {
namespace {

struct Parent {
  std::int32_t node;  // inner node above
  std::uint8_t code;  // branch that leads here
};

// Parents of the words (0 .. n-1) and inner nodes (n ..). Counts are sorted, so the two
// smallest are always at the end of the words or at the front of the inner nodes, which
// are made in ascending order: no heap is needed (van Leeuwen, 1976).
std::vector<Parent> link(std::span<const std::int64_t> counts) {
  const std::size_t n = counts.size();
  std::vector<Parent> parents(2 * n - 1);
  std::vector<std::int64_t> sums(n - 1);
  std::size_t words_left = n, next_inner = 0;
  for (std::size_t made = 0; made < n - 1; made++) {
    std::int64_t sum = 0;
    for (std::uint8_t code = 0; code < 2; code++) {
      const bool inner =
          words_left == 0 ||
          (next_inner < made && sums[next_inner] <= counts[words_left - 1]);
      const std::size_t child = inner ? n + next_inner : words_left - 1;
      sum += inner ? sums[next_inner] : counts[words_left - 1];
      inner ? next_inner++ : words_left--;
      parents[child] = {static_cast<std::int32_t>(made), code};
    }
    sums[made] = sum;
  }
  return parents;
}

}  // namespace

HuffmanTree::HuffmanTree(std::span<const std::int64_t> counts) {
  const std::size_t n = counts.size();
  assert(n >= 2);
  assert(std::is_sorted(counts.rbegin(), counts.rend()));
  const std::vector<Parent> parents = link(counts);
  const auto root = static_cast<std::int32_t>(n - 2);
  offsets_.reserve(n + 1);
  offsets_.push_back(0);
  for (std::size_t word = 0; word < n; word++) {
    const std::size_t begin = nodes_.size();
    std::size_t child = word;
    while (true) {
      const Parent parent = parents[child];
      nodes_.push_back(parent.node);
      codes_.push_back(parent.code);
      if (parent.node == root) break;
      child = n + static_cast<std::size_t>(parent.node);
    }
    const auto start = static_cast<std::ptrdiff_t>(begin);
    std::reverse(nodes_.begin() + start, nodes_.end());
    std::reverse(codes_.begin() + start, codes_.end());
    max_length_ = std::max(max_length_, nodes_.size() - begin);
    offsets_.push_back(nodes_.size());
  }
}

}  // namespace sgns
