// The exception for files that cannot be opened, read or written.
#ifndef SGNS_FILE_ERROR_H_
#define SGNS_FILE_ERROR_H_

#include <string>
#include <system_error>
#include <utility>

namespace sgns {

// A file could not be opened, read or written. code() holds errno.
//
// Thread safety: a plain value.
class FileError : public std::system_error {
 public:
  FileError(int error, std::string path)
      : FileError(error, std::move(path), std::generic_category().message(error)) {}
  FileError(int error, std::string path, std::string message)
      : std::system_error(error, std::generic_category()),
        path_(std::move(path)),
        message_(std::move(message)) {}
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::string& message() const { return message_; }

 private:
  std::string path_;
  std::string message_;
};

}  // namespace sgns

#endif  // SGNS_FILE_ERROR_H_
