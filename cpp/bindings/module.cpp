#include <pybind11/pybind11.h>

#include "sgns/kernels.h"

void bind_sampling(pybind11::module_& m);
void bind_testing(pybind11::module_& m);
void bind_text(pybind11::module_& m);
void bind_train(pybind11::module_& m);

PYBIND11_MODULE(_core, m, pybind11::mod_gil_not_used()) {
  m.doc() = "Core of sgns: text, sampling, training. Use the package sgns instead.";
  m.attr("__version__") = SGNS_VERSION;
  m.def(
      "kernel_name", [] { return sgns::default_kernels().name; },
      "Name of the kernel table in use; ValueError for an unknown SGNS_KERNEL.");
  bind_text(m);
  bind_sampling(m);
  bind_train(m);
  bind_testing(m);
}
