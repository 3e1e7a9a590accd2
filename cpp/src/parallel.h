// Work on ranges of numbers by several threads. Internal.
#ifndef SGNS_PARALLEL_H_
#define SGNS_PARALLEL_H_

#include <cstddef>
#include <functional>

namespace sgns {

// Calls body(begin, end) for ranges of at most `grain` numbers that cover 0..n-1, by at
// most `workers` threads, the calling one among them; `poll` runs in the calling one
// between its ranges. The first exception of any of them ends the work and is thrown
// again when all threads have ended.
// REQUIRES: grain >= 1, workers >= 1.
void for_ranges(std::size_t n, std::size_t grain, std::size_t workers,
                const std::function<void(std::size_t, std::size_t)>& body,
                const std::function<void()>& poll);

}  // namespace sgns

#endif  // SGNS_PARALLEL_H_
