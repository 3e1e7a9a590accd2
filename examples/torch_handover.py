"""Negatives for PyTorch: arrays that tensors share, and workers that draw the same.

    python examples/torch_handover.py              # needs torch

Nothing in sgns imports torch. A NegativeSampler gives NumPy arrays, whose memory
torch.from_numpy shares; with `out=` every batch is drawn into the same buffer. A draw
is a function of (seed; row, step), so a data set may draw in its __getitem__: any
number of DataLoader workers and any order give each example the same negatives.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from sgns import sampling as S


class Clicks:
    """A map-style data set: example i is (user, item, k negatives, log q of all)."""

    def __init__(self, n_users: int = 200, n_items: int = 1000, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        law = S.Unigram(1000 // np.arange(1, n_items + 1), alpha=1)
        self.users = np.repeat(np.arange(n_users), 5)
        self.items = law.sample(len(self.users), seed=seed)
        self.users = rng.permutation(self.users)
        seen = S.Exclude.pairs(self.users, self.items)
        self.sampler = S.NegativeSampler(law, 4, exclude=seen, seed=seed, workers=1)
        self.epoch = 0

    def __len__(self) -> int:
        return len(self.users)

    def __getitem__(self, i: int) -> tuple[Any, ...]:
        return tuple(part[0] for part in self.__getitems__([i]))

    def __getitems__(self, rows: list[int]) -> Any:
        """A batch in one call (PyTorch 2 asks for it where it is there)."""
        users, items = self.users[rows], self.items[rows]
        ids, log_q = self.sampler.sample(
            rows=users, row_ids=rows, step=self.epoch, return_log_q=True
        )
        own = self.sampler.positive_log_q(items, rows=users)
        return users, items, ids, np.concatenate([own[:, None], log_q], axis=1)


def as_tensors(batch: Any) -> tuple[Any, ...]:
    """The collate_fn: nothing is copied."""
    import torch

    return tuple(torch.from_numpy(np.asarray(part)) for part in batch)


def batches(clicks: Clicks, workers: int) -> list[tuple[Any, ...]]:
    from torch.utils.data import DataLoader

    return list(
        DataLoader(clicks, batch_size=64, num_workers=workers, collate_fn=as_tensors)
    )


def shares_memory(clicks: Clicks) -> bool:
    """Whether a tensor sees what the next call draws into its buffer."""
    import torch

    sampler, users = clicks.sampler, clicks.users[:64]
    buffer = np.empty((64, sampler.k), np.int64)  # the type that embeddings ask for
    tensor = torch.from_numpy(buffer)
    sampler.sample(rows=users, step=1, out=buffer)
    return bool((tensor.numpy() == sampler.sample(rows=users, step=1)).all())


def train(clicks: Clicks, epochs: int = 3, dim: int = 16) -> list[float]:
    """Sampled softmax with log q on both sides: the mean loss of each epoch."""
    import torch

    torch.manual_seed(1)
    users = torch.nn.Embedding(int(clicks.users.max()) + 1, dim)
    items = torch.nn.Embedding(clicks.sampler.distribution.n, dim)
    optimiser = torch.optim.Adagrad([*users.parameters(), *items.parameters()], lr=0.1)
    losses = []
    for clicks.epoch in range(epochs):
        total = 0.0
        for user, item, negatives, log_q in batches(clicks, 0):
            ids = torch.cat([item[:, None], negatives], dim=1)
            scores = torch.einsum("bd,bkd->bk", users(user), items(ids))
            wanted = torch.zeros(len(user), dtype=torch.long)
            loss = torch.nn.functional.cross_entropy(scores - log_q, wanted)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += float(loss.detach()) * len(user)
        losses.append(total / len(clicks))
    return losses


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    try:
        import torch
    except ImportError:
        print("PyTorch is not installed: pip install torch, then run this again.")
        return
    clicks = Clicks()
    print("a tensor shares the buffer:", shares_memory(clicks))
    alone, shared = batches(clicks, 0), batches(clicks, 2)
    same = all(
        torch.equal(a, b)
        for one, other in zip(alone, shared, strict=True)
        for a, b in zip(one, other, strict=True)
    )
    print("0 and 2 workers give the same batches:", same)
    losses = ", ".join(f"{loss:.3f}" for loss in train(clicks))
    print("sampled softmax, mean loss of each epoch:", losses)


if __name__ == "__main__":
    main()
