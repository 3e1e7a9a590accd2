#include "sgns/temporary_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "sgns/file_error.h"
#include "utf8.h"

namespace sgns {
namespace {

[[noreturn]] void fail(int error, const std::string& folder, const std::string& what) {
  throw FileError(error, folder,
                  std::generic_category().message(error) +
                      ": the temporary file for the ids of the text " + what);
}

[[noreturn]] void fail_to_write(int error, const std::string& folder,
                                std::uint64_t bytes) {
  fail(error, folder,
       "needs " + with_commas(bytes) +
           " bytes or more in this folder; free some, set TMPDIR to a folder with more "
           "room, or raise SGNS_MEMORY_LIMIT");
}

}  // namespace

TemporaryFile::TemporaryFile(const std::string& folder) : folder_(folder) {
  std::string path = folder + "/sgns-ids-XXXXXX";
  descriptor_ = mkstemp(path.data());
  if (descriptor_ < 0) {
    fail(errno, folder_,
         "cannot be made in this folder; set TMPDIR to one that can be written to");
  }
  fcntl(descriptor_, F_SETFD, FD_CLOEXEC);
  unlink(path.c_str());
}

TemporaryFile::~TemporaryFile() {
  if (mapped_ != nullptr) munmap(mapped_, mapped_bytes_);
  if (descriptor_ >= 0) close(descriptor_);
}

void TemporaryFile::write(const void* data, std::size_t bytes, std::uint64_t offset) {
  const char* from = static_cast<const char*>(data);
  const std::uint64_t end = offset + bytes;
  while (bytes > 0) {
    const ssize_t n = pwrite(descriptor_, from, bytes, static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail_to_write(n < 0 ? errno : ENOSPC, folder_, end);
    from += n;
    offset += static_cast<std::uint64_t>(n);
    bytes -= static_cast<std::size_t>(n);
  }
}

void TemporaryFile::read(void* data, std::size_t bytes, std::uint64_t offset) const {
  char* to = static_cast<char*>(data);
  while (bytes > 0) {
    const ssize_t n = pread(descriptor_, to, bytes, static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail(n < 0 ? errno : EIO, folder_, "cannot be read");
    to += n;
    offset += static_cast<std::uint64_t>(n);
    bytes -= static_cast<std::size_t>(n);
  }
}

void TemporaryFile::cut(std::uint64_t bytes) {
  if (ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0) {
    fail(errno, folder_, "cannot be cut");
  }
}

const void* TemporaryFile::map(std::size_t bytes) {
  assert(bytes > 0 && mapped_ == nullptr);
  void* const mapped = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, descriptor_, 0);
  if (mapped == MAP_FAILED) fail(errno, folder_, "cannot be mapped to memory");
  mapped_ = mapped;
  mapped_bytes_ = bytes;
  // A text is read from front to back: read ahead, and forget what was read first.
  madvise(mapped_, mapped_bytes_, MADV_SEQUENTIAL);
  // Network file systems tell only now that the disk is full.
  if (close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) {
    fail_to_write(errno, folder_, bytes);
  }
  return mapped_;
}

}  // namespace sgns
