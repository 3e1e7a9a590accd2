// NumPy arrays to spans and back. Thread safety: with the GIL.
#ifndef SGNS_BINDINGS_ARRAYS_H_
#define SGNS_BINDINGS_ARRAYS_H_

#include <pybind11/numpy.h>

#include <cstddef>
#include <memory>
#include <span>
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

}  // namespace sgns

#endif  // SGNS_BINDINGS_ARRAYS_H_
