#include <pybind11/pybind11.h>

#include <exception>
#include <new>
#include <utility>

#include "calls.h"
#include "sgns/kernels.h"

namespace py = pybind11;

void bind_formats(py::module_& m);
void bind_laws(py::module_& m);
void bind_pairs(py::module_& m);
void bind_sampler(py::module_& m);
void bind_phrases(py::module_& m);
void bind_sampling(py::module_& m);
void bind_tables(py::module_& m);
void bind_testing(py::module_& m);
void bind_text(py::module_& m);
void bind_train(py::module_& m);

namespace {

void translate(std::exception_ptr pointer) {
  try {
    std::rethrow_exception(std::move(pointer));
  } catch (const sgns::Stopped&) {
    PyErr_SetNone(PyExc_SystemExit);
  } catch (const std::bad_alloc&) {
    PyErr_SetString(PyExc_MemoryError, "the core needs more memory than there is");
  }
}

void register_hooks() {
  py::module_::import("atexit").attr("register")(py::cpp_function(&sgns::stop_calls));
  const py::module_ os = py::module_::import("os");
  if (py::hasattr(os, "register_at_fork")) {
    const py::cpp_function forget(&sgns::forget_calls);
    os.attr("register_at_fork")(py::arg("after_in_child") = forget);
  }
}

}  // namespace

PYBIND11_MODULE(_core, m, py::mod_gil_not_used()) {
  m.doc() = "Core of sgns: text, sampling, training. Use the package sgns instead.";
  m.attr("__version__") = SGNS_VERSION;
  m.def(
      "kernel_name", [] { return sgns::default_kernels().name; },
      "Name of the kernel table in use; ValueError for an unknown SGNS_KERNEL.");
  py::register_local_exception_translator(translate);
  register_hooks();
  bind_text(m);
  bind_phrases(m);
  bind_formats(m);
  bind_sampling(m);
  bind_laws(m);
  bind_sampler(m);
  bind_tables(m);
  bind_pairs(m);
  bind_train(m);
  bind_testing(m);
}
