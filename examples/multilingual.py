"""Words of any script: Turkish and Chinese side by side.

    python examples/multilingual.py [FILE]

FILE is UTF-8 text, a sentence a line, words separated by spaces (for Chinese, run a
segmenter before). Without one, sentences are generated from a small grammar in both
languages. sgns neither folds case nor strips accents: a word is its bytes, so that
Turkish i, İ, ı and I stay four letters. Prints the nearest words of some.
"""

from __future__ import annotations

import argparse

import numpy as np

from sgns import Word2Vec

GRAMMARS = {
    "tr": {
        "subjects": ["kedi", "köpek", "kuş", "çocuk", "öğrenci"],
        "objects": {
            "yer": ["ekmeği", "balığı", "üzümü", "çorbayı", "İncir"],
            "okur": ["kitabı", "şiiri", "ılık", "gazeteyi", "öyküyü"],
            "görür": ["ağacı", "denizi", "dağı", "Iğdır'ı", "gökyüzünü"],
        },
        "order": "SOV",
    },
    "zh": {
        "subjects": ["猫", "狗", "鸟", "孩子", "学生"],
        "objects": {
            "吃": ["面包", "鱼", "葡萄", "汤", "苹果"],
            "读": ["书", "诗", "报纸", "小说", "信"],
            "看": ["树", "海", "山", "天空", "𠮷野家"],
        },
        "order": "SVO",
    },
}


def generate(n: int, seed: int = 0) -> list[list[str]]:
    """Sentences of subject, verb and objects that go with the verb, in both orders."""
    rng = np.random.default_rng(seed)
    sentences = []
    for language in rng.choice(list(GRAMMARS), n):
        grammar = GRAMMARS[language]
        subject = rng.choice(grammar["subjects"])
        verb = rng.choice(list(grammar["objects"]))
        objects = rng.choice(grammar["objects"][verb], 2, replace=False).tolist()
        middle = [*objects, verb] if grammar["order"] == "SOV" else [verb, *objects]
        sentences.append([str(subject), *map(str, middle)])
    return sentences


def train(corpus: object, **options: object) -> Word2Vec:
    """Return the model of a text."""
    defaults = {"vector_size": 30, "min_count": 1, "sample": 0, "epochs": 10}
    return Word2Vec(**{**defaults, **options}).fit(corpus)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?")
    parser.add_argument("words", nargs="*", default=["balığı", "şiiri", "鱼", "诗"])
    args = parser.parse_args()
    model = train(generate(3000)) if args.file is None else train(args.file)
    for word in args.words:
        if word in model.wv:
            found = model.wv.most_similar(word, topn=4)
            print(word, "→", ", ".join(f"{w} {cosine:.2f}" for w, cosine in found))


if __name__ == "__main__":
    main()
