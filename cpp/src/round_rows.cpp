#include "round_rows.h"

#include <algorithm>

namespace sgns {
namespace {

// Rows that follow one another, such as the most frequent, are in parts of their own.
std::size_t part_of(std::uint32_t row) { return row % RoundRows::kParts; }

// A cache line of a row.
using Line [[gnu::vector_size(kRowAlignment * sizeof(float)), gnu::may_alias]] = float;

Line* line_at(float* row) { return reinterpret_cast<Line*>(row); }
const Line* line_at(const float* row) { return reinterpret_cast<const Line*>(row); }

}  // namespace

void RoundRows::sort_by_parts() {
  const std::span<const std::uint32_t> rows = index_.rows();
  std::array<std::size_t, kParts> next{};
  for (const std::uint32_t row : rows) next[part_of(row)]++;
  for (std::size_t p = 0; p < kParts; p++) {
    begins_[p + 1] = begins_[p] + next[p];
    next[p] = begins_[p];
  }
  by_part_.resize(rows.size());
  row_at_.resize(rows.size());
  is_shared_.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); i++) {
    const std::size_t k = next[part_of(rows[i])]++;
    by_part_[k] = static_cast<std::uint32_t>(i);
    row_at_[k] = rows[i];
  }
}

void RoundRows::copy_rows() {
  n_copies_ = 0;
  rows_.resize(index_.size());
  for (std::size_t k = 0; k < by_part_.size(); k++) {
    float* const row = shared_.data() + row_at(k) * stride_;
    rows_[by_part_[k]] = is_shared_[k] ? copy_of(row) : row;
  }
}

float* RoundRows::copy_of(const float* row) {
  const std::size_t block = n_copies_ / kRowsInBlock;
  if (block == blocks_.size()) blocks_.emplace_back(kRowsInBlock, shared_.dim());
  float* const copy = blocks_[block].data() + n_copies_++ % kRowsInBlock * stride_;
  std::copy_n(row, stride_, copy);
  return copy;
}

void RoundPart::merge(Matrix& shared) {
  const std::size_t stride = shared.stride();
  std::size_t use = 1;
  for (const SharedRow& shared_row : rows_) {
    float* const row = shared.row(shared_row.row);
    trained_.clear();
    for (; use < shared_row.end; use++) {
      trained_.push_back(uses_[use].stream->trained_at(uses_[use].place));
    }
    for (std::size_t d = 0; d < stride; d += kRowAlignment) {
      const Line old = *line_at(row + d);
      Line sum = old;
      for (const float* const trained : trained_) sum += *line_at(trained + d) - old;
      *line_at(row + d) = sum;
    }
  }
}

void RoundPlanner::plan(std::span<RoundRows* const> streams, std::size_t p,
                        RoundPart* part) {
  index_.clear();
  numbers_.clear();
  counts_.clear();
  for (const RoundRows* const stream : streams) {
    counts_.resize(counts_.size() + stream->begin(p + 1) - stream->begin(p));
    for (std::size_t k = stream->begin(p); k < stream->begin(p + 1); k++) {
      const std::size_t i = index_.add(stream->row_at(k));
      numbers_.push_back(static_cast<std::uint32_t>(i));
      counts_[i]++;
    }
  }
  part->rows_.clear();
  ends_.resize(index_.size());
  std::size_t n_uses = 1;
  for (std::size_t i = 0; i < index_.size(); i++) {
    const bool is_shared = counts_[i] > 1;
    ends_[i] = is_shared ? n_uses : 0;
    if (!is_shared) continue;
    n_uses += counts_[i];
    part->rows_.push_back({index_.rows()[i], n_uses});
  }
  // No branch, as whether a row is shared cannot be predicted: the uses of those that
  // are not go to place 0.
  part->uses_.resize(n_uses);
  const std::uint32_t* number = numbers_.data();
  for (RoundRows* const stream : streams) {
    for (std::size_t k = stream->begin(p); k < stream->begin(p + 1); k++) {
      const std::size_t i = *number++;
      const bool is_shared = counts_[i] > 1;
      stream->set_shared(k, is_shared);
      part->uses_[ends_[i]] = {stream, k};
      ends_[i] += is_shared ? 1 : 0;
    }
  }
}

}  // namespace sgns
