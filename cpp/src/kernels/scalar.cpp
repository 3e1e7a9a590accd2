// The tile in plain C++: for machines without a vector table, and the simplest one to
// compare the others with.
#include "kernels/tables.h"

namespace sgns {
namespace {

#include "kernels/tile.h"

struct Scalar {
  using Reg = float;
  using One = Scalar;
  using Lanes = OneLane;
  static constexpr size_t kLanes = 1, kGroup = 1, kGroups = 2, kParts = 8;
  static constexpr int kRegisters = 16, kTargets = 8, kVectors = 1;
  static Reg zero() { return 0.0f; }
  static Reg set(float x) { return x; }
  static Reg load(const float* p) { return *p; }
  static void store(float* p, Reg r) { *p = r; }
  static Reg add(Reg a, Reg b) { return a + b; }
  static Reg sub(Reg a, Reg b) { return a - b; }
  static Reg mul(Reg a, Reg b) { return a * b; }
  static Reg div(Reg a, Reg b) { return a / b; }
  static Reg max(Reg a, Reg b) { return a > b ? a : b; }
  static Reg fma(Reg a, Reg b, Reg c) { return a * b + c; }
  // x is cut to -126 .. 128: 2^x from the smallest normal float to infinity. NaN passes
  // through.
  static Reg split(Reg x, Reg* fraction) {
    if (x > 128.0f) x = 128.0f;
    if (x < -126.0f) x = -126.0f;
    const float whole = __builtin_nearbyintf(x);
    *fraction = x - whole;
    return whole;
  }
  static Reg scale(Reg x, Reg whole) {
    // NaN must not be converted to an integer; x is NaN then too.
    const int exponent = whole == whole ? static_cast<int>(whole) : 0;
    const uint32_t bits = static_cast<uint32_t>(exponent + 127) << 23;
    float power;
    __builtin_memcpy(&power, &bits, sizeof power);
    return x * power;
  }
  static Reg load_group(const float* const* x, size_t d) { return x[0][d]; }
  static Reg load_target(const float* p) { return *p; }
  static void sum_columns(const Reg (&acc)[kTargetBlock], Reg* sums) {
    for (size_t t = 0; t < kTargetBlock; t++) sums[t] = acc[t];
    sums[6] = sums[7] = 0.0f;
  }
  static Reg load_labels(const float* p, size_t part) { return p[part]; }
  static Reg set_rows(const float* p) { return *p; }
  template <class Op>
  static void spread(Reg* parts, Op op) {
    Reg r = parts[0];
    for (size_t k = 1; k < kParts; k++) r = op(r, parts[k]);
    for (size_t k = 0; k < kParts; k++) parts[k] = r;
  }
  static void store_rows(float* p, size_t, size_t, const Reg* parts) {
    for (size_t k = 0; k < kParts; k++) p[k] = parts[k];
  }
};

constexpr Kernels kTable = make_kernels<Scalar>("scalar");

}  // namespace

const Kernels& scalar_kernels() { return kTable; }

}  // namespace sgns
