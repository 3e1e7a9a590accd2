"""The one way to run anything: `nox -s tests`, `nox -s lint`, `nox -s sanitize`."""

from __future__ import annotations

import nox

nox.options.sessions = ["tests", "lint"]


@nox.session
def tests(session: nox.Session) -> None:
    """Run the default tests."""
    session.install(".[test]")
    session.run("pytest", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, types, stubs and formatting."""
    session.install(".[lint]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    allowlist = "tests/stubtest-allowlist.txt"
    session.run("python", "-m", "mypy.stubtest", "sgns._core", "--allowlist", allowlist)
    session.run(
        "sh", "-c", "git ls-files '*.cpp' '*.h' | xargs clang-format -n -Werror"
    )


@nox.session(venv_backend="none")
def sanitize(session: nox.Session) -> None:
    """Train with the address, undefined behaviour and thread sanitizers."""
    for preset in ("asan", "tsan"):
        session.run("cmake", "--preset", preset)
        session.run("cmake", "--build", "--preset", preset, "-j2")
        session.run(f"build/{preset}/sgns_driver")


@nox.session
def bench(session: nox.Session) -> None:
    """Compare with other programs: nox -s bench -- --corpus FILE."""
    session.install(".[bench]")
    session.run("python", "benchmarks/bench_train.py", *session.posargs)
