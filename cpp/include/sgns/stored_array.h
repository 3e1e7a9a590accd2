// Arrays that are filled once, in memory or, when they are too large for it, in an
// unlinked temporary file.
#ifndef SGNS_STORED_ARRAY_H_
#define SGNS_STORED_ARRAY_H_

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sgns/page_allocator.h"
#include "sgns/temporary_file.h"

namespace sgns {

inline constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

// Where the ids of a text are kept.
struct StorageRule {
  // More bytes than this go to a temporary file.
  std::uint64_t memory_limit = kNoLimit;
  // Folder of the temporary file.
  std::string folder = "/var/tmp";
};

// An array that is filled from front to back, or made as long as it will be and given
// its values in any order.
//
// Thread safety: none while it is filled, but put() may run in any number of threads,
// each with places of its own; then any number of threads may read it. One that was
// moved from may only be assigned to or destroyed.
template <typename T>
class StoredArray {
 public:
  // The array is kept in a file of this folder. REQUIRES: it is empty.
  void use_file(const std::string& folder) {
    assert(size_ == 0);
    file_ = std::make_unique<TemporaryFile>(folder);
  }
  // Takes memory for so many values at once.
  void reserve(std::size_t n) { values_.reserve(file_ ? std::min(n, kBlock) : n); }

  void push_back(T value) {
    values_.push_back(value);
    ++size_;
    if (!file_) {
      data_ = values_.data();
    } else if (values_.size() == kBlock) {
      write_block();
    }
  }
  void append(std::span<const T> values) {
    while (!values.empty()) {
      const std::size_t room = file_ ? kBlock - values_.size() : values.size();
      const auto part = values.first(std::min(room, values.size()));
      values_.insert(values_.end(), part.begin(), part.end());
      size_ += part.size();
      values = values.subspan(part.size());
      if (file_ && values_.size() == kBlock) write_block();
    }
    if (!file_) data_ = values_.data();
  }
  // Makes it so long, the values to be put. REQUIRES: only put() has been used so far.
  void resize(std::size_t n) {
    size_ = n;
    if (file_) return;
    values_.resize(n);
    data_ = values_.data();
  }
  // REQUIRES: place + values.size() <= size()
  void put(std::size_t place, std::span<const T> values) {
    assert(place + values.size() <= size_);
    if (file_) {
      file_->write(values.data(), values.size_bytes(), place * sizeof(T));
    } else {
      std::copy(values.begin(), values.end(), values_.data() + place);
    }
  }
  // Nothing is added any more; what is in a file can be read from now on.
  void finish() {
    if (!file_ || size_ == 0) return;
    write_block();
    values_ = {};
    data_ = static_cast<const T*>(file_->map(size_ * sizeof(T)));
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  // REQUIRES, here and below: the array is in memory or finished.
  [[nodiscard]] const T* data() const { return data_; }
  [[nodiscard]] const T* begin() const { return data_; }
  [[nodiscard]] const T* end() const { return data_ + size_; }
  [[nodiscard]] const T& operator[](std::size_t i) const { return data_[i]; }

 private:
  static constexpr std::size_t kBlock = (std::size_t{1} << 20) / sizeof(T);

  void write_block() {
    const std::uint64_t written = (size_ - values_.size()) * sizeof(T);
    file_->write(values_.data(), values_.size() * sizeof(T), written);
    values_.clear();
  }

  Paged<T> values_;  // all, or those that are not yet in the file
  std::unique_ptr<TemporaryFile> file_;
  const T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace sgns

#endif  // SGNS_STORED_ARRAY_H_
