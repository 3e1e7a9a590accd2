// NumPy arrays to spans and back. Thread safety: with the GIL.
#ifndef SGNS_BINDINGS_ARRAYS_H_
#define SGNS_BINDINGS_ARRAYS_H_

#include <pybind11/numpy.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sgns/matrix.h"

namespace sgns {

template <class T>
using InputArray =
    pybind11::array_t<T, pybind11::array::c_style | pybind11::array::forcecast>;

template <class T>
[[nodiscard]] std::span<const T> as_span(const InputArray<T>& array) {
  return {array.data(), static_cast<std::size_t>(array.size())};
}

// A one-dimensional copy.
template <class T>
[[nodiscard]] pybind11::array_t<T> to_array(std::span<const T> values) {
  return pybind11::array_t<T>(static_cast<pybind11::ssize_t>(values.size()),
                              values.data());
}

[[nodiscard]] inline pybind11::array_t<bool> to_array(const std::vector<bool>& bits) {
  pybind11::array_t<bool> array(static_cast<pybind11::ssize_t>(bits.size()));
  std::copy(bits.begin(), bits.end(), array.mutable_data());
  return array;
}

// The matrix as an array of shape (n_rows, dim) that owns it; nothing is copied.
[[nodiscard]] inline pybind11::array_t<float> to_array(Matrix matrix) {
  matrix.pack();
  auto owner = std::make_unique<Matrix>(std::move(matrix));
  Matrix* const kept = owner.get();
  pybind11::capsule base(owner.release(),
                         [](void* pointer) { delete static_cast<Matrix*>(pointer); });
  const auto n_rows = static_cast<pybind11::ssize_t>(kept->n_rows());
  const auto dim = static_cast<pybind11::ssize_t>(kept->dim());
  return pybind11::array_t<float>({n_rows, dim}, kept->data(), base);
}

// A copy as an array of shape (n_rows, dim); None for a matrix without rows.
[[nodiscard]] inline pybind11::object copy_of(Matrix& matrix) {
  if (matrix.n_rows() == 0) return pybind11::none();
  pybind11::array_t<float> array({static_cast<pybind11::ssize_t>(matrix.n_rows()),
                                  static_cast<pybind11::ssize_t>(matrix.dim())});
  for (std::size_t r = 0; r < matrix.n_rows(); r++) {
    std::copy_n(matrix.row(r), matrix.dim(), array.mutable_data() + r * matrix.dim());
  }
  return array;
}

// Copies an array of the same shape into the matrix, None into one without rows;
// std::invalid_argument for another shape.
inline void assign(Matrix& matrix, const std::optional<InputArray<float>>& array) {
  const bool fits =
      array ? array->ndim() == 2 &&
                  static_cast<std::size_t>(array->shape(0)) == matrix.n_rows() &&
                  static_cast<std::size_t>(array->shape(1)) == matrix.dim()
            : matrix.n_rows() == 0;
  if (!fits) {
    throw std::invalid_argument("a table must have the shape (" +
                                std::to_string(matrix.n_rows()) + ", " +
                                std::to_string(matrix.dim()) + ")");
  }
  for (std::size_t r = 0; r < matrix.n_rows(); r++) {
    std::copy_n(array->data() + r * matrix.dim(), matrix.dim(), matrix.row(r));
  }
}

}  // namespace sgns

#endif  // SGNS_BINDINGS_ARRAYS_H_
