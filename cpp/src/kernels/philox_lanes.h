// Philox4x32-10 (sgns/philox.h) for many counters at once, as a template over a vector
// type; included in the same way as tile.h.
//
// A vector type V has
//   Reg, kLanes           a register of kLanes numbers of 64 bits
//   load(p) store(p, r)   not aligned
//   set(x)                x in all lanes
//   mul(a, b)             products of the lower 32 bits, 64 bits wide
//   high(a) low(a)        the upper, the lower 32 bits as a number
//   up(a)                 the lower 32 bits moved to the upper
//   add(a, b) bit_or(a, b) xor3(a, b, c)
//
// Each word of a counter has a lane of its own, whose upper half is left undefined
// between rounds: multiplication reads the lower half only.

template <class V>
struct Words {
  typename V::Reg x0, x1, x2, x3;
};

template <class V>
static inline Words<V> encrypt(uint64_t key, const uint64_t* low,
                               const uint64_t* high) {
  using Reg = typename V::Reg;
  const Reg multiplier0 = V::set(kPhiloxMultiplier0);
  const Reg multiplier1 = V::set(kPhiloxMultiplier1);
  const Reg first = V::load(low), second = V::load(high);
  Words<V> x{first, V::high(first), second, V::high(second)};
  uint64_t k0 = key, k1 = key >> 32;
  for (int round = 0; round < kPhiloxRounds; round++) {
    const Reg p0 = V::mul(multiplier0, x.x0), p1 = V::mul(multiplier1, x.x2);
    x.x0 = V::xor3(V::high(p1), x.x1, V::set(k0));
    x.x2 = V::xor3(V::high(p0), x.x3, V::set(k1));
    x.x1 = p1;
    x.x3 = p0;
    k0 += kPhiloxWeyl0;
    k1 += kPhiloxWeyl1;
  }
  return x;
}

template <class V>
static void fill_blocks(uint64_t key, size_t n, uint64_t* low, uint64_t* high) {
  for (size_t i = 0; i < n; i += V::kLanes) {
    const Words<V> x = encrypt<V>(key, low + i, high + i);
    V::store(low + i, V::bit_or(V::low(x.x0), V::up(x.x1)));
    V::store(high + i, V::bit_or(V::low(x.x2), V::up(x.x3)));
  }
}

template <class V>
static void fill_places(uint64_t key, uint64_t n_slots, size_t n, uint64_t* low,
                        uint64_t* high) {
  const typename V::Reg slots = V::set(n_slots);
  for (size_t i = 0; i < n; i += V::kLanes) {
    const Words<V> x = encrypt<V>(key, low + i, high + i);
    V::store(low + i, V::add(V::mul(x.x1, slots), V::high(V::mul(x.x0, slots))));
    V::store(high + i, V::add(V::mul(x.x3, slots), V::high(V::mul(x.x2, slots))));
  }
}
