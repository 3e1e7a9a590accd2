// Sorting shared by several threads. Internal.
#ifndef SGNS_PARALLEL_SORT_H_
#define SGNS_PARALLEL_SORT_H_

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <vector>

#include "sgns/page_allocator.h"

namespace sgns {

// Values that cut the values of all lists into n_parts parts of about one size.
template <typename T, typename Less>
std::vector<T> splitters(const std::vector<std::vector<T>>& lists, std::size_t n_values,
                         std::size_t n_parts, const Less& less) {
  constexpr std::size_t kSamplesOfAPart = 32;
  const std::size_t step = n_values / (n_parts * kSamplesOfAPart) + 1;
  std::vector<T> samples;
  std::size_t next = 0;  // place of the next sample in the list
  for (const std::vector<T>& list : lists) {
    for (; next < list.size(); next += step) samples.push_back(list[next]);
    next -= list.size();
  }
  std::sort(samples.begin(), samples.end(), less);
  std::vector<T> result;
  for (std::size_t p = 1; p < n_parts && !samples.empty(); ++p) {
    result.push_back(samples[p * samples.size() / n_parts]);
  }
  return result;
}

// From how many values of list l are in part p, counts[l * n_parts + p], to where the
// first of them goes. Returns the ends of the parts.
inline std::vector<std::size_t> make_places(std::vector<std::size_t>& counts,
                                            std::size_t n_parts) {
  std::vector<std::size_t> ends(n_parts);
  std::size_t end = 0;
  for (std::size_t p = 0; p < n_parts; ++p) {
    for (std::size_t i = p; i < counts.size(); i += n_parts) {
      const std::size_t place = end;
      end += counts[i];
      counts[i] = place;
    }
    ends[p] = end;
  }
  return ends;
}

// The values of all lists, sorted, and the lists empty. The values are told apart by
// parts, and each part is sorted for itself. `for_each(n, body)` calls body(0), ...,
// body(n - 1), at the same time if it likes, and returns when all have ended.
// REQUIRES: n_parts >= 1; no two values are equal
template <typename T, typename Less, typename ForEach>
Paged<T> sorted_by_parts(std::vector<std::vector<T>>& lists, std::size_t n_parts,
                         const Less& less, const ForEach& for_each) {
  assert(n_parts >= 1);
  std::size_t n_values = 0;
  for (const std::vector<T>& list : lists) n_values += list.size();
  const std::vector<T> bounds = splitters(lists, n_values, n_parts, less);
  const auto part_of = [&](const T& value) {
    const auto bound = std::upper_bound(bounds.begin(), bounds.end(), value, less);
    return static_cast<std::size_t>(bound - bounds.begin());
  };
  std::vector<std::size_t> places(lists.size() * n_parts);
  for_each(lists.size(), [&](std::size_t l) {
    for (const T& value : lists[l]) ++places[l * n_parts + part_of(value)];
  });
  const std::vector<std::size_t> ends = make_places(places, n_parts);
  Paged<T> sorted(n_values);
  for_each(lists.size(), [&](std::size_t l) {
    for (const T& value : lists[l]) {
      sorted[places[l * n_parts + part_of(value)]++] = value;
    }
    lists[l] = {};
  });
  for_each(n_parts, [&](std::size_t p) {
    const auto begin = static_cast<std::ptrdiff_t>(p == 0 ? 0 : ends[p - 1]);
    const auto end = static_cast<std::ptrdiff_t>(ends[p]);
    std::sort(sorted.begin() + begin, sorted.begin() + end, less);
  });
  return sorted;
}

}  // namespace sgns

#endif  // SGNS_PARALLEL_SORT_H_
