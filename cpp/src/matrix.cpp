#include "sgns/matrix.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <stdexcept>
#include <string>

#include "sgns/page_allocator.h"
#include "sgns/random.h"

namespace sgns {
namespace {

// Rows of more than this are visited at random: with pages of 2 MiB the address
// translation of a matrix of 50 MB fits in the processor's tables, with pages of 4 KiB
// it does not.
constexpr std::size_t kFewBytes = std::size_t{2} << 20;

constexpr std::align_val_t kLine{kRowAlignment * sizeof(float)};

std::size_t checked_size(std::size_t n_rows, std::size_t stride) {
  constexpr auto kMost =
      static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  if (n_rows != 0 && stride > kMost / sizeof(float) / n_rows) {
    throw std::invalid_argument("a matrix of " + std::to_string(n_rows) + " x " +
                                std::to_string(stride) +
                                " floats has more than 2^63 bytes");
  }
  return n_rows * stride;
}

}  // namespace

void Matrix::Free::operator()(float* memory) const {
  if (bytes < kFewBytes) return ::operator delete[](memory, kLine);
  unmap_pages(memory, bytes);
}

Matrix::Matrix(std::size_t n_rows, std::size_t dim)
    : n_rows_(n_rows), dim_(dim), stride_(padded(dim)) {
  const std::size_t bytes = checked_size(n_rows, stride_) * sizeof(float);
  if (bytes == 0) return;
  void* const memory =
      bytes < kFewBytes ? ::operator new[](bytes, kLine) : map_pages(bytes);
  data_ = {static_cast<float*>(memory), Free{bytes}};
  // Pages too: memory that is not there is missed now, not while training.
  std::memset(memory, 0, bytes);
}

void Matrix::pack() {
  if (stride_ == dim_) return;
  float* data = data_.get();
  for (std::size_t r = 1; r < n_rows_; r++) {
    std::memmove(data + r * dim_, data + r * stride_, dim_ * sizeof(float));
  }
  stride_ = dim_;
}

void Matrix::pad() {
  const std::size_t wide = padded(dim_);
  if (stride_ == wide) return;
  float* data = data_.get();
  for (std::size_t r = n_rows_; r-- > 0;) {
    std::memmove(data + r * wide, data + r * dim_, dim_ * sizeof(float));
    std::fill(data + r * wide + dim_, data + (r + 1) * wide, 0.0f);
  }
  stride_ = wide;
}

void fill_initial_input(Matrix& input, std::uint64_t seed) {
  const std::uint64_t key = stream_key(seed, 0, Stream::kInit);
  const std::size_t dim = input.dim();
  for (std::size_t r = 0; r < input.n_rows(); r++) {
    float* row = input.row(r);
    for (std::size_t d = 0; d < dim; d++) {
      const auto bits = static_cast<std::uint32_t>(draw(key, r * dim + d) >> 40);
      row[d] = (static_cast<float>(bits) * 0x1p-24f - 0.5f) / static_cast<float>(dim);
    }
  }
}

}  // namespace sgns
