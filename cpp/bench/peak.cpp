#include "peak.h"

#include <time.h>

#include <cstdint>

namespace sgns::bench {
namespace {

// The loops stand in assembly, so that no compiler can shorten them. Registers that do
// not wait for each other keep the units busy: 12 cover 3 a cycle with a latency of 4.
#if defined(__x86_64__)

#define SGNS_ALL(f, r)                                                              \
  f(r, 2) f(r, 3) f(r, 4) f(r, 5) f(r, 6) f(r, 7) f(r, 8) f(r, 9) f(r, 10) f(r, 11) \
      f(r, 12) f(r, 13)
#define SGNS_CLEAR(r, i) "vxorps %%" r #i ", %%" r #i ", %%" r #i "\n"
#define SGNS_FMA(r, i) "vfmadd231ps %%" r "0, %%" r "1, %%" r #i "\n"
#define SGNS_CLOBBERS                                                           \
  "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", \
      "xmm9", "xmm10", "xmm11", "xmm12", "xmm13"

constexpr int kFmas = 12;

void fma_512(std::uint64_t rounds) {
  asm volatile(SGNS_CLEAR("zmm", 0) SGNS_CLEAR("zmm", 1)
                   SGNS_ALL(SGNS_CLEAR, "zmm") "1:\n" SGNS_ALL(
                       SGNS_FMA, "zmm") "dec %0\n jnz 1b\n vzeroupper\n"
               : "+r"(rounds)::SGNS_CLOBBERS);
}

void fma_256(std::uint64_t rounds) {
  asm volatile(SGNS_CLEAR("ymm", 0) SGNS_CLEAR("ymm", 1)
                   SGNS_ALL(SGNS_CLEAR, "ymm") "1:\n" SGNS_ALL(
                       SGNS_FMA, "ymm") "dec %0\n jnz 1b\n vzeroupper\n"
               : "+r"(rounds)::SGNS_CLOBBERS);
}

// 6 multiplications and 6 additions.
#define SGNS_ZERO(r, i) "xorps %%" r #i ", %%" r #i "\n"
#define SGNS_PAIR(i, j) "mulps %%xmm0, %%xmm" #i "\n addps %%xmm0, %%xmm" #j "\n"
void mul_add_128(std::uint64_t rounds) {
  asm volatile(SGNS_ZERO("xmm", 0) SGNS_ALL(SGNS_ZERO, "xmm") "1:\n" SGNS_PAIR(2, 8)
                   SGNS_PAIR(3, 9) SGNS_PAIR(4, 10) SGNS_PAIR(5, 11) SGNS_PAIR(6, 12)
                       SGNS_PAIR(7, 13) "dec %0\n jnz 1b\n"
               : "+r"(rounds)::SGNS_CLOBBERS);
}

void additions(std::uint64_t rounds) {
  std::uint64_t sum = 0;
  asm volatile(
      "1:\n add %1, %0\n add %1, %0\n add %1, %0\n add %1, %0\n"
      "add %1, %0\n add %1, %0\n add %1, %0\n add %1, %0\n"
      "dec %1\n jnz 1b\n"
      : "+r"(sum), "+r"(rounds)::"cc");
}

#elif defined(__aarch64__)

#define SGNS_CLEAR(i) "movi v" #i ".4s, #0\n"
#define SGNS_FMA(i) "fmla v" #i ".4s, v0.4s, v1.4s\n"
#define SGNS_ALL(f)                                                                   \
  f(2) f(3) f(4) f(5) f(6) f(7) f(16) f(17) f(18) f(19) f(20) f(21) f(22) f(23) f(24) \
      f(25) f(26) f(27) f(28) f(29)
#define SGNS_CLOBBERS                                                               \
  "cc", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17", "v18", "v19", \
      "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29"

constexpr int kFmas = 20;

void fma_128(std::uint64_t rounds) {
  asm volatile(SGNS_CLEAR(0) SGNS_CLEAR(1) SGNS_ALL(SGNS_CLEAR) "1:\n" SGNS_ALL(
                   SGNS_FMA) "subs %0, %0, #1\n b.ne 1b\n"
               : "+r"(rounds)::SGNS_CLOBBERS);
}

// 10 multiplications and 10 additions.
#define SGNS_MUL(i) "fmul v" #i ".4s, v" #i ".4s, v0.4s\n"
#define SGNS_ADD(i) "fadd v" #i ".4s, v" #i ".4s, v0.4s\n"
#define SGNS_PAIR(i, j) SGNS_MUL(i) SGNS_ADD(j)
void mul_add_128(std::uint64_t rounds) {
  asm volatile(SGNS_CLEAR(0) SGNS_ALL(SGNS_CLEAR) "1:\n" SGNS_PAIR(2, 20)
                   SGNS_PAIR(3, 21) SGNS_PAIR(4, 22) SGNS_PAIR(5, 23) SGNS_PAIR(6, 24)
                       SGNS_PAIR(7, 25) SGNS_PAIR(16, 26) SGNS_PAIR(17, 27) SGNS_PAIR(
                           18, 28) SGNS_PAIR(19, 29) "subs %0, %0, #1\n b.ne 1b\n"
               : "+r"(rounds)::SGNS_CLOBBERS);
}

void additions(std::uint64_t rounds) {
  std::uint64_t sum = 0;
  asm volatile(
      "1:\n add %0, %0, %1\n add %0, %0, %1\n add %0, %0, %1\n"
      "add %0, %0, %1\n add %0, %0, %1\n add %0, %0, %1\n"
      "add %0, %0, %1\n add %0, %0, %1\n subs %1, %1, #1\n b.ne 1b\n"
      : "+r"(sum), "+r"(rounds)::"cc");
}

#endif

constexpr int kAdditions = 8;

// Rounds of `loop` in 10^9/s, measured for about `seconds`.
double speed(void (*loop)(std::uint64_t), double seconds) {
  constexpr std::uint64_t kRounds = 20'000;
  const double start = thread_seconds();
  double passed = 0, rounds = 0;
  while (passed < seconds) {
    loop(kRounds);
    rounds += static_cast<double>(kRounds);
    passed = thread_seconds() - start;
  }
  return rounds / passed / 1e9;
}

}  // namespace

double fma_peak(std::string_view table, double seconds) {
#if defined(__x86_64__)
  if (table == "avx512") return speed(fma_512, seconds) * kFmas * 16;
  if (table == "avx2") return speed(fma_256, seconds) * kFmas * 8;
#else
  if (table == "neon") return speed(fma_128, seconds) * kFmas * 4;
#endif
  return speed(mul_add_128, seconds) * kFmas / 2 * 4;
}

double thread_seconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double clock_rate(double seconds) { return speed(additions, seconds) * kAdditions; }

}  // namespace sgns::bench
