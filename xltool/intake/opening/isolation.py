"""Many files read side by side, each in a child process that may hang, abort or run out of memory at its own cost only.

A child runs `child`: it takes paths and gives sources through its pipes. The parent keeps time; memory is limited where the system can.
"""
from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ...rules.problems import Problem
from ..grid import Source
from ..pipes import read_frame, start, write_frame
from .refusal import over_limit
from .source import SECONDS, located

MEMORY = 1 << 30
_START = "from xltool.intake.opening.child import serve; serve({memory})"
_GRACE = 0.5  # for a child to put away what it started


def read_sources(paths: Iterable[str | Path], password: str | None = None, jobs: int | None = None, seconds: float = SECONDS,
                 memory: int = MEMORY, known: frozenset[str] = frozenset()) -> Iterator[Source]:
    """The files' contents and their tables in the order of the paths, at most `jobs` files at a time (default: one for each processor).

    `known` are keys of headings that are expected, as `find_tables` takes them.
    """
    jobs = jobs or os.cpu_count() or 1
    children: queue.SimpleQueue[_Child] = queue.SimpleQueue()
    crew = [_Child(memory) for _ in range(jobs)]
    for child in crew:
        children.put(child)

    def read(path: str | Path) -> Source:
        child = children.get()
        try:
            return child.read(Path(path), password, seconds, known)
        finally:
            children.put(child)

    threads = ThreadPoolExecutor(jobs, "xltool-read")
    try:
        waiting: deque[Future[Source]] = deque()
        for path in paths:
            waiting.append(threads.submit(read, path))
            if len(waiting) > 2 * jobs:  # what is read and not yet taken stays in memory
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        for child in crew:
            child.close()
        threads.shutdown()
        for child in crew:  # one may just have started another process
            child.close()


@dataclass(slots=True)
class _Child:
    """A process that reads files one after another; started when needed, and again after it died."""

    memory: int
    process: subprocess.Popen[bytes] | None = None
    closed: bool = False

    def read(self, path: Path, password: str | None, seconds: float, known: frozenset[str]) -> Source:
        """What the file holds, or the problem that it ended the process; then once more without native readers."""
        ends, native = time.monotonic() + seconds, True
        while True:
            left = max(ends - time.monotonic(), 0.1)
            answer, late = self._ask((str(path), password, native, left, known), left)
            if answer is not None:
                return answer
            code = self.process.returncode if self.process else None
            self.process = None
            if late or not native or self.closed:
                break
            native = False
        problem = over_limit(f"{seconds:g} 秒没有读完", "文件太大，或者已损坏", "请删去多余的行、列后另存，或分成几个文件") if late else \
            Problem("file.unreadable", f"读取程序中止（{code}）", "文件已损坏，或要的内存超过了限制", "请用Excel或WPS打开检查，另存为.xlsx后重新提交")
        return Source(path.name, "", problems=[located(problem, path.name)])

    def _ask(self, request: tuple[object, ...], seconds: float) -> tuple[Source | None, bool]:
        """The answer, None where the process died of it; and whether that was because time was up."""
        if self.closed:
            return None, False
        process = self.process = self.process or start(_START.format(memory=self.memory), subprocess.DEVNULL)
        late = threading.Event()

        def stop() -> None:
            late.set()
            _stop(process)
        clock = threading.Timer(seconds + _GRACE, stop)
        clock.daemon = True
        clock.start()
        try:
            write_frame(process.stdin, pickle.dumps(request))
            return pickle.loads(read_frame(process.stdout)), False
        except (OSError, EOFError, ValueError):
            _stop(process)
            return None, late.is_set()
        finally:
            clock.cancel()

    def close(self) -> None:
        """End the process; a file it is reading is given up."""
        self.closed = True
        if self.process:
            _stop(self.process)
            self.process = None


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a process, politely first, and take its leave."""
    with contextlib.suppress(OSError):
        process.terminate()
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError, ValueError):
            pipe.close()
