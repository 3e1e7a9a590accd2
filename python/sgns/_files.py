"""The one place from which files are written: completely, or not at all.

A file is written under a temporary name in the directory of its target, synced, and
then renamed over the target. Whatever happens on the way, the path holds the old or
the new content, complete; readers and memory maps of the old file stay valid.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

WRITE_BYTES = 64 << 20
"""Most bytes given to one system call; Ctrl-C is noticed between two of them."""

TEMPORARY_ATTEMPTS = 16
"""Temporary names tried before giving up; one is nearly always enough."""

NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})
"""Errors of a file system that has no locks; then no file counts as left over."""


@dataclass(frozen=True)
class System:
    """The system calls of the writer, so that tests can let any of them fail.

    Attributes
    ----------
    open, write, fsync, replace, unlink, close, fchmod, listdir : callable
        The functions of `os` of the same name.
    lock : callable
        ``fcntl.flock``.
    """

    open: Callable[..., int] = os.open
    write: Callable[[int, memoryview], int] = os.write
    fsync: Callable[[int], None] = os.fsync
    replace: Callable[[str, str], None] = os.replace
    unlink: Callable[[str], None] = os.unlink
    close: Callable[[int], None] = os.close
    fchmod: Callable[[int, int], None] = os.fchmod
    listdir: Callable[[str], list[str]] = os.listdir
    lock: Callable[[int, int], Any] = fcntl.flock


class AtomicFile:
    """Write a file so that its path never holds half of it.

    Use as a context manager: leaving the block without an exception puts the new file
    in place, any exception (KeyboardInterrupt included) leaves the old one as it was.
    Symbolic links are followed, the mode of the old file is kept. A FIFO and standard
    output are written through, since they cannot be replaced.

    Parameters
    ----------
    path : str or os.PathLike
        The file to be made or replaced.
    size : int, optional
        Bytes that will be written, when known; checked against the free space.
    system : System, optional
        The system calls to use.

    Raises
    ------
    OSError
        The directory is missing or may not be written, there is no space, or a system
        call failed; `filename` is the path.
    ValueError
        The path is a device or a socket.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "greeting.txt")
    >>> with AtomicFile(path) as file:
    ...     file.write(b"hello")
    >>> path.read_bytes()
    b'hello'
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        size: int | None = None,
        system: System | None = None,
    ) -> None:
        self.path = os.fspath(path)
        self._size = size
        self._system = system or System()
        self._target = ""
        self._temporary: str | None = None
        self._descriptor = -1

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException as error:
            self._abandon(error)
            raise
        return self

    def try_out(self) -> None:
        """Raise what writing the file would raise at its start; leave no trace."""
        self.__enter__()
        self._discard()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append `data`, all of it.

        Parameters
        ----------
        data : bytes-like
            What comes next in the file.

        Raises
        ------
        OSError
            The system could not write; the block should be left by this exception.
        """
        rest = memoryview(data).cast("B")
        while rest:
            try:
                written = self._system.write(self._descriptor, rest[:WRITE_BYTES])
            except InterruptedError:
                continue
            if written == 0:
                raise OSError(errno.EIO, "no byte could be written", self.path)
            rest = rest[written:]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            try:
                self._commit()
            except BaseException as failure:
                self._abandon(failure)
                raise
        else:
            self._abandon(error)

    def _open(self) -> None:
        old = self._old_status()
        if old is not None and self._written_through(old):
            self._descriptor = self._system.open(self.path, os.O_WRONLY)
            return
        self._target = os.path.realpath(self.path)
        self._check_space()
        self._open_temporary(0o666 if old is None else stat.S_IMODE(old.st_mode))
        if old is not None:
            self._system.fchmod(self._descriptor, stat.S_IMODE(old.st_mode))

    def _old_status(self) -> os.stat_result | None:
        try:
            return Path(self.path).stat()
        except FileNotFoundError:
            return None

    def _written_through(self, old: os.stat_result) -> bool:
        if stat.S_ISDIR(old.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), self.path)
        if not os.access(self.path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), self.path)
        if stat.S_ISFIFO(old.st_mode) or _is_stdout(old):
            return True
        if not stat.S_ISREG(old.st_mode):
            raise ValueError(
                f"{self.path!r} is a device or a socket, expected a regular file"
            )
        return False

    def _check_space(self) -> None:
        if self._size is None:
            return
        status = os.statvfs(Path(self._target).parent)
        if self._size > status.f_bavail * status.f_frsize:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self.path)

    def _open_temporary(self, mode: int) -> None:
        """Make a new locked file beside the target.

        A process that removes left-over files may see the new file before it is
        locked; so it must still be there once the lock is held.
        """
        for _ in range(TEMPORARY_ATTEMPTS):
            target = Path(self._target)
            name = f"{_temporary_prefix(target)}{os.getpid()}-{os.urandom(4).hex()}"
            self._temporary = str(target.with_name(f"{name}.tmp"))
            self._descriptor = self._system.open(
                self._temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode
            )
            if self._lock(self._descriptor) and self._is_named():
                return
            self._discard()
        raise OSError(errno.EAGAIN, "could not make a temporary file", self.path)

    def _lock(self, descriptor: int) -> bool:
        try:
            self._system.lock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
        return True

    def _is_named(self) -> bool:
        assert self._temporary is not None
        try:
            named = Path(self._temporary).stat()
        except FileNotFoundError:
            return False
        return os.path.samestat(named, os.fstat(self._descriptor))

    def _commit(self) -> None:
        if self._temporary is None:
            self._close()
            return
        self._system.fsync(self._descriptor)
        self._system.replace(self._temporary, self._target)
        self._temporary = None
        self._sync_directory()
        self._close()
        self._remove_left_over()

    def _sync_directory(self) -> None:
        """Make the new name durable; some file systems cannot and say EINVAL."""
        flags = os.O_RDONLY | os.O_DIRECTORY
        descriptor = self._system.open(str(Path(self._target).parent), flags)
        try:
            self._system.fsync(descriptor)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
        finally:
            self._system.close(descriptor)

    def _remove_left_over(self) -> None:
        """Remove temporary files of this target whose writer has ended."""
        directory = Path(self._target).parent
        prefix = re.escape(_temporary_prefix(Path(self._target)))
        with suppress(OSError):
            for name in self._system.listdir(str(directory)):
                if re.fullmatch(prefix + r"\d+-[0-9a-f]{8}\.tmp", name):
                    with suppress(OSError):
                        self._remove_if_unlocked(str(directory / name))

    def _remove_if_unlocked(self, name: str) -> None:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = self._system.open(name, flags)
        try:
            self._system.lock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._system.unlink(name)
        finally:
            self._system.close(descriptor)

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        self._system.close(descriptor)

    def _discard(self) -> None:
        """Remove the temporary file, whatever else goes wrong."""
        if self._temporary is not None:
            with suppress(OSError):
                self._system.unlink(self._temporary)
            self._temporary = None
        if self._descriptor >= 0:
            with suppress(OSError):
                self._close()

    def _abandon(self, error: BaseException) -> None:
        self._discard()
        if isinstance(error, OSError) and error.errno is not None:
            error.filename = self.path
            del error.filename2  # None would be a second name in the message


def check_target(path: str | os.PathLike[str], size: int | None = None) -> None:
    """Raise as `AtomicFile` would, before the work whose result the file will hold.

    Parameters
    ----------
    path : str or os.PathLike
        A file to be made or replaced; nothing of it is changed.
    size : int, optional
        Bytes that will be written, when known.

    Raises
    ------
    OSError
        The file could not be made, or there is no space.
    ValueError
        The path is not that of a regular file.
    """
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(Path(path).stat().st_mode) and not Path(path).is_dir():
            raise ValueError(f"{os.fspath(path)!r} is not a regular file")
    AtomicFile(path, size=size).try_out()


def _is_stdout(status: os.stat_result) -> bool:
    try:
        return os.path.samestat(status, os.fstat(1))
    except OSError:
        return False


def _temporary_prefix(target: Path) -> str:
    """Return how the names of temporary files begin; short enough for any name."""
    return f".{target.name[:50]}."
