// A file for what is too large for memory.
#ifndef SGNS_TEMPORARY_FILE_H_
#define SGNS_TEMPORARY_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace sgns {

// A file without a name: it ends with its owner, and with the process. Faults are
// FileErrors with the folder and what can be done.
//
// Thread safety: any number of threads may write and read different parts.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& folder);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(const void* data, std::size_t bytes, std::uint64_t offset);
  // REQUIRES: these bytes were written.
  void read(void* data, std::size_t bytes, std::uint64_t offset) const;
  // Gives the room after the first `bytes` bytes back.
  void cut(std::uint64_t bytes);

  // The first `bytes` bytes as memory, which the system takes from the file and gives
  // back as it likes. Call it once, at last: nothing can be written or read afterwards.
  // REQUIRES: these bytes were written, at least one.
  const void* map(std::size_t bytes);

 private:
  std::string folder_;
  int descriptor_;
  void* mapped_ = nullptr;
  std::size_t mapped_bytes_ = 0;
};

}  // namespace sgns

#endif  // SGNS_TEMPORARY_FILE_H_
