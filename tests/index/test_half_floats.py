"""Half floats: every finite one comes back exactly, and vectors are rounded in one way."""

from __future__ import annotations

import numpy as np

from rag.index.half_floats import HALF, as_stored, to_floats


def test_every_finite_half_float_comes_back_as_it_is() -> None:
    every = np.arange(1 << 16, dtype=np.uint16).view(HALF)
    finite = every[np.isfinite(every)]
    # Of 32 exponents one is for what is not finite.
    assert len(finite) == 31 * (1 << 11)
    floats = to_floats(finite.reshape(-1, 4))
    assert floats.dtype == np.float32
    expected = finite.astype(np.float32).reshape(-1, 4)
    # Zeros keep their signs too.
    np.testing.assert_array_equal(floats.view(np.uint32), expected.view(np.uint32))


def test_rows_that_are_picked_or_floats_already_come_back_as_well() -> None:
    halves = np.array([[0.5, -0.25], [1, 0], [-1, 2**-24]], HALF)
    np.testing.assert_array_equal(to_floats(halves[::2]), [[0.5, -0.25], [-1, 2**-24]])
    np.testing.assert_array_equal(to_floats(halves.T[1:]), [[-0.25, 0, 2**-24]])
    assert to_floats(halves[:0]).shape == (0, 2)
    floats = np.array([[1 / 3]], np.float32)
    np.testing.assert_array_equal(to_floats(floats), floats)


def test_rounding_is_to_the_nearest_of_eleven_bits() -> None:
    # Between 1/4 and 1/2 half floats lie 2^-12 apart.
    assert as_stored(np.array([[1 / 3]], np.float32)).item() == round(2**12 / 3) / 2**12
