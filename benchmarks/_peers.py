"""The programs that bench_train.py compares: how to start each, and its speed.

As a program, `python _peers.py TASK JSON` is what happens inside one measured process.
The JSON object holds the arguments of the task; the last line printed is a JSON object
with its result. Programs are imported inside their task, so that a process pays for one
program only.
"""

from __future__ import annotations

import importlib.util
import json
import math
import os
import re
import shutil
import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from _machine import Lines

LINE_WORDS = 1000
"""Longest line that every program reads whole: gensim cuts at 10,000 words, word2vec
at 1,000 and fasttext at 1,024."""

PROGRESS = re.compile(r"Progress: *([\d.]+)%")
PIP = f"{sys.executable} -m pip install"
SCRIPTS = sysconfig.get_path("scripts")
WORD2VEC = shutil.which("word2vec", path=f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}")


@dataclass(frozen=True)
class Setting:
    """What is trained."""

    architecture: str
    loss: str
    dim: int
    negative: int
    threads: int
    window: int
    epochs: int
    sample: float
    min_count: int

    def __str__(self) -> str:
        noise = f" {self.negative} neg" if "ns" in self.loss else ""
        return f"{self.architecture} {self.loss}{noise} dim {self.dim}"


@dataclass(frozen=True)
class Program:
    """How to start a program and how to read its speed from its output."""

    command: Callable[[dict[str, Any]], list[str]]
    speed: Callable[[Lines, dict[str, Any], Setting], float]
    package: str
    install: str
    refuses: Callable[[Setting], str] = lambda setting: ""


def peer(task: str, **arguments: Any) -> list[str]:
    """Return the command of a task of _peers.py."""
    return [sys.executable, __file__, task, json.dumps(arguments)]


def word2vec_command(job: dict[str, Any]) -> list[str]:
    # Relative paths: the program keeps only 100 characters of one.
    options = {
        "train": job["corpus"],
        "output": job["vectors"],
        "cbow": int(job["architecture"] == "cbow"),
        "hs": int("hs" in job["loss"]),
        "negative": job["negative"] if "ns" in job["loss"] else 0,
        "size": job["dim"],
        "window": job["window"],
        "sample": job["sample"],
        "min-count": job["min_count"],
        "iter": job["epochs"],
        "threads": job["threads"],
        "binary": int(job["vectors"].endswith(".bin")),
    }
    words = (f"{part}" for name in options for part in (f"-{name}", options[name]))
    return [str(WORD2VEC), *words]


def trial_command(path: str, job: dict[str, Any]) -> list[str]:
    names = ("corpus", "vectors", "dim", "window", "sample", "threads", "epochs")
    hot_rows = 64
    return [path, *(f"{job[name]}" for name in names), f"{hot_rows}", f"{job['seed']}"]


def words_to_train(corpus: dict[str, Any], setting: Setting) -> int:
    return int(corpus["vocabulary_words"]) * setting.epochs


def reported_speed(lines: Lines, corpus: dict[str, Any], setting: Setting) -> float:
    return words_to_train(corpus, setting) / json.loads(lines[-1][1])["train_seconds"]


def word2vec_speed(lines: Lines, corpus: dict[str, Any], setting: Setting) -> float:
    marks = [(at, float(m[1])) for at, line in lines if (m := PROGRESS.search(line))]
    (begin, first), (end, last) = marks[0], marks[-1]
    return words_to_train(corpus, setting) * (last - first) / 100 / (end - begin)


def fasttext_speed(lines: Lines, corpus: dict[str, Any], setting: Setting) -> float:
    begin = next(at for at, line in lines if line.startswith("Number of labels"))
    end = max(at for at, line in lines if PROGRESS.search(line))
    return setting.epochs * (corpus["words"] + corpus["lines"]) / (end - begin)


def trial_speed(lines: Lines, corpus: dict[str, Any], setting: Setting) -> float:
    return 1000.0 * next(
        int(m[1]) for _, line in lines if (m := re.search(r"raw (\d+) k words/s", line))
    )


def no_pairs(setting: Setting) -> str:
    same = setting.architecture == "cbow" or setting.loss == "hs"
    return "the same as sgns in this setting" if same else ""


def fasttext_refuses(setting: Setting) -> str:
    return "it has no sum of both losses" if setting.loss == "ns+hs" else ""


def trial_refuses(setting: Setting) -> str:
    fits = (setting.architecture, setting.loss) == ("skipgram", "ns")
    fits = fits and setting.negative == 5 and setting.min_count == 5
    return "" if fits else "it is skipgram ns with 5 negatives and min_count 5 only"


def with_kernel(name: str, program: Program) -> Program:
    """Return the same program with another kernel of sgns."""
    start = ["env", f"SGNS_KERNEL={name}"]
    return replace(program, command=lambda job: [*start, *program.command(job)])


def trial_program(trial: Path) -> Program:
    path = str(trial.resolve())
    return Program(
        lambda job: trial_command(path, job), trial_speed, "", "", trial_refuses
    )


def make_programs(trial: Path | None) -> dict[str, Program]:
    """Return all programs by name."""
    sgns = f"{PIP} {Path(__file__).parent.parent}"
    programs = {
        "sgns": Program(lambda job: peer("sgns", **job), reported_speed, "sgns", sgns),
        "sgns-pair": Program(
            lambda job: peer("sgns-pair", **job), reported_speed, "sgns", sgns, no_pairs
        ),
        "word2vec": Program(
            word2vec_command,
            word2vec_speed,
            "word2vec",
            f"{PIP} --no-deps word2vec==0.11.1",
        ),
        "gensim": Program(
            lambda job: peer("gensim", **job),
            reported_speed,
            "gensim",
            f"{PIP} gensim==4.4.0",
        ),
        "fasttext": Program(
            lambda job: peer("fasttext", **job),
            fasttext_speed,
            "fasttext",
            f"{PIP} fasttext",
            fasttext_refuses,
        ),
    }
    if trial is not None:
        programs["window_tile"] = trial_program(trial)
    return programs


def missing(name: str, program: Program) -> str:
    """Return why a program cannot be run here, empty when it can."""
    if name == "word2vec":
        there = WORD2VEC is not None
    else:
        there = not program.package or bool(importlib.util.find_spec(program.package))
    return "" if there else f"not installed: {program.install}"


def short_lines(file: IO[bytes]) -> Iterator[list[bytes]]:
    """Yield the words of each line, lines longer than LINE_WORDS in pieces."""
    words: list[bytes] = []
    rest = b""
    while piece := file.readline(1 << 20):
        text = rest + piece
        words += text.split()
        # A piece that is not a whole line may end inside a word.
        rest = b"" if text[-1:].isspace() else words.pop()
        while len(words) >= LINE_WORDS:
            yield words[:LINE_WORDS]
            del words[:LINE_WORDS]
        if piece.endswith(b"\n") and words:
            yield words
            words = []
    if rest:
        words.append(rest)
    if words:
        yield words


def prepare(source: str, corpus: str, min_count: int, sample: float) -> dict[str, Any]:
    """Write the corpus in short lines and count what the programs will read."""
    import bz2
    import gzip
    import lzma

    openers = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
    counts: Counter[bytes] = Counter()
    lines = 0
    opener = openers.get(Path(source).suffix, open)
    with opener(source, "rb") as file, Path(corpus).open("wb") as out:
        for words in short_lines(file):
            counts.update(words)
            lines += 1
            out.write(b" ".join(words) + b"\n")
    kept = [count for count in counts.values() if count >= min_count]
    if not kept:
        raise SystemExit(f"{source}: no word occurs min_count={min_count} times")
    total = sum(kept)
    trained = 0.0
    for count in kept:
        q = count / (sample * total) if sample else 0.0
        trained += count * min(1.0, (math.sqrt(q) + 1) / q) if q else count
    return {
        "bytes": Path(corpus).stat().st_size,
        "lines": lines,
        "words": counts.total(),
        "vocabulary": len(kept),
        "vocabulary_words": total,
        "trained_share": trained / total,
    }


def evaluate(vectors: str, directory: str) -> dict[str, float]:
    """Score the vectors of any program with the same evaluator."""
    from sgns import KeyedVectors, evaluation

    wv = KeyedVectors.load(vectors)
    folder = Path(directory)
    found = evaluation.analogies(
        wv, folder / "questions-words.txt", most_frequent=30_000
    )
    return {
        "analogies": 100 * found.accuracy,
        "wordsim353": evaluation.word_pairs(wv, folder / "wordsim353.txt").spearman,
        "simlex999": evaluation.word_pairs(wv, folder / "simlex999.txt").spearman,
    }


def show_config() -> dict[str, Any]:
    """Say which kernel sgns uses."""
    import sgns

    return sgns.show_config()


def learning_rate(architecture: str) -> float:
    """Return the starting rate of the original program, given to every other one."""
    return 0.05 if architecture == "cbow" else 0.025


def train_sgns(job: dict[str, Any], sharing: str) -> float:
    """Train with sgns; return the seconds of its epochs."""
    import sgns

    noise = {"negative": job["negative"], "negative_sharing": sharing}
    model = sgns.Word2Vec(
        vector_size=job["dim"],
        window=job["window"],
        min_count=job["min_count"],
        architecture=job["architecture"],
        loss=job["loss"],
        sample=job["sample"],
        alpha=learning_rate(job["architecture"]),
        epochs=job["epochs"],
        seed=job["seed"],
        workers=job["threads"],
        progress=False,
        **(noise if "ns" in job["loss"] else {}),
    ).fit(job["corpus"])
    model.wv.save(job["vectors"])
    n_tokens = int(model.wv.counts.sum())
    return sum(n_tokens / speed for speed in model.history_["words_per_second"])


def train_gensim(job: dict[str, Any]) -> float:
    """Train with gensim from the file; return the seconds of train()."""
    from gensim.models import Word2Vec

    model = Word2Vec(
        vector_size=job["dim"],
        window=job["window"],
        min_count=job["min_count"],
        sg=int(job["architecture"] == "skipgram"),
        hs=int("hs" in job["loss"]),
        negative=job["negative"] if "ns" in job["loss"] else 0,
        sample=job["sample"],
        alpha=learning_rate(job["architecture"]),
        epochs=job["epochs"],
        seed=job["seed"],
        workers=job["threads"],
    )
    model.build_vocab(corpus_file=job["corpus"])
    start = time.perf_counter()
    model.train(
        corpus_file=job["corpus"],
        total_examples=model.corpus_count,
        total_words=model.corpus_total_words,
        epochs=job["epochs"],
    )
    seconds = time.perf_counter() - start
    binary = job["vectors"].endswith(".bin")
    model.wv.save_word2vec_format(job["vectors"], binary=binary)
    return seconds


def train_fasttext(job: dict[str, Any]) -> None:
    """Train with fasttext without character n-grams; its own output tells the time."""
    import fasttext

    model = fasttext.train_unsupervised(
        job["corpus"],
        model="cbow" if job["architecture"] == "cbow" else "skipgram",
        loss=job["loss"],
        lr=learning_rate(job["architecture"]),
        dim=job["dim"],
        ws=job["window"],
        neg=job["negative"],
        epoch=job["epochs"],
        minCount=job["min_count"],
        t=job["sample"],
        thread=job["threads"],
        minn=0,
        maxn=0,
        verbose=2,
    )
    matrix = model.get_input_matrix()
    binary = job["vectors"].endswith(".bin")
    with Path(job["vectors"]).open("wb") as file:
        file.write(b"%d %d\n" % matrix.shape)
        for word, row in zip(model.get_words(), matrix, strict=True):
            file.write(word.encode() + b" ")
            if binary:
                file.write(row.astype("<f4").tobytes())
            else:
                file.write(
                    " ".join([f"{value:.6g}" for value in row.tolist()]).encode()
                )
            file.write(b"\n")


def main() -> None:
    task, arguments = sys.argv[1], json.loads(sys.argv[2])
    result: dict[str, Any] = {}
    if task in ("prepare", "evaluate", "show_config"):
        result = globals()[task](**arguments)
    elif task in ("sgns", "sgns-pair"):
        sharing = "pair" if task == "sgns-pair" else "window"
        result["train_seconds"] = train_sgns(arguments, sharing)
    elif task == "gensim":
        result["train_seconds"] = train_gensim(arguments)
    elif task == "fasttext":
        train_fasttext(arguments)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
