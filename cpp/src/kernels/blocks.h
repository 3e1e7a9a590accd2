// Targets come in blocks, as many as the registers hold (tile.h).

// Targets in the next block when n are left. The last two blocks share what is left to
// them: a block of one or two targets takes nearly as long as one of three or four.
static inline size_t block_size(size_t n) {
  if (n >= 2 * kTargetBlock) return kTargetBlock;
  return n <= kTargetBlock ? n : (n + 1) / 2;
}

template <int N>
struct Size {};

template <int kN, int kMost, class F>
[[gnu::always_inline]] static inline void with_size_from(size_t n, F f) {
  if constexpr (kN < kMost) {
    if (n != kN) return with_size_from<kN + 1, kMost>(n, f);
  }
  f(Size<kN>());
}

// Calls f(Size<n>()): a number of targets as a constant. Asks first for the usual one.
// REQUIRES: 1 <= n <= kMost.
template <int kMost, class F>
[[gnu::always_inline]] static inline void with_size(size_t n, F f) {
  if (n == kTargetBlock) return f(Size<int{kTargetBlock}>());
  with_size_from<1, kMost>(n, f);
}
