"""The programs that bench_read.py compares: what happens inside one measured process.

`python _readers.py TASK JSON`: the JSON object holds the arguments of the task; the
last line printed is a JSON object with its result.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


def read_sgns(path: str, threads: int, min_count: int) -> dict[str, float]:
    """Count and encode a file; the ids are in memory afterwards."""
    from sgns import _core

    start, cpu = time.perf_counter(), time.process_time()
    builder = _core.CorpusBuilder(errors="strict", workers=threads)
    builder.add_file(path)
    middle = time.perf_counter()
    n_tokens = builder.n_tokens
    vocabulary, _ = builder.finish(min_count)
    end = time.perf_counter()
    return {
        "tokens": n_tokens,
        "vocabulary": len(vocabulary.words()),
        "seconds": end - start,
        "cpu_seconds": time.process_time() - cpu,
        "scan_seconds": middle - start,
        "merge_seconds": end - middle,
    }


def read_gensim(path: str, threads: int, min_count: int) -> dict[str, float]:
    """Count a file; gensim encodes it again in every epoch."""
    from gensim.models import Word2Vec

    model = Word2Vec(vector_size=1, min_count=min_count, workers=threads)
    start = time.perf_counter()
    model.build_vocab(corpus_file=path)
    seconds = time.perf_counter() - start
    return {"vocabulary": len(model.wv), "seconds": seconds}


def read_python(path: str, threads: int, min_count: int) -> dict[str, float]:
    """Count a file with a Counter, as a plain program would."""
    start = time.perf_counter()
    counts: Counter[bytes] = Counter()
    with Path(path).open("rb") as file:
        rest = b""
        while block := file.read(1 << 20):
            words = (rest + block).split()
            # A block may end inside a word.
            rest = b"" if block[-1:].isspace() else words.pop()
            counts.update(words)
        counts.update(rest.split())
    kept = sum(count >= min_count for count in counts.values())
    return {"vocabulary": kept, "seconds": time.perf_counter() - start}


def first_sentences(path: str, n_tokens: int, length: int = 20) -> list[list[str]]:
    """Return the first words of a file as sentences of `length` words."""
    with Path(path).open(encoding="utf-8") as file:
        # 16 bytes a word are more than enough in most languages.
        words = file.read(16 * n_tokens).split()[:n_tokens]
    return [words[i : i + length] for i in range(0, len(words), length)]


def generated(lines: Iterable[str]) -> Iterator[list[str]]:
    for line in lines:
        yield line.split()


def iterate(sentences: Iterable[list[str]]) -> float:
    """Return the seconds of looking at every word and doing nothing."""
    start = time.perf_counter()
    for sentence in sentences:
        for _ in sentence:
            pass
    return time.perf_counter() - start


def iterables(
    program: str, kind: str, path: str, tokens: int, min_count: int
) -> dict[str, float]:
    """Count and encode a list of lists, or a generator that splits lines."""
    sentences = first_sentences(path, tokens)
    n_tokens = sum(map(len, sentences))
    source: Any = sentences
    if kind == "generator":
        source = [" ".join(sentence) for sentence in sentences]
        del sentences

    def fresh() -> Any:
        return source if kind == "list" else generated(source)

    # Alone twice: a cache that is warm must not be to the advantage of the second.
    alone = min(iterate(fresh()) for _ in range(2))
    if program == "sgns":
        import numpy  # noqa: F401 -- sentences bring it, once in a process

        from sgns import _core

        start = time.perf_counter()
        builder = _core.CorpusBuilder(errors="strict", workers=1)
        builder.add_sentences(fresh())
        builder.finish(min_count)
    else:
        from gensim.models import Word2Vec

        model = Word2Vec(vector_size=1, min_count=min_count)
        start = time.perf_counter()
        model.build_vocab(corpus_iterable=fresh())
    seconds = time.perf_counter() - start
    return {
        "tokens": n_tokens,
        "seconds": seconds,
        "alone_ns": 1e9 * alone / n_tokens,
        "beyond_ns": 1e9 * (seconds - alone) / n_tokens,
    }


def main() -> None:
    task, arguments = sys.argv[1], json.loads(sys.argv[2])
    tasks = {
        "sgns": read_sgns,
        "gensim": read_gensim,
        "python": read_python,
        "iterables": iterables,
    }
    print(json.dumps(tasks[task](**arguments)))


if __name__ == "__main__":
    main()
