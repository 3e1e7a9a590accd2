// Sentences from an Arrow stream, by the C data and C stream interfaces of Apache
// Arrow. Thread safety: one reader for each stream; no GIL is needed.
#ifndef SGNS_BINDINGS_ARROW_H_
#define SGNS_BINDINGS_ARROW_H_

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arrow_column.h"
#include "sgns/corpus.h"
#include "sgns/text_reader.h"

// The fields are those of the published interface.
struct ArrowArrayStream {
  int (*get_schema)(ArrowArrayStream*, ArrowSchema* out);
  int (*get_next)(ArrowArrayStream*, ArrowArray* out);
  const char* (*get_last_error)(ArrowArrayStream*);
  void (*release)(ArrowArrayStream*);
  void* private_data;
};

namespace sgns {

// A column, or a value in it, is not of a kind that can be read: TypeError in Python.
class WrongColumn : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

// Releases what a producer lent.
template <class T>
struct Lent : T {
  Lent() : T{} {}
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;
  ~Lent() {
    if (this->release != nullptr) this->release(this);
  }
};

// Adds the sentences of a stream to a builder: rows of a text column, split at white
// space, or rows of a column of lists of words or ids.
class ArrowReader {
 public:
  // poll is called now and then; what it throws ends the call.
  ArrowReader(CorpusBuilder& builder, std::function<void()> poll)
      : builder_(builder), poll_(std::move(poll)) {}

  // Throws WrongColumn, std::invalid_argument, or std::runtime_error with the message
  // of the producer. The builder must then be rolled back. Releases the stream.
  // Returns for each row whether it has words.
  std::vector<bool> read(ArrowArrayStream& lent) {
    Lent<ArrowArrayStream> stream;
    static_cast<ArrowArrayStream&>(stream) = lent;
    lent.release = nullptr;
    Lent<ArrowSchema> schema;
    require(stream.get_schema(&stream, &schema), stream);
    const ArrowSchema& column = only_column(schema);
    for (;;) {
      Lent<ArrowArray> batch;
      require(stream.get_next(&stream, &batch), stream);
      if (batch.release == nullptr) return std::move(have_words_);
      // The rows of a struct start at its own offset in its children.
      const bool is_table = &column != &schema;
      const ArrowArray& array = is_table ? *batch.children[0] : batch;
      read_rows(ArrowColumn(column, array), is_table ? batch.offset : 0, batch.length);
    }
  }

 private:
  static void require(int error, ArrowArrayStream& stream) {
    if (error == 0) return;
    const char* const message = stream.get_last_error(&stream);
    throw std::runtime_error(message == nullptr ? std::strerror(error) : message);
  }

  static const ArrowSchema& only_column(const ArrowSchema& schema) {
    if (std::string_view(schema.format) != "+s") return schema;
    if (schema.n_children == 1) return *schema.children[0];
    std::string names;
    for (std::int64_t i = 0; i < schema.n_children && names.size() < 100; ++i) {
      names.append(i > 0 ? ", '" : "'").append(schema.children[i]->name).append("'");
    }
    throw WrongColumn("corpus must be one column of text or of lists of words, got a " +
                      std::string("table of ") + std::to_string(schema.n_children) +
                      " columns (" + names + "); pass one of them");
  }

  void read_rows(const ArrowColumn& rows, std::int64_t begin, std::int64_t n) {
    const bool are_lists = ArrowColumn::is_list(rows.format());
    if (!are_lists && !rows.is_any_text()) {
      throw WrongColumn(
          "corpus must be a column of text or of lists of words or ids, got one of "
          "Arrow format '" +
          std::string(rows.format()) + "'");
    }
    for (std::int64_t i = begin; i < begin + n; ++i, ++n_sentences_) {
      if (rows.is_null(i)) throw WrongColumn(sentence() + " is null");
      if (are_lists) {
        read_list(rows, rows.list(i));
      } else {
        split(rows.any_text(i));
      }
      have_words_.push_back(builder_.end_sentence());
      if (n_sentences_ % 4096 == 0) poll_();
    }
  }

  void read_list(const ArrowColumn& lists, ArrowColumn::Span span) {
    const ArrowColumn words(*lists.schema().children[0], *lists.array().children[0]);
    const bool are_text = words.is_any_text();
    token_ = 0;
    if (span.begin < span.end && !are_text && !words.is_any_id()) {
      throw WrongColumn(place() + " must be str or int, got Arrow format '" +
                        std::string(words.format()) + "'");
    }
    for (std::int64_t i = span.begin; i < span.end; ++i, ++token_) {
      if (words.is_null(i)) throw WrongColumn(place() + " is null");
      if (are_text) {
        add(words.any_text(i));
      } else {
        add_id(words.id(i));
      }
    }
  }

  void add_id(std::int64_t id) {
    if (id < 0) {
      throw std::invalid_argument(place() + " must be an int from 0 to 2**63-1");
    }
    std::array<char, 24> digits;
    char* const end = std::to_chars(digits.begin(), digits.end(), id).ptr;
    add_one({digits.data(), static_cast<std::size_t>(end - digits.data())});
  }

  void split(std::string_view line) {
    constexpr std::string_view kSpaces = " \t\n\v\f\r";  // not those of Unicode
    for (token_ = 0;; ++token_) {
      const std::size_t begin = line.find_first_not_of(kSpaces);
      if (begin == std::string_view::npos) return;
      line.remove_prefix(begin);
      const std::size_t end = std::min(line.find_first_of(kSpaces), line.size());
      add(line.substr(0, end));
      line.remove_prefix(end);
    }
  }

  void add(std::string_view word) {
    if (word.empty()) throw std::invalid_argument(place() + " is empty");
    if (word.size() > kMaxWordBytes) {
      throw std::invalid_argument(place() + " is longer than 1,048,576 bytes");
    }
    add_one(word);
  }

  void add_one(std::string_view word) { builder_.add_words({&word, 1}); }

  [[nodiscard]] std::string sentence() const {
    return "sentence " + std::to_string(n_sentences_);
  }
  [[nodiscard]] std::string place() const {
    return sentence() + ", token " + std::to_string(token_);
  }

  CorpusBuilder& builder_;
  std::function<void()> poll_;
  std::int64_t n_sentences_ = 0;  // before this one
  std::int64_t token_ = 0;        // of this sentence
  std::vector<bool> have_words_;  // the sentences before this one
};

}  // namespace sgns

#endif  // SGNS_BINDINGS_ARROW_H_
