"""What one parameter may be, in code and in words."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

__all__ = ["Parameter"]


@dataclass(frozen=True)
class Parameter:
    """One parameter: what it may be and what it means.

    Attributes
    ----------
    kind
        ``"int"``, ``"float"``, ``"choice"`` or ``"bool"``.
    low, high
        Smallest and largest value; None for no limit.
    above_low
        Whether `low` itself is not allowed.
    choices
        The allowed strings of a choice.
    none
        What None means; empty when None is not allowed.
    """

    name: str
    kind: Literal["int", "float", "choice", "bool"]
    default: int | float | str | None
    help: str
    low: int | None = None
    high: int | None = None
    above_low: bool = False
    choices: tuple[str, ...] = ()
    none: str = ""

    @property
    def expected(self) -> str:
        """The accepted values in words."""
        if self.kind == "choice":
            return "one of " + ", ".join(map(repr, self.choices))
        if self.kind == "bool":
            return "True or False"
        article = "an int" if self.kind == "int" else "a number"
        if self.low is not None and self.high is not None:
            high = "2**64-1" if self.high == 2**64 - 1 else f"{self.high}"
            text = f"{article} from {self.low} to {high}"
        elif self.low is not None:
            text = f"{article} {'>' if self.above_low else '>='} {self.low}"
        else:
            text = article
        return f"{text} or None ({self.none})" if self.none else text

    def fault(self, value: Any) -> type[Exception] | None:
        """Return the type of the error that `value` deserves, None when it is right."""
        if value is None:
            return None if self.none else TypeError
        if self.kind == "choice":
            if not isinstance(value, str):
                return TypeError
            return None if value in self.choices else ValueError
        if self.kind == "bool":
            return None if isinstance(value, (bool, np.bool_)) else TypeError
        wanted = numbers.Integral if self.kind == "int" else numbers.Real
        if isinstance(value, bool) or not isinstance(value, wanted):
            return TypeError
        if self.kind == "float":
            try:
                value = float(value)
            except OverflowError:
                return ValueError
            if not math.isfinite(value):
                return ValueError
        number = value if self.kind == "float" else int(value)
        too_low = self.low is not None and (
            number < self.low or (self.above_low and number == self.low)
        )
        too_high = self.high is not None and number > self.high
        return ValueError if too_low or too_high else None

    def plain(self, value: Any) -> Any:
        """Return a right value as Python's own int, float, str or bool."""
        if value is None or self.kind == "choice":
            return value
        return {"int": int, "float": float, "bool": bool}[self.kind](value)
