// A float matrix whose rows are padded with zeros to whole cache lines while it is
// trained, and which becomes a plain contiguous array in place when it is handed out.
//
// Thread safety: none of its own; the trainer says who writes which row when.
#ifndef SGNS_MATRIX_H_
#define SGNS_MATRIX_H_

#include <cstddef>
#include <cstdint>
#include <memory>

namespace sgns {

// Rows are padded to this many floats: one cache line, and a whole number of vectors of
// every instruction set.
inline constexpr std::size_t kRowAlignment = 16;

[[nodiscard]] constexpr std::size_t padded(std::size_t dim) {
  return (dim + kRowAlignment - 1) / kRowAlignment * kRowAlignment;
}

class Matrix {
 public:
  // All zero. std::invalid_argument when the size overflows, std::bad_alloc.
  Matrix(std::size_t n_rows, std::size_t dim);

  [[nodiscard]] std::size_t n_rows() const { return n_rows_; }
  [[nodiscard]] std::size_t dim() const { return dim_; }
  [[nodiscard]] std::size_t stride() const {
    return stride_;
  }  // floats from row to row
  [[nodiscard]] float* data() { return data_.get(); }
  [[nodiscard]] float* row(std::size_t r) { return data_.get() + r * stride_; }

  // Moves the rows together, stride() becomes dim().
  void pack();
  // Moves the rows apart again, stride() becomes padded(dim()), padding zero.
  void pad();

 private:
  struct Free {
    std::size_t bytes;
    void operator()(float* memory) const;
  };

  std::size_t n_rows_, dim_, stride_;
  std::unique_ptr<float[], Free> data_{nullptr, Free{0}};
};

// Fills row r, column d with a uniform number from [-1/2, 1/2) / dim that depends on
// (seed, r, d) alone (the start of word2vec.c).
void fill_initial_input(Matrix& input, std::uint64_t seed);

}  // namespace sgns

#endif  // SGNS_MATRIX_H_
