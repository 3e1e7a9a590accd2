// Arguments from Python, checked with messages that name them. Thread safety: with the
// GIL.
#ifndef SGNS_BINDINGS_ARGUMENTS_H_
#define SGNS_BINDINGS_ARGUMENTS_H_

#include <pybind11/numpy.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "arrays.h"

namespace sgns {

// Text like "(3, 5)".
inline std::string shape_text(const pybind11::array& array) {
  return pybind11::str(array.attr("shape")).cast<std::string>();
}

// A Python integer from 0 to `high`; bool and float are TypeErrors.
inline std::uint64_t as_integer(pybind11::handle value, const char* name,
                                std::uint64_t high) {
  if (PyBool_Check(value.ptr()) || !PyIndex_Check(value.ptr())) {
    throw pybind11::type_error(std::string(name) + " must be an int, got " +
                               pybind11::repr(value).cast<std::string>());
  }
  const auto index =
      pybind11::reinterpret_steal<pybind11::object>(PyNumber_Index(value.ptr()));
  if (!index) throw pybind11::error_already_set();
  const std::uint64_t number = PyLong_AsUnsignedLongLong(index.ptr());
  const bool is_outside = PyErr_Occurred() != nullptr;
  PyErr_Clear();
  if (is_outside || number > high) {
    throw std::invalid_argument(std::string(name) + " must be an int from 0 to " +
                                std::to_string(high) + ", got " +
                                pybind11::repr(value).cast<std::string>());
  }
  return number;
}

// An array of integers of one or two dimensions, whatever its layout and byte order.
inline pybind11::array as_integers(pybind11::handle value, const char* name,
                                   int max_ndim) {
  const std::string expected = max_ndim == 1 ? " must have the shape (n,)"
                                             : " must have the shape (n,) or (n, m)";
  auto array = pybind11::array::ensure(value);
  if (!array) {  // the error of NumPy is gone
    throw std::invalid_argument(name + expected + ", got rows of different lengths");
  }
  if (array.ndim() == 0) {
    throw pybind11::type_error(name + expected + ", got a single value");
  }
  if (array.ndim() > max_ndim) {
    throw std::invalid_argument(name + expected + ", got " + shape_text(array));
  }
  const char kind = array.dtype().kind();
  if (kind != 'i' && kind != 'u' && array.size() > 0) {
    throw pybind11::type_error(std::string(name) + " must hold integers, got " +
                               pybind11::str(array.dtype()).cast<std::string>());
  }
  return array;
}

template <class To, class From>
std::vector<To> in_range(const From* values, const pybind11::array& array,
                         const char* name, std::int64_t high) {
  const auto n = static_cast<std::size_t>(array.size());
  std::vector<To> result(n);
  for (std::size_t i = 0; i < n; i++) {
    const auto value = static_cast<std::int64_t>(values[i]);
    if (value < 0 || value > high) {
      const auto m = static_cast<std::size_t>(array.ndim() == 2 ? array.shape(1) : 1);
      const std::string place =
          array.ndim() == 1 ? std::to_string(i)
                            : std::to_string(i / m) + ", " + std::to_string(i % m);
      throw std::invalid_argument(std::string(name) + "[" + place +
                                  "] must be from 0 to " + std::to_string(high) +
                                  ", got " + std::to_string(value));
    }
    result[i] = static_cast<To>(value);
  }
  return result;
}

// The values of as_integers(), each from 0 to `high`, in C order.
template <class To>
std::vector<To> checked_values(const pybind11::array& array, const char* name,
                               std::int64_t high) {
  using Narrow = pybind11::array_t<std::int32_t>;
  const bool is_plain = (array.flags() & pybind11::array::c_style) != 0;
  if (is_plain && pybind11::isinstance<Narrow>(array)) {
    return in_range<To>(static_cast<const std::int32_t*>(array.data()), array, name,
                        high);
  }
  const InputArray<std::int64_t> wide(array);
  return in_range<To>(wide.data(), array, name, high);
}

}  // namespace sgns

#endif  // SGNS_BINDINGS_ARGUMENTS_H_
