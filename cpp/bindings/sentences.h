// Python's sentences, word by word into a corpus builder.
// Thread safety: with the GIL.
#ifndef SGNS_BINDINGS_SENTENCES_H_
#define SGNS_BINDINGS_SENTENCES_H_

#include <pybind11/pybind11.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "calls.h"
#include "sgns/corpus.h"
#include "sgns/text_reader.h"

namespace sgns {

namespace py = pybind11;

[[noreturn]] inline void raise_python_error() { throw py::error_already_set(); }

// UTF-8 of a str for messages; what cannot be encoded is shown escaped.
inline std::string printable(py::handle text) {
  PyObject* bytes = PyUnicode_AsEncodedString(text.ptr(), "utf-8", "backslashreplace");
  if (bytes == nullptr) raise_python_error();
  return py::reinterpret_steal<py::bytes>(bytes);
}

inline std::string type_name(py::handle object) {
  return printable(py::type::of(object).attr("__name__"));
}

// repr on one line, shortened. An object whose repr fails shows nothing.
inline std::string shown(py::handle object) {
  constexpr py::ssize_t kLongest = 60;
  try {
    py::object value = py::reinterpret_borrow<py::object>(object);
    if (PyUnicode_Check(object.ptr())) value = value[py::slice(0, kLongest, 1)];
    py::str text = py::repr(value);
    const bool is_long = py::len(text) > static_cast<std::size_t>(kLongest);
    if (is_long) text = text[py::slice(0, kLongest, 1)];
    const py::object one_line = py::str(" ").attr("join")(text.attr("split")());
    return printable(one_line) + (is_long ? "..." : "");
  } catch (const py::error_already_set&) {
    return "?";
  }
}

// Adds the words of an iterable of sentences. Runs with the GIL.
class SentenceReader {
 public:
  // keeps_bytes: words may hold bytes that surrogateescape brought in.
  SentenceReader(CorpusBuilder& builder, bool keeps_bytes)
      : builder_(builder),
        keeps_bytes_(keeps_bytes),
        sequence_(py::module_::import("collections.abc").attr("Sequence")),
        integral_(py::module_::import("numbers").attr("Integral")) {}

  // Returns for each sentence whether it has words.
  std::vector<bool> read(py::handle sentences) {
    std::vector<bool> have_words;
    const py::iterator iterator = py::iter(sentences);
    for (;; ++n_sentences_) {
      PyObject* next = or_sleep([&] { return PyIter_Next(iterator.ptr()); });
      if (next == nullptr) break;
      read_sentence(py::reinterpret_steal<py::object>(next));
      have_words.push_back(builder_.end_sentence());
      poll();
    }
    if (PyErr_Occurred() != nullptr) raise_python_error();
    return have_words;
  }

 private:
  void read_sentence(const py::object& sentence) {
    require_sequence(sentence);
    const bool is_array = py::hasattr(sentence, "ndim");
    const py::object list = is_array ? sentence.attr("tolist")() : sentence;
#ifdef Py_GIL_DISABLED
    PyObject* fast = PySequence_Tuple(list.ptr());  // others may change a list
#else
    PyObject* fast = PySequence_Fast(list.ptr(), "a sentence must be iterable");
#endif
    if (fast == nullptr) raise_python_error();
    const py::object words = py::reinterpret_steal<py::object>(fast);
    n_words_ = 0;
    while (n_words_ < PySequence_Fast_GET_SIZE(fast)) {
      const py::ssize_t left = PySequence_Fast_GET_SIZE(fast) - n_words_;
      const py::ssize_t end = n_words_ + std::min(left, kWordsAtOnce);
      for (; n_words_ < end; ++n_words_) {
        add_word(PySequence_Fast_GET_ITEM(fast, n_words_), words);
      }
      add_collected();
      poll();  // may run Python code, which may change the list
    }
  }

  // Lists, tuples, other sequences and one-dimensional arrays.
  void require_sequence(const py::object& sentence) const {
    PyObject* const object = sentence.ptr();
    if (PyList_Check(object) || PyTuple_Check(object)) return;
    std::string got = sentence.is_none() ? "None" : type_name(sentence);
    if (PyUnicode_Check(object)) {
      got = "the str " + shown(sentence) + "; use text.split()";
    } else if (PyBytes_Check(object) || PyByteArray_Check(object)) {
      got = "the " + got + " " + shown(sentence) + "; use text.decode().split()";
    } else if (!PyMemoryView_Check(object) &&
               (py::isinstance(sentence, sequence_) || is_flat_array(sentence))) {
      return;
    }
    throw py::type_error("sentence " + std::to_string(n_sentences_) +
                         " must be a list of words, got " + got);
  }

  static bool is_flat_array(const py::object& sentence) {
    return PySequence_Check(sentence.ptr()) != 0 &&
           py::getattr(sentence, "ndim", py::none()).equal(py::int_(1));
  }

  void add_word(PyObject* word, const py::object& words) {
    const bool is_id = !PyUnicode_Check(word) && is_integral(word);
    if (!is_id && !PyUnicode_Check(word)) throw_not_word(word, words);
    if (!first_) keep_first(word, is_id);
    if (is_id != first_is_id_) throw_mixed(word);
    if (is_id) return add_id(word);
    py::ssize_t size = 0;
    const char* bytes = PyUnicode_AsUTF8AndSize(word, &size);
    if (bytes == nullptr) {
      add_escaped_word(word);
    } else {
      add_bytes({bytes, static_cast<std::size_t>(size)});
    }
  }

  [[nodiscard]] bool is_integral(PyObject* word) const {
    if (PyBool_Check(word)) return false;
    return PyLong_Check(word) || PyObject_IsInstance(word, integral_.ptr()) == 1;
  }

  // The decimal digits of an id are its word.
  void add_id(PyObject* id) {
    const auto number = py::reinterpret_steal<py::object>(PyNumber_Index(id));
    if (!number) raise_python_error();
    int overflow = 0;
    const long long value = PyLong_AsLongLongAndOverflow(number.ptr(), &overflow);
    if (overflow != 0 || value < 0) {
      throw std::invalid_argument(
          position() + " must be an int from 0 to 2**63-1, got " + shown(number));
    }
    std::array<char, 24> digits;
    char* const end = std::to_chars(digits.begin(), digits.end(), value).ptr;
    const std::string_view word(digits.data(),
                                static_cast<std::size_t>(end - digits.data()));
    builder_.add_words({&word, 1});
  }

  // A word that is not valid Unicode: bytes that surrogateescape brought in, or a
  // fault.
  void add_escaped_word(PyObject* word) {
    if (PyErr_ExceptionMatches(PyExc_UnicodeEncodeError) == 0) raise_python_error();
    PyErr_Clear();
    PyObject* encoded =
        keeps_bytes_ ? PyUnicode_AsEncodedString(word, "utf-8", "surrogateescape")
                     : nullptr;
    if (encoded == nullptr) {
      PyErr_Clear();
      throw std::invalid_argument(position() +
                                  " holds a lone surrogate: " + shown(word));
    }
    const auto bytes = py::reinterpret_steal<py::bytes>(encoded);
    add_bytes(bytes);
    add_collected();
  }

  // The bytes must live until add_collected().
  void add_bytes(std::string_view bytes) {
    if (bytes.empty()) {
      throw std::invalid_argument(position() +
                                  " is empty; use text.split() without an argument");
    }
    if (bytes.size() > kMaxWordBytes) {
      throw std::invalid_argument(position() + " is longer than 1,048,576 bytes");
    }
    collected_[n_collected_++] = bytes;
  }

  void add_collected() {
    builder_.add_words({collected_.data(), n_collected_});
    n_collected_ = 0;
  }

  void keep_first(PyObject* word, bool is_id) {
    first_ = py::reinterpret_borrow<py::object>(word);
    first_is_id_ = is_id;
    first_position_ = position();
  }

  [[noreturn]] void throw_not_word(PyObject* object, const py::object& words) const {
    const auto word = py::reinterpret_borrow<py::object>(object);
    const bool among_ids = first_ ? first_is_id_ : starts_with_id(words);
    std::string message = position() + " must be ";
    message.append(among_ids ? "int" : "str").append(", got ");
    message += word.is_none() ? "None" : type_name(word) + " (" + shown(word) + ")";
    throw py::type_error(message);
  }

  [[nodiscard]] bool starts_with_id(const py::object& words) const {
    return is_integral(PySequence_Fast_GET_ITEM(words.ptr(), 0));
  }

  [[noreturn]] void throw_mixed(PyObject* object) const {
    const auto word = py::reinterpret_borrow<py::object>(object);
    const std::string wanted = first_is_id_ ? "int" : "str";
    throw py::type_error(position() + " must be " + wanted + ", got " +
                         type_name(word) + " (" + shown(word) + "); the first " +
                         wanted + " is " + shown(first_) + " (" + first_position_ +
                         ")");
  }

  [[nodiscard]] std::string position(py::ssize_t token) const {
    return "sentence " + std::to_string(n_sentences_) + ", token " +
           std::to_string(token);
  }
  [[nodiscard]] std::string position() const { return position(n_words_); }

  // Looks for Ctrl-C often, and for other threads that want the GIL now and then: an
  // iterable of C code gives them no turn.
  void poll() {
    constexpr int kInterval = 64;
    constexpr std::chrono::milliseconds kTurn{10};
    if (++n_steps_ % kInterval != 0) return;
    if (PyErr_CheckSignals() != 0) raise_python_error();
    const auto now = std::chrono::steady_clock::now();
    if (now < last_turn_ + kTurn) return;
    {
      const WithoutGil turn_of_others;
    }
    throw_if_stopped();
    last_turn_ = std::chrono::steady_clock::now();
  }

  static constexpr py::ssize_t kWordsAtOnce = 64;

  CorpusBuilder& builder_;
  bool keeps_bytes_;
  std::array<std::string_view, kWordsAtOnce> collected_;
  std::size_t n_collected_ = 0;
  py::object sequence_;
  py::object integral_;
  std::int64_t n_sentences_ = 0;  // before this one
  py::ssize_t n_words_ = 0;       // before this one, in this sentence
  unsigned n_steps_ = 0;
  std::chrono::steady_clock::time_point last_turn_ = std::chrono::steady_clock::now();
  py::object first_;  // token of this call, all others are of its kind
  bool first_is_id_ = false;
  std::string first_position_;
};

}  // namespace sgns

#endif  // SGNS_BINDINGS_SENTENCES_H_
