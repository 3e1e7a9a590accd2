#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arrays.h"
#include "calls.h"
#include "sgns/decimal.h"
#include "sgns/vector_rows.h"
#include "sgns/word_bytes.h"

namespace py = pybind11;

namespace sgns {
namespace {

using Values = py::array_t<float, py::array::c_style>;

const char* name_of(RowFault fault) {
  switch (fault) {
    case RowFault::kNone:
      return "none";
    case RowFault::kLongLine:
      return "long line";
    case RowFault::kEmptyLine:
      return "empty line";
    case RowFault::kEmptyWord:
      return "empty word";
    case RowFault::kSize:
      return "size";
    case RowFault::kLongWord:
      return "long word";
    case RowFault::kNumber:
      return "number";
    case RowFault::kFinite:
      return "finite";
  }
  throw std::logic_error("a row fault without a name");
}

std::string_view rest_of(const py::bytes& data, std::size_t begin) {
  const std::string_view all = data;
  if (begin > all.size()) {
    throw std::invalid_argument("begin must be at most the length of the data");
  }
  return all.substr(begin);
}

std::span<float> cells(Values& values) {
  if (values.ndim() != 2 || values.shape(1) < 1) {
    throw std::invalid_argument("values must have shape (n_rows, vector_size)");
  }
  return {values.mutable_data(), static_cast<std::size_t>(values.size())};
}

std::size_t checked_workers(std::int64_t workers) {
  if (workers < 1 || workers > 1024) {
    throw std::invalid_argument("workers must be from 1 to 1024");
  }
  return static_cast<std::size_t>(workers);
}

// The word as str, or as the bytes it is when `errors` does not take them.
py::object decoded(std::string_view word, const std::string& errors) {
  const auto size = static_cast<py::ssize_t>(word.size());
  PyObject* const text = PyUnicode_DecodeUTF8(word.data(), size, errors.c_str());
  if (text != nullptr) return py::reinterpret_steal<py::object>(text);
  if (PyErr_ExceptionMatches(PyExc_UnicodeDecodeError) == 0)
    throw py::error_already_set();
  PyErr_Clear();
  return py::bytes(word.data(), word.size());
}

py::list decoded(std::span<const std::string_view> words, const std::string& errors) {
  py::list list(words.size());
  for (std::size_t i = 0; i < words.size(); i++) list[i] = decoded(words[i], errors);
  return list;
}

py::tuple read_text_rows(const py::bytes& data, std::size_t begin, std::size_t n_lines,
                         Values values, const std::string& errors,
                         std::int64_t workers) {
  const std::string_view text = rest_of(data, begin);
  const std::span<float> all = cells(values);
  const auto vector_size = static_cast<std::size_t>(values.shape(1));
  const std::size_t threads = checked_workers(workers);
  TextRows rows;
  {
    const WithoutGil no_gil;
    rows = read_text(text, n_lines, vector_size, all, threads);
  }
  py::list bad;
  for (const TextRows::Bad& line : rows.bad) {
    bad.append(py::make_tuple(line.line, name_of(line.fault), line.column));
  }
  std::vector<std::int64_t> ends(rows.ends.begin(), rows.ends.end());
  for (std::int64_t& end : ends) end += static_cast<std::int64_t>(begin);
  return py::make_tuple(decoded(rows.words, errors), bad, to_array<std::int64_t>(ends));
}

py::tuple read_binary_rows(const py::bytes& data, std::size_t begin, bool is_last,
                           Values values, const std::string& errors) {
  const std::string_view rest = rest_of(data, begin);
  const std::span<float> all = cells(values);
  BinaryRows rows;
  {
    const WithoutGil no_gil;
    rows = read_binary(rest, is_last, static_cast<std::size_t>(values.shape(1)), all);
  }
  return py::make_tuple(decoded(rows.words, errors), begin + rows.end);
}

py::bytes format_text_rows(const py::list& words, const InputArray<float>& values,
                           int decimals, std::int64_t workers) {
  if (values.ndim() != 2 || values.shape(1) < 1 ||
      static_cast<std::size_t>(values.shape(0)) != words.size()) {
    throw std::invalid_argument("values must have shape (len(words), vector_size)");
  }
  if (decimals < kShortest || decimals > kMaxDecimals) {
    throw std::invalid_argument("decimals must be from 0 to " +
                                std::to_string(kMaxDecimals) + ", or -1");
  }
  const std::span<const float> all = as_span(values);
  if (!std::ranges::all_of(all, [](float v) { return v - v == 0; })) {
    throw std::invalid_argument("values must be finite");
  }
  std::vector<std::string_view> views;
  views.reserve(words.size());
  for (const py::handle word : words) views.push_back(word.cast<std::string_view>());
  const std::size_t threads = checked_workers(workers);
  std::string text;
  {
    const WithoutGil no_gil;
    text = format_lines(views, static_cast<std::size_t>(values.shape(1)), all, decimals,
                        threads);
  }
  return {text.data(), text.size()};
}

py::list split_words(const py::bytes& data, const InputArray<std::int64_t>& offsets,
                     const std::string& errors) {
  const std::string_view bytes = data;
  const std::span<const std::int64_t> ends = as_span(offsets);
  check_words(bytes, ends);
  py::list words(ends.size() - 1);
  for (std::size_t i = 0; i + 1 < ends.size(); i++) {
    const auto begin = static_cast<std::size_t>(ends[i]);
    const auto size = static_cast<std::size_t>(ends[i + 1]) - begin;
    words[i] = decoded(bytes.substr(begin, size), errors);
  }
  return words;
}

}  // namespace
}  // namespace sgns

void bind_formats(py::module_& m) {
  m.def(
      "read_text_rows", &sgns::read_text_rows, py::arg("data"), py::arg("begin"),
      py::arg("n_lines"), py::arg("values").noconvert(), py::arg("errors"),
      py::arg("workers"),
      "Reads lines of words and values, the good ones into the rows of `values`: their "
      "words (bytes when they cannot be decoded), (line, fault, column) of the others, "
      "and the ends of all.");
  m.def(
      "read_binary_rows", &sgns::read_binary_rows, py::arg("data"), py::arg("begin"),
      py::arg("is_last"), py::arg("values").noconvert(), py::arg("errors"),
      "Reads word2vec binary rows into the rows of `values` until one is not whole or "
      "not good: the words (bytes when they cannot be decoded), and the end.");
  m.def("format_text_rows", &sgns::format_text_rows, py::arg("words"),
        py::arg("values"), py::arg("decimals"), py::arg("workers"),
        "Lines of words and values; decimals = -1 for the shortest numbers that give "
        "the same float32.");
  m.def("split_words", &sgns::split_words, py::arg("data"), py::arg("offsets"),
        py::arg("errors"),
        "Words that stand end to end (bytes when they cannot be decoded); ValueError "
        "for offsets that do not increase from 0 to the end, and for equal words.");
}
