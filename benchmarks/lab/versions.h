// Versions over any vector type, included by one file for each instruction set inside
// its anonymous namespace, like kernels/tile.h. README.md says what came of each.

// 1: the sums of one group of inputs at a time, with half the registers and twice the
// loads of targets.
template <class B>
struct OneGroup : B {
  static constexpr size_t kGroups = 1;
};

// 3: the sigmoid by an approximate reciprocal and a step of Newton's method instead of
// a division.
template <class B>
struct Reciprocal : B {
  static typename B::Reg div(typename B::Reg a, typename B::Reg b) {
    const typename B::Reg r = reciprocal(b);
    const typename B::Reg rest = B::sub(B::set(2.0f), B::mul(b, r));
    return B::mul(a, B::mul(r, rest));
  }
};

// 4: all lines of the next rows are fetched at once, before the tile.
template <class V>
static void burst(const Tile& tile, float* scratch, float* scores) {
  for (size_t r = 0; r < tile.n_next; r++) {
    for (size_t d = 0; d < tile.dim; d += 16) __builtin_prefetch(tile.next[r] + d, 1);
  }
  Tile rest = tile;
  rest.n_next = 0;
  whole_tile<V>(rest, scratch, scores);
}

// 5: nothing is fetched.
template <class V>
static void no_fetch(const Tile& tile, float* scratch, float* scores) {
  Tile rest = tile;
  rest.n_next = 0;
  whole_tile<V>(rest, scratch, scores);
}

template <class V>
static constexpr Kernels with_tile(const char* name,
                                   void (*tile)(const Tile&, float*, float*)) {
  Kernels kernels = make_kernels<V>(name);
  kernels.tile = tile;
  return kernels;
}
