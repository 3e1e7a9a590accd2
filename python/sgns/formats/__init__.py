"""Files of vectors and of models, as this and other programs write them.

word2vec text and binary (with its variants: GloVe has no header, fastText's .vec is
text), NumPy arrays and TensorBoard's tables with the words in a second file, and the
native format, a whole model in one safetensors file. No format can hold code.
"""

from __future__ import annotations

from sgns.formats._content import Format
from sgns.formats.model import Model, read_model, write_model
from sgns.formats.vectors import (
    Errors,
    OnBadRow,
    read_vectors,
    read_word2vec_binary,
    read_word2vec_text,
    write_vectors,
    write_word2vec_binary,
    write_word2vec_text,
)
from sgns.formats.vocabulary import read_vocabulary, write_vocabulary

__all__ = [
    "Errors",
    "Format",
    "Model",
    "OnBadRow",
    "read_model",
    "read_vectors",
    "read_vocabulary",
    "read_word2vec_binary",
    "read_word2vec_text",
    "write_model",
    "write_vectors",
    "write_vocabulary",
    "write_word2vec_binary",
    "write_word2vec_text",
]
