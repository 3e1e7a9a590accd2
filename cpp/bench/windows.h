// Windows over made-up words, drawn before any clock runs: what the kernels are given.
//
// Thread safety: immutable once made.
#ifndef SGNS_BENCH_WINDOWS_H_
#define SGNS_BENCH_WINDOWS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sgns::bench {

// Which rows make a tile.
enum class Shape {
  kSkipGram,  // context words against the centre and noise words
  kCbow,      // their mean against the same
  kPath,      // context words against a path of `targets` nodes from the root
};

// Counts as in natural text: that of word r is proportional to 1 / (r + 2.7).
[[nodiscard]] std::vector<std::int64_t> zipf_counts(std::size_t n_words);

// A text of subsampled words with a window around each, and the targets of each.
//
// Words follow zipf_counts(), subsampled at 1e-3; noise words follow counts^0.75. In a
// vocabulary of fewer than 1,000 words all words are equally frequent and no row of a
// window or of its targets occurs twice, as is usual in a large one.
class Windows {
 public:
  struct Window {
    std::uint32_t centre;  // index into words()
    std::uint32_t begin;   // first context word
    std::uint32_t end;     // behind the last; the centre lies between
    bool distinct;         // no context word and no target occurs twice
  };

  // `contexts` = 0 draws radii from 1 to 5, else every window has that many context
  // words. REQUIRES: 1 <= contexts + targets < n_words, contexts <= 20, targets >= 1.
  Windows(Shape shape, std::size_t n_words, std::size_t contexts, std::size_t targets);

  [[nodiscard]] std::size_t size() const { return windows_.size(); }
  [[nodiscard]] std::span<const std::int32_t> words() const { return words_; }
  // How far behind its centre the widest window looks.
  [[nodiscard]] std::size_t reach() const { return reach_; }
  [[nodiscard]] const Window& operator[](std::size_t w) const { return windows_[w]; }
  // Words of the output matrix, or nodes.
  [[nodiscard]] std::span<const std::int32_t> targets(std::size_t w) const {
    return std::span(targets_).subspan(w * n_targets_, n_targets_);
  }

 private:
  void draw_words(std::size_t n_words, std::size_t n);
  void draw_windows(std::size_t contexts);
  void draw_noise(std::size_t n_words);
  void draw_paths(std::size_t n_words);
  void find_repeats();

  std::size_t n_targets_;
  std::size_t reach_ = 0;
  std::vector<std::int32_t> words_;
  std::vector<Window> windows_;
  std::vector<std::int32_t> targets_;
};

}  // namespace sgns::bench

#endif  // SGNS_BENCH_WINDOWS_H_
