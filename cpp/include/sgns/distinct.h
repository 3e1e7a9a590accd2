// Distinct ids drawn from a law, and with which probability each was among them.
//
// Ids arrive as a Poisson process: id i first after a time that is exponential with
// rate p_i. The n that arrive first are drawn; tau is the arrival of the next one.
// Given tau and the others, id i is drawn with probability 1 - exp(-p_i tau), and sums
// weighted by its inverse are unbiased (rank conditioning: Cohen and Kaplan, 2007).
//
// Thread safety: a pure function.
#ifndef SGNS_DISTINCT_H_
#define SGNS_DISTINCT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sgns/law.h"

namespace sgns {

struct DistinctDraws {
  std::vector<WordId> ids;  // in the order of arrival
  double tau;               // infinite when every id that has a probability is drawn
};

// std::invalid_argument when fewer than n ids have a probability > 0.
[[nodiscard]] DistinctDraws draw_distinct(const Law& law, std::size_t n,
                                          std::uint64_t seed, std::uint64_t step);

// log(1 - exp(-p_i tau)) of each id.
void log_inclusion(const Law& law, double tau, std::span<const WordId> ids,
                   float* result);

}  // namespace sgns

#endif  // SGNS_DISTINCT_H_
