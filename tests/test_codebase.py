"""What must not rot: layers, one exported function a kernel file, names, limits."""

from __future__ import annotations

import ast
import doctest
import importlib
import importlib.metadata
import inspect
import pkgutil
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import sgns

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "python" / "sgns"
FOLDERS = (
    ".ci",
    "benchmarks",
    "cmake",
    "cpp",
    "docs",
    "examples",
    "python",
    "tests",
)
SUFFIXES = {
    ".typed",
    ".py",
    ".pyi",
    ".cmake",
    ".cpp",
    ".h",
    ".md",
    ".toml",
    ".txt",
    ".json",
    ".yaml",
    "",
}

# A module imports only from those above it. Packages count as one.
PYTHON_ORDER = (
    {"_memory", "_parameter"},
    {
        "_compression",
        "_core",
        "_demo_world",
        "_files",
        "_ids",
        "_params",
        "_progress",
        "_storage",
        "_tables",
        "_terminal",
        "_warn",
    },
    {"_pooling", "_weights", "formats"},
    {
        "_checkpoint",
        "_options",
        "_phrase_rules",
        "_sources",
        "_training",
        "_vocabulary",
    },
    {"_nearest", "_query", "corpus"},
    {"_encoding"},
    {"_resume", "_word_vectors"},
    {"_comparisons", "indexes"},
    {"_searches", "sampling"},
    {"pairs"},
    {"keyed_vectors"},
    {"_callbacks", "_given", "_pair_view", "_saved", "evaluation"},
    {"_fitting"},
    {"_estimator"},
    {"phrases", "word2vec"},
    {"plots"},
    {"__init__"},
    {"demo", "original"},
    {"_commands"},
    {"_arguments"},
    {"_convert_command", "_phrase_command", "_query_commands"},
    {"cli"},
    {"__main__"},
)
USERS_OF_THE_CORE = {
    "__init__",
    "_encoding",
    "_estimator",
    "_fitting",
    "_given",
    "_resume",
    "_sources",
    "_training",
    "corpus",
    "formats",
    "original",
    "pairs",
    "phrases",
    "sampling",
}
NUMPY_ONLY = {
    "_comparisons",
    "_files",
    "_nearest",
    "_query",
    "_searches",
    "_word_vectors",
    "evaluation",
    "formats",
    "keyed_vectors",
}

# C++ files by layer, and the layers whose headers a layer may include.
LAYERS = {
    "messages": {"messages"},
    "random": {"random"},
    "matrix": {"matrix"},
    "config": {"config", "window"},
    "text": {
        "chunk_reader",
        "chunk_store",
        "corpus",
        "corpus_writer",
        "encoded_corpus",
        "file_error",
        "parallel_sort",
        "phrase_counts",
        "phrases",
        "stored_array",
        "tail_table",
        "temporary_file",
        "text_reader",
        "utf8",
        "vocabulary",
        "word_key",
        "word_merge",
        "word_table",
    },
    "pages": {"page_allocator"},
    "parallel": {"barrier", "parallel"},
    "sampling": {
        "complement",
        "distinct",
        "distribution",
        "draw_source",
        "draws",
        "exclusion",
        "huffman",
        "law",
        "negative_sampler",
        "noise_filter",
        "row_filter",
        "sample_run",
    },
    "tables": {"pair_set", "pair_table", "pair_writer", "token_text"},
    "formats": {"decimal", "vector_rows", "word_bytes"},
    "kernels": {
        "kernels",
        "kernel_table",
        "kernels/avx2_lanes",
        "kernels/avx2_vector",
        "kernels/avx512_lanes",
        "kernels/avx512_vector",
        "kernels/blocks",
        "kernels/errors",
        "kernels/losses",
        "kernels/noise",
        "kernels/philox_lanes",
        "kernels/philox_tables",
        "kernels/tables",
        "kernels/tile",
        "kernels/update",
        "noise_batch",
        "philox",
    },
    "train": {
        "epoch_report",
        "hot_rows",
        "logistic_loss",
        "loss_step",
        "meeting",
        "pair_train",
        "round_rows",
        "rounds",
        "row_index",
        "train",
        "word_offsets",
        "worker",
        "worker_rows",
    },
    "bindings": {
        "arguments",
        "arrays",
        "arrow",
        "arrow_column",
        "calls",
        "sentences",
        "without_gil",
    },
}
MAY_INCLUDE: dict[str, set[str]] = {
    "messages": set(),
    "random": set(),
    "matrix": {"messages", "pages", "random"},
    "config": {"messages"},
    "text": {"messages", "pages"},
    "pages": set(),
    "parallel": set(),
    "sampling": {
        "config",
        "kernels",
        "messages",
        "pages",
        "parallel",
        "random",
        "text",
    },
    "tables": {
        "config",
        "messages",
        "pages",
        "parallel",
        "random",
        "sampling",
    },
    "formats": {"parallel", "text"},
    "kernels": {"random"},
    "train": set(LAYERS) - {"bindings", "formats"},
    "bindings": set(LAYERS),
}
INTRINSICS = {"immintrin.h", "arm_neon.h"}
C_HEADERS = {"math.h", "stddef.h", "stdint.h", "string.h"}
KERNEL_FILES = sorted(
    path
    for path in (ROOT / "cpp" / "src" / "kernels").glob("*.cpp")
    if path.stem != "dispatch" and not path.stem.startswith("philox_")
)
PHILOX_FILES = sorted(
    path
    for path in (ROOT / "cpp" / "src" / "kernels").glob("philox_*.cpp")
    if path.stem != "philox_dispatch"
)
# Included in the middle of a namespace by each kernel file, so they have no guards.
TEMPLATE_TEXTS = [
    ROOT / "benchmarks" / "lab" / "versions.h",
    *(
        ROOT / "cpp" / "src" / "kernels" / f"{name}.h"
        for name in (
            "avx2_lanes",
            "avx2_vector",
            "avx512_lanes",
            "avx512_vector",
            "blocks",
            "errors",
            "losses",
            "noise",
            "philox_lanes",
            "tile",
            "update",
        )
    ),
]

LONGEST_CPP = 300
LONGEST_CONTRACT = 120
LONGEST_PYTHON = 400
LONGEST_FUNCTION = 40
COLUMNS = 88


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def is_ours(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    hidden = any(part.startswith(".") and part != ".ci" for part in parts[:-1])
    return path.is_file() and not hidden and "__pycache__" not in parts


@cache
def all_files() -> list[Path]:
    """Every text file of the project, build products left out."""
    found = [path for path in ROOT.iterdir() if is_ours(path)]
    for folder in FOLDERS:
        found += [path for path in (ROOT / folder).rglob("*") if is_ours(path)]
    data = ROOT / "tests" / "data"
    return sorted(
        path for path in found if path.suffix in SUFFIXES and data not in path.parents
    )


def cpp_files() -> list[Path]:
    return [path for path in all_files() if path.suffix in {".cpp", ".h"}]


def core_files() -> list[Path]:
    """The part of the C++ that must build without Python."""
    folders = (ROOT / "cpp" / "include", ROOT / "cpp" / "src")
    return [p for p in cpp_files() if any(folder in p.parents for folder in folders)]


def python_files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def without_comments(source: str) -> str:
    """C++ without comments and string literals."""
    source = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', source)
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", source, flags=re.DOTALL)


def module_name(path: Path) -> str:
    """Name of a file inside the package, a package being one module."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Full names of the modules that a Python file imports, wherever it does."""
    for node in ast.walk(ast.parse(text_of(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{shown(path)} has a relative import"
            assert node.module is not None
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_imports(path: Path) -> Iterator[str]:
    """Modules of the package that a file imports."""
    modules = {module_name(file) for file in python_files()} | {"_core"}
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "sgns":
            part = parts[1] if len(parts) > 1 else ""
            yield part if part in modules else "__init__"


def includes(path: Path) -> list[str]:
    return re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', text_of(path), re.M)


def layer_of(stem: str) -> str:
    found = [layer for layer, stems in LAYERS.items() if stem in stems]
    assert len(found) == 1, f"{stem} must stand in one of LAYERS, found in {found}"
    return found[0]


def layer_of_file(path: Path) -> str:
    if "bindings" in path.parts:
        return "bindings"
    return "kernels" if "kernels" in path.parts else layer_of(path.stem)


def found_in(files: list[Path], pattern: str) -> list[str]:
    """Places where a regular expression matches, this file left out."""
    here = Path(__file__).resolve()
    return [
        f"{shown(path)}:{number}: {line.strip()}"
        for path in files
        if path != here
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if re.search(pattern, line)
    ]


# Layers -------------------------------------------------------------------------------


def test_python_modules_import_only_from_lower_layers() -> None:
    rank = {name: i for i, names in enumerate(PYTHON_ORDER) for name in names}
    upwards = []
    for path in python_files():
        name = module_name(path)
        assert name in rank, f"{name} must stand in PYTHON_ORDER"
        upwards += [
            f"{shown(path)} imports {used}"
            for used in own_imports(path)
            if used != name and rank[used] >= rank[name]
        ]
    assert upwards == []


def test_python_imports_the_core_only_where_it_may() -> None:
    users = {
        module_name(path) for path in python_files() if "_core" in own_imports(path)
    }
    assert users <= USERS_OF_THE_CORE


def test_formats_evaluation_and_queries_need_only_numpy() -> None:
    for path in python_files():
        if module_name(path) in NUMPY_ONLY:
            outside = {name.split(".")[0] for name in imports(path)}
            outside -= set(sys.stdlib_module_names) | {"sgns", "numpy"}
            assert not outside, f"{shown(path)} imports {outside}"


OPTIONAL = {
    "IPython",
    "datasets",
    "duckdb",
    "gensim",
    "matplotlib",
    "pandas",
    "polars",
    "pyarrow",
    "safetensors",
    "scipy",
    "sklearn",
    "torch",
    "tqdm",
    "usearch",
    "zstandard",
}
"""Packages that are imported where they are needed, and tqdm, which is slow."""


@pytest.mark.parametrize(
    "code",
    [
        "import sgns",
        "import sgns.cli, sgns.evaluation, sgns.formats, sgns.indexes, sgns.plots",
        "from sgns import KeyedVectors\n"
        "KeyedVectors(['a', 'b'], [[1, 0], [1, 1]]).most_similar('a')",
        "from sgns import Word2Vec\n"
        "Word2Vec([['a', 'b']] * 99, vector_size=2, sample=0, progress=False).fit()",
    ],
)
def test_no_optional_package_is_imported_before_it_is_used(code: str) -> None:
    show = "import sys; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"{code}\n{show}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(done.stdout.split()) & OPTIONAL == set()


HEAVY = {
    "_hashlib",
    "argparse",
    "asyncio",
    "bz2",
    "concurrent",
    "csv",
    "difflib",
    "email",
    "gzip",
    "hashlib",
    "http",
    "inspect",
    "lzma",
    "multiprocessing",
    "numpy.f2py",
    "numpy.random",
    "numpy.testing",
    "secrets",
    "shutil",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "tempfile",
    "unittest",
    "xml",
}
"""Modules of the standard library and of NumPy that importing takes milliseconds."""


def imported_by(code: str) -> set[str]:
    """Modules that `code` imports beyond those that are there before it."""
    before = "import sys; known = set(sys.modules)\n"
    after = "\nprint(*set(sys.modules) - known)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", before + code + after],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_import_brings_only_what_it_needs() -> None:
    """NumPy, which takes most of the time, comes with the first name that is used."""
    found = imported_by("import sgns; sgns.__version__, dir(sgns)")
    assert {name for name in found if name.startswith("sgns")} == {"sgns", "sgns._core"}
    assert found & (HEAVY | {"numpy", "logging", "pathlib"}) == set()


@pytest.mark.parametrize("name", ["KeyedVectors", "Phrases", "Word2Vec"])
def test_nothing_heavy_is_imported_before_it_is_used(name: str) -> None:
    """Beyond what NumPy itself imports, which differs between its versions."""
    found = imported_by(
        "import numpy; known = set(sys.modules)\nfrom sgns import " + name
    )
    assert "sgns" in found
    assert found & HEAVY == set()
    assert found & {"sgns.cli", "sgns.demo", "sgns.evaluation", "sgns.plots"} == set()


def test_names_of_the_package_are_found_when_used() -> None:
    for name in sgns.__all__:
        assert name in dir(sgns)
        assert getattr(sgns, name) is not None
    found = imported_by("import sgns; sgns.evaluation.analogies, sgns.pairs.fit_pairs")
    assert "sgns.evaluation" in found
    with pytest.raises(AttributeError, match="module 'sgns' has no attribute 'Wort'"):
        sgns.Wort  # noqa: B018


def test_python_modules_start_with_a_docstring_and_future_annotations() -> None:
    for path in python_files():
        tree = ast.parse(text_of(path))
        assert ast.get_docstring(tree), shown(path)
        assert "__future__.annotations" in list(imports(path)), shown(path)


def test_cpp_includes_never_point_upwards() -> None:
    wrong = []
    for path in core_files() + [p for p in cpp_files() if "bindings" in p.parts]:
        layer = layer_of_file(path)
        for name in includes(path):
            own = name.removesuffix(".h").removeprefix("sgns/")
            if not name.endswith(".h") or name in INTRINSICS | C_HEADERS:
                continue
            if name.startswith("sys/") or name in {
                "cpuid.h",
                "cxxabi.h",
                "fcntl.h",
                "unistd.h",
            }:
                continue
            if name.startswith("pybind11/"):
                assert layer == "bindings", f"{shown(path)} includes {name}"
                continue
            used = layer_of(own)
            if used != layer and used not in MAY_INCLUDE[layer]:
                wrong.append(f"{shown(path)} ({layer}) includes {name} ({used})")
    assert wrong == []


def test_core_knows_nothing_of_python() -> None:
    assert found_in(core_files(), r"pybind11|Python\.h|\bPy[A-Z_]\w*\(") == []


def test_public_headers_include_only_public_headers() -> None:
    """What an installed core needs must be installed."""
    for path in (ROOT / "cpp" / "include").rglob("*.h"):
        quoted = re.findall(r'#include "([^"]+)"', text_of(path))
        assert all(name.startswith("sgns/") for name in quoted), shown(path)


# Kernels: nothing that a linker could share between instruction sets ------------------


@pytest.mark.parametrize("path", KERNEL_FILES, ids=lambda path: path.stem)
def test_kernel_file_includes_no_cpp_header(path: Path) -> None:
    """An inline function of the standard library may be kept in the newest copy."""
    inside = {f"kernels/{text.name}" for text in TEMPLATE_TEXTS}
    assert set(includes(path)) <= INTRINSICS | C_HEADERS | inside | {"kernels/tables.h"}
    for text in TEMPLATE_TEXTS:
        assert set(includes(text)) <= inside
    for name in ("kernel_table", "noise_batch", "random"):
        contract = ROOT / "cpp" / "include" / "sgns" / f"{name}.h"
        assert set(includes(contract)) <= C_HEADERS | {"sgns/noise_batch.h"}


@pytest.mark.parametrize("path", PHILOX_FILES, ids=lambda path: path.stem)
def test_philox_file_includes_no_cpp_header_and_exports_one_function(
    path: Path,
) -> None:
    own = {"philox_tables", "philox_lanes", "avx2_lanes", "avx512_lanes"}
    assert set(includes(path)) <= INTRINSICS | {f"kernels/{name}.h" for name in own}
    contract = ROOT / "cpp" / "include" / "sgns" / "philox.h"
    assert set(includes(contract)) <= C_HEADERS
    lines = [line.rstrip() for line in without_comments(text_of(path)).splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    assert lines[:2] == ["namespace sgns {", "namespace {"]
    assert lines.count("namespace {") == 1
    exported = rf"Philox {path.stem}\(\) {{ return {{[\w<>, ]+}}; }}"
    assert re.fullmatch(exported, lines[-2])
    assert (lines[-3], lines[-1]) == ("}", "}")


@pytest.mark.parametrize("path", KERNEL_FILES, ids=lambda path: path.stem)
def test_kernel_file_exports_one_function(path: Path) -> None:
    lines = [line.rstrip() for line in without_comments(text_of(path)).splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    assert lines[:2] == ["namespace sgns {", "namespace {"]
    exported = f"const Kernels& {path.stem}_kernels() {{ return kTable; }}"
    assert re.match(r"constexpr Kernels kTable = make_kernels<\w+>", lines[-4])
    assert lines[-3:] == ["}", exported, "}"]
    assert lines.count("namespace {") == 1


@pytest.mark.parametrize(
    "path", KERNEL_FILES + PHILOX_FILES, ids=lambda path: path.stem
)
def test_kernel_file_has_no_start_up_code(path: Path) -> None:
    """Code that runs at load time would need its instructions on every machine."""
    variables = re.compile(
        r"^(?:static |inline )*(?!constexpr|const Kernels&)\w[^({;]*="
    )
    for file in (path, *TEMPLATE_TEXTS):
        lines = without_comments(text_of(file)).splitlines()
        assert [line for line in lines if variables.match(line)] == []


def test_every_kernel_file_has_its_table_declared() -> None:
    declared = text_of(ROOT / "cpp" / "src" / "kernels" / "tables.h")
    names = set(re.findall(r"^const Kernels& (\w+)_kernels\(\);$", declared, re.M))
    assert names == {path.stem for path in KERNEL_FILES}


# The build ----------------------------------------------------------------------------


def test_no_flag_changes_arithmetic_or_needs_this_machine() -> None:
    """P11: fast-math at link time flushes subnormals in the whole process."""
    flags = r"-Ofast|fast-math|finite-math|unsafe-math|march=native|mtune=native"
    code = [path for path in all_files() if path.suffix != ".md"]
    assert found_in(code, flags + r"|#\s*pragma\s+(GCC|clang)\s+optimize") == []


def test_version_stands_in_one_place() -> None:
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    version = re.escape(project["version"])
    files = [path for path in all_files() if path.name != "CHANGELOG.md"]
    places = found_in(files, rf"(?<![\d.]){version}(?![\d.])")
    assert [place.split(":")[0] for place in places] == ["pyproject.toml"]


def test_version_is_that_of_the_installed_package() -> None:
    assert sgns.__version__ == importlib.metadata.version("sgns")


def test_every_source_file_is_built() -> None:
    listed = text_of(ROOT / "CMakeLists.txt")
    for path in cpp_files():
        if "examples" in path.parts:
            assert path.name in text_of(path.with_name("CMakeLists.txt"))
        elif path.suffix == ".cpp":
            assert shown(path) in listed


def test_only_text_and_test_data_are_tracked() -> None:
    """No wheel, object file or unpacked archive gets into the repository."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a checkout of the repository")
    result = subprocess.run(
        [git, "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        pytest.skip(f"git cannot list the files: {result.stderr.strip()}")
    paths = [Path(line) for line in result.stdout.splitlines()]
    strange = [
        str(path)
        for path in paths
        if path.suffix not in SUFFIXES
        and path.parts[:2] != ("tests", "data")
        and not (path.parts[0] == "docs" and path.suffix == ".svg")
    ]
    assert strange == []


# Public names -------------------------------------------------------------------------


@cache
def modules() -> list[ModuleType]:
    """The modules of the package but `_core` and the start of the command line."""
    names = [m.name for m in pkgutil.walk_packages(sgns.__path__, "sgns.")]
    names = [name for name in names if name not in {"sgns._core", "sgns.__main__"}]
    return [sgns, *map(importlib.import_module, names)]


def public_names(module: ModuleType) -> list[str]:
    if hasattr(module, "__all__"):
        return list(module.__all__)
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and getattr(value, "__module__", None) == module.__name__
    ]


def own_members(cls: type) -> dict[str, object]:
    """Members of a class and of its bases that stand in the package."""
    found: dict[str, object] = {}
    for base in reversed(cls.__mro__):
        if base.__module__.startswith("sgns"):
            found |= vars(base)
    return found


def public_objects() -> dict[str, object]:
    """Functions and classes of the public modules, with methods and properties.

    The modules inside a package are its own business.
    """
    found: dict[str, object] = {}
    for module in modules():
        names = module.__name__.split(".")
        is_private = len(names) > 2 or names[-1].startswith("_")
        for name in public_names(module):
            value = getattr(module, name)
            if is_private or not (inspect.isclass(value) or inspect.isfunction(value)):
                continue
            found[f"{module.__name__}.{name}"] = value
            if inspect.isclass(value):
                for member, inner in own_members(value).items():
                    kinds = (classmethod, staticmethod, property)
                    is_code = inspect.isfunction(inner) or isinstance(inner, kinds)
                    if is_code and not member.startswith("_"):
                        found[f"{module.__name__}.{name}.{member}"] = inner
    return found


PUBLIC = public_objects()


def function_of(value: object) -> object:
    if isinstance(value, property):
        return value.fget
    return getattr(value, "__func__", value)


def test_names_of_all_exist() -> None:
    for module in modules():
        for name in public_names(module):
            assert hasattr(module, name), f"{module.__name__}.{name}"


@pytest.mark.parametrize("name", PUBLIC)
def test_public_name_has_a_docstring(name: str) -> None:
    value = function_of(PUBLIC[name])
    own = getattr(value, "__doc__", None)
    assert own, name
    first = inspect.cleandoc(own).splitlines()[0]
    assert first[0].isupper(), name
    assert first.endswith("."), name


@pytest.mark.parametrize("name", PUBLIC)
def test_public_function_with_parameters_describes_them(name: str) -> None:
    """Numpydoc: each parameter is named in a section, the result in another."""
    value = function_of(PUBLIC[name])
    if not inspect.isfunction(value):
        return
    doc = inspect.cleandoc(value.__doc__ or "")
    signature = inspect.signature(value)
    parameters = [p for p in signature.parameters if p not in {"self", "cls"}]
    if parameters:
        section = re.search(r"^Parameters\n-+\n(.*?)(?=^\w+\n-+$|\Z)", doc, re.M | re.S)
        assert section, f"{name} has no section Parameters"
        for parameter in parameters:
            assert re.search(rf"^[\w, *]*\b{parameter}\b", section[1], re.M), parameter
    has_result = signature.return_annotation not in ("None", "NoReturn")
    if parameters and has_result:
        assert re.search(r"^(Returns|Yields)\n-+$", doc, re.M), f"{name} has no Returns"


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.__name__)
def test_examples_of_the_docstrings_work(
    module: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert doctest.testmod(module).failed == 0
    assert list(tmp_path.iterdir()) == []


# Code that has no place here ----------------------------------------------------------


def calls(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(text_of(path))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_only_the_command_line_prints() -> None:
    for path in python_files():
        if module_name(path) not in {"_terminal", "demo"}:
            assert "print" not in calls(path), shown(path)
            assert not re.search(r"sys\.std(out|err)\.write", text_of(path))


def test_no_file_can_run_code() -> None:
    """P4: nothing that turns bytes into code or into objects."""
    modules = {"pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle", "ctypes"}
    functions = {"eval", "exec", "compile", "__import__", "importlib.import_module"}
    for path in python_files():
        used = {name.split(".")[0] for name in imports(path)} & modules
        used |= set(calls(path)) & functions
        if path != PACKAGE / "__init__.py":  # which imports what its tables name
            used |= set(calls(path)) & {"import_module"}
        assert not used, f"{shown(path)} uses {used}"
        assert "allow_pickle" not in text_of(path), shown(path)


def test_core_never_prints_or_exits() -> None:
    names = "printf|fprintf|puts|fputs|exit|_exit|quick_exit|abort|terminate"
    streams = r"std::(cout|cerr|clog)|#include <(iostream|fstream|sstream|cstdio)>"
    for path in core_files():
        source = without_comments(text_of(path))
        assert not re.search(rf"\b({names})\s*\(", source), shown(path)
        assert not re.search(streams, source), shown(path)


def test_core_never_swallows_an_exception() -> None:
    """Rule 8: ``catch (...)`` stores the exception or rethrows it."""
    for path in cpp_files():
        source = without_comments(text_of(path))
        for match in re.finditer(r"catch \(\.\.\.\) \{", source):
            body = source[match.end() : match.end() + 200]
            assert re.search(r"current_exception\(\)|throw;", body), shown(path)


def test_core_maps_no_file_and_reads_no_number_by_locale() -> None:
    """Rules 9 and 11; a temporary file without a name is nobody else's to cut."""
    banned = r"\b(mmap|strtof|strtod|atof|sscanf|stof|stod|setlocale)\s*\("
    for path in core_files():
        source = without_comments(text_of(path))
        for match in re.finditer(banned, source):
            call = source[match.start() : match.start() + 200]
            is_ours = path.stem == "temporary_file" or "MAP_ANONYMOUS" in call
            assert is_ours, f"{shown(path)} calls {match[0]}"


# Form ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", [p for p in cpp_files() if p.suffix == ".h"], ids=lambda path: path.stem
)
def test_header_has_its_guard(path: Path) -> None:
    if path in TEMPLATE_TEXTS:
        return
    left_out = {"cpp", "include", "src", "sgns"}
    parts = [part for part in path.relative_to(ROOT).parts if part not in left_out]
    guard = "SGNS_" + re.sub(r"\W", "_", "_".join(parts)).upper() + "_"
    lines = [line for line in text_of(path).splitlines() if not line.startswith("//")]
    assert lines[:2] == [f"#ifndef {guard}", f"#define {guard}"]
    assert lines[-1] == f"#endif  // {guard}"


def test_public_headers_state_their_thread_safety() -> None:
    for path in (ROOT / "cpp" / "include").rglob("*.h"):
        assert "Thread safety" in text_of(path), shown(path)


def test_files_can_be_read_in_one_go() -> None:
    """Contracts, bodies (internal headers with templates are bodies), modules."""
    contracts = ROOT / "cpp" / "include"
    too_long = []
    for path in [
        *core_files(),
        *(ROOT / "cpp" / "bindings").iterdir(),
        *python_files(),
    ]:
        limit = LONGEST_CONTRACT if contracts in path.parents else LONGEST_CPP
        limit = LONGEST_PYTHON if path.suffix == ".py" else limit
        length = len(text_of(path).splitlines())
        if length > limit:
            too_long.append(f"{shown(path)} has {length} lines, limit {limit}")
    assert too_long == []


def test_python_functions_can_be_read_in_one_go() -> None:
    """Lines of the body, docstring not counted."""
    too_long = []
    for path in python_files():
        for node in ast.walk(ast.parse(text_of(path))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                length = body[-1].end_lineno - body[0].lineno + 1 if body else 0
                if length > LONGEST_FUNCTION:
                    too_long.append(f"{shown(path)}:{node.name} has {length} lines")
    assert too_long == []


def test_cpp_lines_fit_the_page() -> None:
    assert found_in(cpp_files(), f".{{{COLUMNS + 1},}}") == []


def test_text_files_are_clean() -> None:
    """One line end at the end; no carriage return, no tab, no space at line ends."""
    for path in all_files():
        text = text_of(path)
        if text:
            assert text.endswith("\n"), shown(path)
            assert not text.endswith("\n\n"), shown(path)
    assert found_in(all_files(), r"\r|[ \t]+$") == []
    assert found_in(cpp_files() + python_files(), r"\t") == []


def test_nothing_is_left_for_later() -> None:
    assert found_in(all_files(), r"\b(TODO|FIXME|XXX|HACK)\b") == []


def test_no_machine_path_stands_in_a_file() -> None:
    code = [path for path in all_files() if path.name != ".gitignore"]
    assert found_in(code, r"/home/\w+|/Users/\w+|/tmp/\w") == []
