"""Vectors as they are stored, half floats, and as they are computed with, floats.

A unit vector keeps its direction to a hundredth of a degree in half of the bytes. All
that is compared went through this rounding, whether it was embedded now or long ago.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

HALF = np.float16

Halves = npt.NDArray[np.float16]
Floats = npt.NDArray[np.float32]

# A half float's exponent is 112 less than the float's, and its bits lie 13 lower.
_LOWER = 13
_EXPONENT = np.float32(2.0**112)
# What the shift of a negative number left of its sign besides the sign itself.
_SIGN_AND_VALUE = np.int32(-0x70000001)


def to_floats(rows: npt.NDArray[Any]) -> Floats:
    """A copy of ``rows`` as floats, exactly as they are; halves must be finite.

    By shifting bits: NumPy converts number by number, in eight times as long, which was a
    millisecond of every question.
    """
    if rows.dtype != HALF:
        return rows.astype(np.float32)
    shifted = np.ascontiguousarray(rows).view(np.int16).astype(np.int32)
    shifted <<= _LOWER
    shifted &= _SIGN_AND_VALUE
    floats: Floats = shifted.view(np.float32)
    floats *= _EXPONENT
    return floats


def as_stored(vectors: npt.NDArray[Any]) -> Floats:
    """``vectors`` as they come back from the index: to be compared with what is in one."""
    return to_floats(vectors.astype(HALF))
