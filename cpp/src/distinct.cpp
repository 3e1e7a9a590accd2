#include "sgns/distinct.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include "sgns/philox.h"
#include "sgns/random.h"

namespace sgns {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// Set of ids with open addressing.
class IdSet {
 public:
  explicit IdSet(std::size_t n) : places_(std::bit_ceil(2 * n + 2), -1) {}

  // Whether `id` was not there yet.
  bool insert(WordId id) {
    std::size_t at = place(id);
    for (; places_[at] != -1; at = (at + 1) & (places_.size() - 1)) {
      if (places_[at] == id) return false;
    }
    places_[at] = id;
    return true;
  }
  [[nodiscard]] bool contains(WordId id) const {
    std::size_t at = place(id);
    for (; places_[at] != -1; at = (at + 1) & (places_.size() - 1)) {
      if (places_[at] == id) return true;
    }
    return false;
  }

 private:
  [[nodiscard]] std::size_t place(WordId id) const {
    return mix64(static_cast<std::uint64_t>(id)) & (places_.size() - 1);
  }
  std::vector<WordId> places_;
};

// A time with the rate 1 from 53 of the bits.
double exponential(std::uint64_t bits) {
  return -std::log((static_cast<double>(bits >> 11) + 0.5) * 0x1p-53);
}

// Lets the arrivals that are still missing come all at once: what has not arrived yet
// waits for another exponential time, whatever has passed.
void let_rest_arrive(const Law& law, const IdSet& arrived, std::size_t n, double time,
                     std::uint64_t seed, std::uint64_t step, DistinctDraws& draws) {
  const Masses& masses = law.masses();
  const auto total = static_cast<double>(masses.total());
  std::vector<std::pair<double, WordId>> rest;
  for (std::size_t i = 0; i < law.size(); i++) {
    const auto id = static_cast<WordId>(i);
    const std::uint64_t mass = masses.of(id);
    if (mass == 0 || arrived.contains(id)) continue;
    const PhiloxBlock bits = philox(seed, draw_counter(0, i, 0, step, Purpose::kRest));
    const double wait = exponential(bits.low) * (total / static_cast<double>(mass));
    rest.emplace_back(time + wait, id);
  }
  const std::size_t missing = n - draws.ids.size();
  const std::size_t n_sorted = std::min(missing + 1, rest.size());
  std::partial_sort(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(n_sorted),
                    rest.end());
  for (std::size_t i = 0; i < missing; i++) draws.ids.push_back(rest[i].second);
  draws.tau = missing < rest.size() ? rest[missing].first : kNever;
}

}  // namespace

DistinctDraws draw_distinct(const Law& law, std::size_t n, std::uint64_t seed,
                            std::uint64_t step) {
  if (n > law.support()) {
    throw std::invalid_argument("cannot draw " + std::to_string(n) +
                                " different items: " + std::to_string(law.support()) +
                                " have a weight > 0");
  }
  DistinctDraws draws{.ids = {}, .tau = kNever};
  draws.ids.reserve(n);
  IdSet arrived(n);
  double time = 0;
  const std::size_t n_arrivals = 4 * n + 64;
  for (std::size_t i = 0; i < n_arrivals; i++) {
    if (draws.ids.size() == law.support()) return draws;
    const PhiloxBlock bits =
        philox(seed, draw_counter(0, i, 0, step, Purpose::kArrivals));
    const WordId id = law.at(law.place(bits.low));
    time += exponential(bits.high);
    if (draws.ids.size() == n) {
      if (arrived.contains(id)) continue;
      draws.tau = time;
      return draws;
    }
    if (arrived.insert(id)) draws.ids.push_back(id);
  }
  let_rest_arrive(law, arrived, n, time, seed, step, draws);
  return draws;
}

void log_inclusion(const Law& law, double tau, std::span<const WordId> ids,
                   float* result) {
  const Masses& masses = law.masses();
  const auto total = static_cast<double>(masses.total());
  for (std::size_t i = 0; i < ids.size(); i++) {
    const double share = static_cast<double>(masses.of(ids[i])) / total;
    result[i] = static_cast<float>(std::log(-std::expm1(-share * tau)));
  }
}

}  // namespace sgns
