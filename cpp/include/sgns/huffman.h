// The binary Huffman tree of a vocabulary: frequent words have short paths.
// Hierarchical softmax (Morin and Bengio, 2005; Mikolov et al., 2013) scores a word
// against the inner nodes on its path.
//
// Thread safety: immutable after construction.
#ifndef SGNS_HUFFMAN_H_
#define SGNS_HUFFMAN_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sgns {

class HuffmanTree {
 public:
  // The way from the root to a word: node i is left by the branch codes[i].
  struct Path {
    std::span<const std::int32_t> nodes;
    std::span<const std::uint8_t> codes;  // 0 or 1
  };

  // Ties of counts: inner nodes before words, words with the larger index first, inner
  // nodes in order of creation; so equal counts give equal trees everywhere.
  // REQUIRES: counts descending, all >= 0, at least 2 of them.
  explicit HuffmanTree(std::span<const std::int64_t> counts);

  [[nodiscard]] std::size_t n_words() const { return offsets_.size() - 1; }
  [[nodiscard]] std::size_t n_nodes() const { return n_words() - 1; }
  [[nodiscard]] std::size_t max_length() const { return max_length_; }

  [[nodiscard]] Path path(std::size_t word) const {
    const std::size_t begin = offsets_[word], length = offsets_[word + 1] - begin;
    return {std::span(nodes_).subspan(begin, length),
            std::span(codes_).subspan(begin, length)};
  }

  // All paths end to end; word w has the entries offsets[w] to offsets[w + 1].
  [[nodiscard]] std::span<const std::uint64_t> offsets() const { return offsets_; }
  [[nodiscard]] std::span<const std::int32_t> nodes() const { return nodes_; }
  [[nodiscard]] std::span<const std::uint8_t> codes() const { return codes_; }

 private:
  std::vector<std::uint64_t> offsets_;
  std::vector<std::int32_t> nodes_;
  std::vector<std::uint8_t> codes_;
  std::size_t max_length_ = 0;
};

}  // namespace sgns

#endif  // SGNS_HUFFMAN_H_
