// Draws of a stream and noise words of several centres at once (kernel_table.h), as a
// template over lanes of integers; included like tile.h. A type of lanes L has what
// philox_lanes.h names, and
//   bit_xor(a, b) shift<n>(a)   a moved n bits to the right
//   multiply(a, b)              the lower 64 bits of products
//   Mask none()                 lanes, and none of them
//   join_equal(mask, a, b)      mask and the lanes where a equals b
//   bits(mask)                  a bit for each lane
//   choose_less(a, b, x, y)     x where a < b, else y; all below 2^32
//   look_up(slots, i, &threshold, &alias)  the slots number i

// The lanes of instruction sets that have no type of their own.
struct OneLane {
  using Reg = uint64_t;
  static constexpr size_t kLanes = 1;
  static Reg set(uint64_t x) { return x; }
  static Reg load(const uint64_t* p) { return *p; }
  static void store(uint64_t* p, Reg r) { *p = r; }
  static Reg mul(Reg a, Reg b) { return low(a) * low(b); }
  static Reg high(Reg a) { return a >> 32; }
  static Reg low(Reg a) { return a & 0xFFFFFFFFu; }
  static Reg add(Reg a, Reg b) { return a + b; }
  static Reg bit_xor(Reg a, Reg b) { return a ^ b; }
  template <int kBits>
  static Reg shift(Reg a) {
    return a >> kBits;
  }
  static Reg multiply(Reg a, Reg b) { return a * b; }
  using Mask = uint64_t;
  static Mask none() { return 0; }
  static Mask join_equal(Mask mask, Reg a, Reg b) { return mask | (a == b ? 1 : 0); }
  static uint64_t bits(Mask mask) { return mask; }
  static Reg choose_less(Reg a, Reg b, Reg x, Reg y) { return a < b ? x : y; }
  static void look_up(const AliasSlot* slots, Reg i, Reg* threshold, Reg* alias) {
    *threshold = slots[i].threshold;
    *alias = static_cast<Reg>(slots[i].alias);
  }
};

// mix64() of random.h.
template <class L>
static inline typename L::Reg mix(typename L::Reg z) {
  z = L::multiply(L::bit_xor(z, L::template shift<30>(z)), L::set(kMixFactor1));
  z = L::multiply(L::bit_xor(z, L::template shift<27>(z)), L::set(kMixFactor2));
  return L::bit_xor(z, L::template shift<31>(z));
}

template <class L>
static void fill_draws(uint64_t key, uint64_t first, size_t n, uint64_t* bits) {
  alignas(64) uint64_t steps[L::kLanes];
  for (size_t i = 0; i < L::kLanes; i++) steps[i] = (i + 1) * kGolden;
  const typename L::Reg step = L::load(steps);
  for (size_t i = 0; i < n; i += L::kLanes) {
    L::store(bits + i, mix<L>(L::add(step, L::set(key + (first + i) * kGolden))));
  }
}

// The words that random bits stand for, as by Distribution::draw().
template <class L>
static inline typename L::Reg words_of(const NoiseBatch& batch, typename L::Reg bits) {
  using Reg = typename L::Reg;
  const Reg n = L::set(batch.n_slots);
  const Reg place = L::add(L::mul(L::high(bits), n), L::high(L::mul(bits, n)));
  const Reg own = L::high(place);
  Reg threshold, alias;
  L::look_up(batch.slots, own, &threshold, &alias);
  return L::choose_less(L::low(place), threshold, own, alias);
}

template <class L>
static uint64_t draw_noise(const NoiseBatch& batch) {
  using Reg = typename L::Reg;
  uint64_t words[kMostCompared][L::kLanes], repeats = 0;
  const size_t negative = batch.negative;
  for (size_t c = 0; c < batch.n; c += L::kLanes) {
    const Reg centre = L::load(batch.centres + c);
    // Draw number position * negative + j of the stream: draw() of random.h.
    const Reg first =
        L::multiply(L::load(batch.positions + c), L::set(negative * kGolden));
    typename L::Mask same = L::none();
    for (size_t j = 0; j < negative; j++) {
      const Reg counter = L::add(first, L::set(batch.key + (j + 1) * kGolden));
      const Reg word = words_of<L>(batch, mix<L>(counter));
      same = L::join_equal(same, word, centre);
      for (size_t i = 0; i < j && j < kMostCompared; i++) {
        same = L::join_equal(same, word, L::load(words[i]));
      }
      uint64_t* const place = words[j < kMostCompared ? j : 0];
      L::store(place, word);
      int32_t* const noise = batch.noise + c * negative + j;
      for (size_t lane = 0; lane < L::kLanes; lane++) {
        noise[lane * negative] = static_cast<int32_t>(place[lane]);
      }
    }
    repeats |= L::bits(same) << c;
  }
  return negative <= kMostCompared ? repeats : ~uint64_t{0};
}
