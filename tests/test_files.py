"""Writing files: the old content or the new, never anything else (F1, F5, F6, 7.2)."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from sgns._files import AtomicFile, System

OLD, NEW = b"old content", b"the new content, rather longer"


class Faults:
    """System calls of which the n-th fails, once or from then on."""

    def __init__(self, nth: int, error: BaseException, *, lasting: bool = False):
        self.nth, self.error, self.lasting = nth, error, lasting
        self.calls: list[str] = []

    def system(self, **changes: Any) -> System:
        real = replace(System(), **changes)
        wrapped = {
            field.name: self._wrap(field.name, getattr(real, field.name))
            for field in fields(System)
        }
        return System(**wrapped)

    def _wrap(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            self.calls.append(name)
            n = len(self.calls)
            if n == self.nth or (self.lasting and n > self.nth):
                if name == "close":
                    function(*args)
                raise self.error
            return function(*args)

        return call


def save(path: Path, data: bytes = NEW, system: System | None = None) -> None:
    with AtomicFile(path, system=system) as file:
        file.write(data[:10])
        file.write(data[10:])


def count_calls(path: Path) -> int:
    counter = Faults(0, OSError())
    save(path, system=counter.system())
    return len(counter.calls)


def files_of(directory: Path) -> list[str]:
    return sorted(entry.name for entry in directory.iterdir())


def test_write_new_file_has_content_and_umask_mode(tmp_path: Path) -> None:
    path = tmp_path / "new.bin"
    old_umask = os.umask(0o027)
    try:
        save(path)
    finally:
        os.umask(old_umask)
    assert path.read_bytes() == NEW
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert files_of(tmp_path) == ["new.bin"]


def test_write_existing_file_keeps_mode(tmp_path: Path) -> None:
    path = tmp_path / "old.bin"
    path.write_bytes(OLD)
    path.chmod(0o604)
    save(path)
    assert path.read_bytes() == NEW
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_write_old_readers_keep_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "old.bin"
    path.write_bytes(OLD)
    with path.open("rb") as reader:
        save(path)
        assert reader.read() == OLD


def test_write_through_symlink_replaces_its_target(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "real.bin", tmp_path / "link.bin"
    target.write_bytes(OLD)
    link.symlink_to(target)
    save(link)
    assert link.is_symlink()
    assert target.read_bytes() == NEW
    assert files_of(tmp_path) == ["link.bin", "there"]


def test_write_dangling_symlink_makes_its_target(tmp_path: Path) -> None:
    link = tmp_path / "link.bin"
    link.symlink_to(tmp_path / "real.bin")
    save(link)
    assert link.is_symlink()
    assert (tmp_path / "real.bin").read_bytes() == NEW


def test_write_longest_name_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / ("é" * 127)
    save(path)
    assert path.read_bytes() == NEW


def test_write_relative_path_and_str(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with AtomicFile("here.bin") as file:
        file.write(NEW)
    assert (tmp_path / "here.bin").read_bytes() == NEW


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, SystemExit])
def test_exception_in_block_keeps_old_file(
    tmp_path: Path, kind: type[BaseException]
) -> None:
    path = tmp_path / "old.bin"
    path.write_bytes(OLD)
    error = kind("stop")

    def write_half() -> None:
        with AtomicFile(path) as file:
            file.write(NEW)
            raise error

    with pytest.raises(kind) as caught:
        write_half()
    assert caught.value is error
    assert path.read_bytes() == OLD
    assert files_of(tmp_path) == ["old.bin"]


@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_nth_system_call_fails_leaves_old_or_new(
    tmp_path: Path, code: int, lasting: bool
) -> None:
    """F5: every call in turn fails, once and from then on."""
    path = tmp_path / "old.bin"
    path.write_bytes(OLD)
    n_calls = count_calls(path)
    for nth in range(1, n_calls + 1):
        path.write_bytes(OLD)
        faults = Faults(nth, OSError(code, os.strerror(code)), lasting=lasting)
        failure = None
        try:
            save(path, system=faults.system())
        except OSError as error:
            failure = (error.errno, error.filename)
        replaced = "replace" in faults.calls[: nth - 1]
        assert path.read_bytes() == (NEW if replaced else OLD)
        assert failure == (code, str(path)) or (failure is None and replaced)
        for name in files_of(tmp_path):
            if name != "old.bin":
                assert lasting, f"left {name} after call {nth} failed once"
                (tmp_path / name).unlink()


def test_nth_system_call_interrupted_by_ctrl_c_leaves_old_or_new(
    tmp_path: Path,
) -> None:
    """F3: KeyboardInterrupt at every system call."""
    path = tmp_path / "old.bin"
    path.write_bytes(OLD)
    for nth in range(1, count_calls(path) + 1):
        path.write_bytes(OLD)
        faults = Faults(nth, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            save(path, system=faults.system())
        replaced = "replace" in faults.calls[: nth - 1]
        assert path.read_bytes() == (NEW if replaced else OLD)
        assert files_of(tmp_path) == ["old.bin"]


def test_fsync_fails_is_not_repeated(tmp_path: Path) -> None:
    """7.2: a failing fsync is final."""
    faults = Faults(0, OSError())
    save(tmp_path / "a", system=faults.system())
    nth = faults.calls.index("fsync") + 1
    faults = Faults(nth, OSError(errno.EIO, "broken"))
    with pytest.raises(OSError, match="broken"):
        save(tmp_path / "b", system=faults.system())
    assert faults.calls.count("fsync") == 1
    assert "replace" not in faults.calls


def test_order_of_system_calls_is_durable(tmp_path: Path) -> None:
    """F2: data synced before the rename, the directory after it."""
    faults = Faults(0, OSError())
    save(tmp_path / "a", system=faults.system())
    order = [name for name in faults.calls if name in ("write", "fsync", "replace")]
    assert order == ["write", "write", "fsync", "replace", "fsync"]


def test_write_directory_that_cannot_be_synced_succeeds(tmp_path: Path) -> None:
    """7.2: EINVAL of the directory is ignored."""

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "no sync here")
        os.fsync(descriptor)

    save(tmp_path / "a", system=System(fsync=fsync))
    assert (tmp_path / "a").read_bytes() == NEW


def test_short_writes_and_eintr_continue(tmp_path: Path) -> None:
    """F6: one byte at a time, and interrupted every second time."""
    calls = 0

    def write(descriptor: int, data: memoryview) -> int:
        nonlocal calls
        calls += 1
        if calls % 2:
            raise InterruptedError(errno.EINTR, "interrupted")
        return os.write(descriptor, data[:1])

    save(tmp_path / "a", system=System(write=write))
    assert (tmp_path / "a").read_bytes() == NEW
    assert calls == 2 * len(NEW)


def test_write_that_writes_nothing_raises(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no byte could be written"):
        save(tmp_path / "a", system=System(write=lambda descriptor, data: 0))
    assert files_of(tmp_path) == []


def test_write_array_memory_is_written_whole(tmp_path: Path) -> None:
    data = memoryview(bytes(range(16))).cast("i")
    with AtomicFile(tmp_path / "a") as file:
        file.write(data)
    assert (tmp_path / "a").read_bytes() == bytes(range(16))


def test_file_system_without_locks_is_written(tmp_path: Path) -> None:
    def lock(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "no locks")

    save(tmp_path / "a", system=System(lock=lock))
    assert (tmp_path / "a").read_bytes() == NEW


def test_temporary_file_taken_away_is_made_again(tmp_path: Path) -> None:
    """F20: another process removed it between its creation and its lock."""
    removed = []

    def lock(descriptor: int, operation: int) -> None:
        if not removed:
            removed.extend(tmp_path.glob(".a.*.tmp"))
            removed[0].unlink()
        fcntl.flock(descriptor, operation)

    save(tmp_path / "a", system=System(lock=lock))
    assert len(removed) == 1
    assert files_of(tmp_path) == ["a"]


def test_temporary_file_always_locked_by_others_raises(tmp_path: Path) -> None:
    def lock(descriptor: int, operation: int) -> None:
        raise BlockingIOError(errno.EWOULDBLOCK, "locked")

    with pytest.raises(OSError, match="temporary file"):
        save(tmp_path / "a", system=System(lock=lock))
    assert files_of(tmp_path) == []


def test_left_over_files_are_removed_when_unlocked(tmp_path: Path) -> None:
    """F1: files of killed writers go, those of living ones and others stay."""
    path = tmp_path / "a.bin"
    dead = tmp_path / ".a.bin.123-0123abcd.tmp"
    living = tmp_path / ".a.bin.124-0123abcd.tmp"
    other = tmp_path / ".b.bin.123-0123abcd.tmp"
    for file in (dead, living, other):
        file.write_bytes(b"half")
    with living.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        save(path)
    assert files_of(tmp_path) == sorted([path.name, living.name, other.name])


def test_left_over_symlink_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(OLD)
    link = tmp_path / ".a.123-0123abcd.tmp"
    link.symlink_to(tmp_path / "precious")
    save(tmp_path / "a")
    assert (tmp_path / "precious").read_bytes() == OLD


def test_target_directory_raises(tmp_path: Path) -> None:
    """F7."""
    with pytest.raises(IsADirectoryError) as caught:
        save(tmp_path)
    assert caught.value.filename == str(tmp_path)
    assert files_of(tmp_path) == []


def test_missing_directory_raises_with_the_path(tmp_path: Path) -> None:
    path = tmp_path / "no" / "a.bin"
    with pytest.raises(FileNotFoundError) as caught:
        save(path)
    assert caught.value.filename == str(path)
    assert str(caught.value).endswith(f"No such file or directory: {str(path)!r}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("what", ["file", "directory"])
def test_read_only_target_raises(tmp_path: Path, what: str) -> None:
    """F7."""
    path = tmp_path / "a.bin"
    path.write_bytes(OLD)
    changed = path if what == "file" else tmp_path
    changed.chmod(0o500)
    try:
        with pytest.raises(PermissionError):
            save(path)
    finally:
        changed.chmod(0o700)
    assert path.read_bytes() == OLD


def test_no_space_raises_before_writing(tmp_path: Path) -> None:
    """F5: a size that cannot fit is refused first."""
    with (
        pytest.raises(OSError, match="space") as caught,
        AtomicFile(tmp_path / "a", size=1 << 60),
    ):
        pytest.fail("the block must not be entered")
    assert caught.value.errno == errno.ENOSPC
    assert files_of(tmp_path) == []


def test_device_target_is_refused() -> None:
    """7.2: a device is never replaced."""
    with pytest.raises(ValueError, match="'/dev/null' is a device or a socket"):
        save(Path("/dev/null"))
    assert Path("/dev/null").is_char_device()


def test_fifo_is_written_through(tmp_path: Path) -> None:
    """7.2: a FIFO is written through, never replaced."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    received = []
    reader = threading.Thread(target=lambda: received.append(path.read_bytes()))
    reader.start()
    save(path)
    reader.join()
    assert received == [NEW]
    assert path.is_fifo()
    assert files_of(tmp_path) == ["pipe"]


@pytest.mark.parametrize("to_file", [False, True])
def test_stdout_is_written_through(tmp_path: Path, to_file: bool) -> None:
    """7.2: standard output, a pipe or a file, is written through."""
    code = (
        "from sgns._files import AtomicFile\n"
        "with AtomicFile('/dev/stdout') as file: file.write(b'hello')"
    )
    command = [sys.executable, "-c", code]
    if to_file:
        path = tmp_path / "out"
        with path.open("wb") as out:
            subprocess.run(command, stdout=out, check=True)
        assert path.read_bytes() == b"hello"
    else:
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        assert done.stdout == b"hello"


def test_two_writers_never_mix(tmp_path: Path) -> None:
    """F20: the last rename wins."""
    path = tmp_path / "a"
    contents = [bytes([65 + i]) * 5000 for i in range(2)]
    errors = []

    def work(data: bytes) -> None:
        try:
            for _ in range(50):
                save(path, data)
        except BaseException as error:
            errors.append(error)

    save(path, contents[0])
    threads = [threading.Thread(target=work, args=(data,)) for data in contents]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert path.read_bytes() in contents
    assert not errors
    assert files_of(tmp_path) == ["a"]


def test_killed_writer_leaves_a_complete_file(tmp_path: Path) -> None:
    """F1: kill -9 during saves, ten times."""
    path = tmp_path / "a"
    code = (
        "import sys\n"
        "from sgns._files import AtomicFile\n"
        "for n in range(10**6):\n"
        "    with AtomicFile(sys.argv[1]) as file:\n"
        "        for _ in range(20): file.write(b'%09d,' % n * 1000)\n"
        "    if n == 0: print(flush=True)\n"
    )
    for _ in range(10):
        child = subprocess.Popen(
            [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        child.stdout.readline()
        child.kill()
        child.wait()
        child.stdout.close()
        data = path.read_bytes()
        assert len(data) == 200_000
        assert data == data[:10] * 20_000
    save(path)
    assert files_of(tmp_path) == ["a"]
