// Philox in plain C++, one counter at a time: the oracle of the others.
#include "kernels/philox_tables.h"

namespace sgns {
namespace {

void fill(uint64_t key, size_t n, uint64_t* low, uint64_t* high) {
  for (size_t i = 0; i < n; i++) {
    const PhiloxBlock block = philox(key, {low[i], high[i]});
    low[i] = block.low;
    high[i] = block.high;
  }
}

void places(uint64_t key, uint64_t n_slots, size_t n, uint64_t* low, uint64_t* high) {
  for (size_t i = 0; i < n; i++) {
    const PhiloxBlock block = philox(key, {low[i], high[i]});
    low[i] = place_of(block.low, n_slots);
    high[i] = place_of(block.high, n_slots);
  }
}

}  // namespace

Philox philox_scalar() { return {fill, places}; }

}  // namespace sgns
