// A part of the driver: the kernel tables of this machine against each other.
#ifndef SGNS_TESTS_DRIVER_KERNELS_H_
#define SGNS_TESTS_DRIVER_KERNELS_H_

namespace sgns::driver {

// std::runtime_error where a table does not do what the scalar one does.
void compare_kernels();

}  // namespace sgns::driver

#endif  // SGNS_TESTS_DRIVER_KERNELS_H_
