# find_package(sgns) gives the target sgns::core, a static library of C++20.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include(${CMAKE_CURRENT_LIST_DIR}/sgns-targets.cmake)
