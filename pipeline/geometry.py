"""Arrays of points and triangles: frozen copies with their shape checked."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def readonly(values: ArrayLike, shape: tuple[int | None, ...], name: str) -> NDArray[np.float64]:
    """A read-only float64 copy, its shape checked; None in `shape` stands for any length.

    Raises:
        ValueError: the shape is another, or a value is not finite.
    """
    array = np.array(values, dtype=np.float64)
    check_shape(array, shape, name)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite; got {np.count_nonzero(~np.isfinite(array))} values that are not")
    array.setflags(write=False)
    return array


def readonly_indices(values: ArrayLike, shape: tuple[int | None, ...], name: str) -> NDArray[np.int64]:
    """A read-only int64 copy, its shape checked; None in `shape` stands for any length."""
    array = np.array(values, dtype=np.int64)
    check_shape(array, shape, name)
    array.setflags(write=False)
    return array


def check_shape(array: NDArray, shape: tuple[int | None, ...], name: str) -> None:
    """Raise ValueError unless `array` has `shape`, None standing for any length."""
    if array.ndim != len(shape) or any(want not in (None, got) for want, got in zip(shape, array.shape, strict=True)):
        wanted = ", ".join("N" if n is None else str(n) for n in shape)
        raise ValueError(f"{name} must have shape ({wanted}); got {array.shape}")
