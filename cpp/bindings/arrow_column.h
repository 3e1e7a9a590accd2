// Columns of text, ids and lists, by the C data interface of Apache Arrow.
// Thread safety: immutable once made.
#ifndef SGNS_BINDINGS_ARROW_COLUMN_H_
#define SGNS_BINDINGS_ARROW_COLUMN_H_

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Names and fields are those of the published interface.
struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  std::int64_t flags;
  std::int64_t n_children;
  ArrowSchema** children;
  ArrowSchema* dictionary;
  void (*release)(ArrowSchema*);
  void* private_data;
};
struct ArrowArray {
  std::int64_t length;
  std::int64_t null_count;
  std::int64_t offset;
  std::int64_t n_buffers;
  std::int64_t n_children;
  const void** buffers;
  ArrowArray** children;
  ArrowArray* dictionary;
  void (*release)(ArrowArray*);
  void* private_data;
};

namespace sgns {

// One array: text, ids, or lists of them. Does not own what it points to.
class ArrowColumn {
 public:
  ArrowColumn(const ArrowSchema& schema, const ArrowArray& array)
      : schema_(schema), array_(array), format_(schema.format) {}

  [[nodiscard]] static bool is_text(std::string_view format) {
    return format == "u" || format == "U" || format == "vu";
  }
  [[nodiscard]] static bool is_id(std::string_view format) {
    return format.size() == 1 &&
           std::string_view("cCsSiIlL").find(format[0]) != std::string_view::npos;
  }
  [[nodiscard]] static bool is_list(std::string_view format) {
    return format == "+l" || format == "+L" || format == "+vl" || format == "+vL" ||
           format.substr(0, 3) == "+w:";
  }

  // Text, plain or by a dictionary.
  [[nodiscard]] bool is_any_text() const {
    if (schema_.dictionary == nullptr) return is_text(format_);
    return is_id(format_) && is_text(schema_.dictionary->format);
  }
  [[nodiscard]] bool is_any_id() const {
    return schema_.dictionary == nullptr && is_id(format_);
  }

  // Text i. REQUIRES: is_any_text(), and it is not null
  [[nodiscard]] std::string_view any_text(std::int64_t i) const {
    if (schema_.dictionary == nullptr) return text(i);
    return ArrowColumn(*schema_.dictionary, *array_.dictionary).text(id(i));
  }

  // REQUIRES: the format is one of text, ids or lists
  [[nodiscard]] bool is_null(std::int64_t i) const {
    const auto* const bits = static_cast<const std::uint8_t*>(array_.buffers[0]);
    const std::int64_t at = array_.offset + i;
    return bits != nullptr && (bits[at / 8] >> (at % 8) & 1) == 0;
  }

  // Value i. REQUIRES: the format is one of text
  [[nodiscard]] std::string_view text(std::int64_t i) const {
    if (format_ == "vu") return viewed_text(i);
    const bool is_long = format_ == "U";
    const std::int64_t begin = offset(1, is_long, i), end = offset(1, is_long, i + 1);
    return {static_cast<const char*>(array_.buffers[2]) + begin,
            static_cast<std::size_t>(end - begin)};
  }

  // Value i; an id beyond 2**63-1 comes out negative. REQUIRES: the format is one of
  // ids
  [[nodiscard]] std::int64_t id(std::int64_t i) const {
    switch (format_[0]) {
      case 'c':
        return at<std::int8_t>(1, i);
      case 'C':
        return at<std::uint8_t>(1, i);
      case 's':
        return at<std::int16_t>(1, i);
      case 'S':
        return at<std::uint16_t>(1, i);
      case 'i':
        return at<std::int32_t>(1, i);
      case 'I':
        return at<std::uint32_t>(1, i);
      case 'l':
        return at<std::int64_t>(1, i);
      default:
        return static_cast<std::int64_t>(at<std::uint64_t>(1, i));
    }
  }

  // The values of list i are begin..end - 1 of the child. REQUIRES: the format is a
  // list
  struct Span {
    std::int64_t begin;
    std::int64_t end;
  };
  [[nodiscard]] Span list(std::int64_t i) const {
    if (format_[1] == 'w') {
      const std::string digits(format_.substr(3));
      std::int64_t width = 0;
      std::from_chars(digits.data(), digits.data() + digits.size(), width);
      const std::int64_t begin = (array_.offset + i) * width;
      return {begin, begin + width};
    }
    const bool is_long = format_.back() == 'L';
    const std::int64_t begin = offset(1, is_long, i);
    if (format_[1] == 'v') return {begin, begin + offset(2, is_long, i)};
    return {begin, offset(1, is_long, i + 1)};
  }

  [[nodiscard]] std::string_view format() const { return format_; }
  [[nodiscard]] const ArrowSchema& schema() const { return schema_; }
  [[nodiscard]] const ArrowArray& array() const { return array_; }

 private:
  template <class T>
  [[nodiscard]] T at(std::size_t buffer, std::int64_t i) const {
    return static_cast<const T*>(array_.buffers[buffer])[array_.offset + i];
  }
  [[nodiscard]] std::int64_t offset(std::size_t buffer, bool is_long,
                                    std::int64_t i) const {
    return is_long ? at<std::int64_t>(buffer, i) : at<std::int32_t>(buffer, i);
  }
  // A length, then 12 bytes: the text, or 4 bytes of it, a buffer and an offset there.
  [[nodiscard]] std::string_view viewed_text(std::int64_t i) const {
    struct View {
      std::int32_t size;
      std::int32_t prefix;
      std::int32_t buffer;
      std::int32_t offset;
    };
    const View& view = static_cast<const View*>(array_.buffers[1])[array_.offset + i];
    const char* const data =
        view.size <= 12
            ? reinterpret_cast<const char*>(&view.prefix)
            : static_cast<const char*>(array_.buffers[2 + view.buffer]) + view.offset;
    return {data, static_cast<std::size_t>(view.size)};
  }

  const ArrowSchema& schema_;
  const ArrowArray& array_;
  std::string_view format_;
};

}  // namespace sgns

#endif  // SGNS_BINDINGS_ARROW_COLUMN_H_
