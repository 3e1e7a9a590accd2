// Numbers in error messages, independent of the locale. Internal.
#ifndef SGNS_MESSAGES_H_
#define SGNS_MESSAGES_H_

#include <string>

namespace sgns {

// As short as it can be read back: 1000, 0.05, nan.
[[nodiscard]] std::string number(double value);

}  // namespace sgns

#endif  // SGNS_MESSAGES_H_
