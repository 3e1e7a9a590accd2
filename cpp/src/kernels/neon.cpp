// The tile for NEON (every 64-bit ARM): 32 registers of 4 floats.
#include <arm_neon.h>

#include "kernels/tables.h"

namespace sgns {
namespace {

#include "kernels/tile.h"

struct Neon {
  using Reg = float32x4_t;
  using One = Neon;
  using Lanes = OneLane;
  static constexpr size_t kLanes = 4, kGroup = 1, kGroups = 4, kParts = 2;
  static constexpr int kRegisters = 32, kTargets = 12, kVectors = 4;
  static Reg zero() { return vdupq_n_f32(0.0f); }
  static Reg set(float x) { return vdupq_n_f32(x); }
  static Reg load(const float* p) { return vld1q_f32(p); }
  static void store(float* p, Reg r) { vst1q_f32(p, r); }
  static Reg add(Reg a, Reg b) { return vaddq_f32(a, b); }
  static Reg sub(Reg a, Reg b) { return vsubq_f32(a, b); }
  static Reg mul(Reg a, Reg b) { return vmulq_f32(a, b); }
  static Reg div(Reg a, Reg b) { return vdivq_f32(a, b); }
  static Reg max(Reg a, Reg b) { return vmaxq_f32(a, b); }
  static Reg fma(Reg a, Reg b, Reg c) { return vfmaq_f32(c, a, b); }
  // x is cut to -126 .. 128: 2^x from the smallest normal float to infinity. NaN passes
  // through.
  static Reg split(Reg x, Reg* fraction) {
    const Reg bounded = vminq_f32(set(128.0f), vmaxq_f32(set(-126.0f), x));
    const Reg whole = vrndnq_f32(bounded);
    *fraction = vsubq_f32(bounded, whole);
    return whole;
  }
  static Reg scale(Reg x, Reg whole) {
    const int32x4_t exponent = vaddq_s32(vcvtnq_s32_f32(whole), vdupq_n_s32(127));
    return vmulq_f32(x, vreinterpretq_f32_s32(vshlq_n_s32(exponent, 23)));
  }
  static Reg load_group(const float* const* x, size_t d) { return vld1q_f32(x[0] + d); }
  static Reg load_target(const float* p) { return vld1q_f32(p); }
  static void sum_columns(const Reg (&acc)[kTargetBlock], Reg* sums) {
    sums[0] = vpaddq_f32(vpaddq_f32(acc[0], acc[1]), vpaddq_f32(acc[2], acc[3]));
    sums[1] = vpaddq_f32(vpaddq_f32(acc[4], acc[5]), zero());
  }
  static Reg load_labels(const float* p, size_t part) {
    return vld1q_f32(p + 4 * part);
  }
  static Reg set_rows(const float* p) { return vdupq_n_f32(*p); }
  template <class Op>
  static void spread(Reg* parts, Op op) {
    Reg r = op(parts[0], parts[1]);
    r = op(r, vextq_f32(r, r, 2));
    parts[0] = parts[1] = op(r, vrev64q_f32(r));
  }
  static void store_rows(float* p, size_t, size_t, const Reg* parts) {
    vst1q_f32(p, parts[0]);
    vst1q_f32(p + 4, parts[1]);
  }
};

constexpr Kernels kTable = make_kernels<Neon>("neon");

}  // namespace

const Kernels& neon_kernels() { return kTable; }

}  // namespace sgns
