// Noise words of several centres at once (kernel_table.h), as a template over lanes of
// integers; included like tile.h. A type of lanes I has what philox_lanes.h names, and
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
template <class I>
static inline typename I::Reg mix(typename I::Reg z) {
  z = I::multiply(I::bit_xor(z, I::template shift<30>(z)), I::set(kMixFactor1));
  z = I::multiply(I::bit_xor(z, I::template shift<27>(z)), I::set(kMixFactor2));
  return I::bit_xor(z, I::template shift<31>(z));
}

// The words that random bits stand for, as by Distribution::draw().
template <class I>
static inline typename I::Reg words_of(const NoiseBatch& batch, typename I::Reg bits) {
  using Reg = typename I::Reg;
  const Reg n = I::set(batch.n_slots);
  const Reg place = I::add(I::mul(I::high(bits), n), I::high(I::mul(bits, n)));
  const Reg own = I::high(place);
  Reg threshold, alias;
  I::look_up(batch.slots, own, &threshold, &alias);
  return I::choose_less(I::low(place), threshold, own, alias);
}

template <class I>
static uint64_t draw_noise(const NoiseBatch& batch) {
  using Reg = typename I::Reg;
  uint64_t words[kMostCompared][I::kLanes], repeats = 0;
  const size_t negative = batch.negative;
  for (size_t c = 0; c < batch.n; c += I::kLanes) {
    const Reg centre = I::load(batch.centres + c);
    // Draw number position * negative + j of the stream: draw() of random.h.
    const Reg first =
        I::multiply(I::load(batch.positions + c), I::set(negative * kGolden));
    typename I::Mask same = I::none();
    for (size_t j = 0; j < negative; j++) {
      const Reg counter = I::add(first, I::set(batch.key + (j + 1) * kGolden));
      const Reg word = words_of<I>(batch, mix<I>(counter));
      same = I::join_equal(same, word, centre);
      for (size_t i = 0; i < j && j < kMostCompared; i++) {
        same = I::join_equal(same, word, I::load(words[i]));
      }
      uint64_t* const place = words[j < kMostCompared ? j : 0];
      I::store(place, word);
      int32_t* const noise = batch.noise + c * negative + j;
      for (size_t lane = 0; lane < I::kLanes; lane++) {
        noise[lane * negative] = static_cast<int32_t>(place[lane]);
      }
    }
    repeats |= I::bits(same) << c;
  }
  return negative <= kMostCompared ? repeats : ~uint64_t{0};
}
