// What the processor can do at best, measured beside the kernels.
//
// Thread safety: no shared state.
#ifndef SGNS_BENCH_PEAK_H_
#define SGNS_BENCH_PEAK_H_

#include <string_view>

namespace sgns::bench {

// Fused multiply-adds of floats in 10^9/s that independent registers of the width which
// `table` uses reach in about `seconds`. The scalar table, built without FMA, is held
// against multiplications and additions of 4 floats, a pair of them taken as one.
[[nodiscard]] double fma_peak(std::string_view table, double seconds);

// Seconds of processor time that this thread has had: unlike those of a clock, they do
// not count what other programs take meanwhile.
[[nodiscard]] double thread_seconds();

// Cycles in 10^9/s, by additions that wait for each other.
[[nodiscard]] double clock_rate(double seconds);

}  // namespace sgns::bench

#endif  // SGNS_BENCH_PEAK_H_
