// Targets come in blocks, as many as the registers hold (tile.h).

// Targets in the next block when n are left. The last two blocks share what is left to
// them: a block of one or two targets takes nearly as long as one of three or four.
static inline size_t block_size(size_t n) {
  if (n >= 2 * kTargetBlock) return kTargetBlock;
  return n <= kTargetBlock ? n : (n + 1) / 2;
}

template <int N>
struct Size {};

// Calls f(Size<n>()): a number of targets as a constant.
// REQUIRES: 1 <= n <= kMost.
template <int kMost, int kN = 1, class F>
[[gnu::always_inline]] static inline void with_size(size_t n, F f) {
  if constexpr (kN < kMost) {
    if (n != kN) return with_size<kMost, kN + 1>(n, f);
  }
  f(Size<kN>());
}
