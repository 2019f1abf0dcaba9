"""What a place consists of: copies of shapes, and flat areas on the ground."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from blender_scenes.surroundings.library import VARIANTS, bounds_of

type Rgb = tuple[float, float, float]
PLASTERS: tuple[Rgb, ...] = (
    (0.72, 0.68, 0.58),
    (0.78, 0.77, 0.74),
    (0.55, 0.53, 0.50),
    (0.66, 0.48, 0.28),
    (0.62, 0.40, 0.30),
    (0.45, 0.52, 0.55),
    (0.70, 0.58, 0.40),
    (0.40, 0.38, 0.36),
)
GREENS: tuple[Rgb, ...] = ((0.085, 0.165, 0.030), (0.065, 0.135, 0.040), (0.135, 0.185, 0.035), (0.100, 0.145, 0.055))
AUTUMN: tuple[Rgb, ...] = ((0.22, 0.13, 0.02), (0.20, 0.07, 0.02))
PAINTS: tuple[Rgb, ...] = (
    (0.25, 0.05, 0.03),
    (0.03, 0.08, 0.20),
    (0.05, 0.14, 0.08),
    (0.35, 0.33, 0.30),
    (0.40, 0.18, 0.03),
    (0.10, 0.10, 0.11),
)


@dataclass(frozen=True)
class Item:
    """A copy of a shape: scaled, then turned about z by `yaw` radians, then put at `at`; metres."""

    name: str
    variant: int
    at: tuple[float, float, float]
    yaw: float
    scale: Rgb
    tint: Rgb

    def footprint(self) -> NDArray[np.float64]:
        """The corners (4, 2) of the rectangle that it stands in."""
        low, high = bounds_of(self.name, self.variant)[:, :2] * np.array(self.scale[:2])
        corners = np.array([low, (high[0], low[1]), high, (low[0], high[1])])
        c, s = np.cos(self.yaw), np.sin(self.yaw)
        return corners @ np.array([[c, s], [-s, c]]) + np.array(self.at[:2])

    def top(self) -> float:
        """How high it reaches, metres over the ground."""
        return float(self.at[2] + bounds_of(self.name, self.variant)[1, 2] * self.scale[2])


@dataclass(frozen=True)
class Flat:
    """Faces (K, 4, 3) on the ground: of a kind of ground, or of road paint."""

    surface: str
    corners: NDArray[np.float64]


@dataclass(frozen=True)
class Layout:
    """A whole place."""

    items: tuple[Item, ...] = ()
    flats: tuple[Flat, ...] = ()


@dataclass
class Site:
    """A place while it is laid out: u along the vehicle, about, and v to its left; metres.

    Attributes:
        half_length, half_width: the room that the vehicle and its clearance take.
        step_m: how high a kerb may be without hiding a tyre from the camera.
        ground: the kind of ground that the vehicle stands on.
    """

    rng: np.random.Generator
    density: float
    distance_m: float
    half_length: float
    half_width: float
    step_m: float
    ground: str
    items: list[Item] = field(default_factory=list)
    flats: list[Flat] = field(default_factory=list)

    def chance(self, share: float) -> bool:
        """True in that share of cases."""
        return bool(self.rng.random() < share)

    def between(self, low: float, high: float) -> float:
        """Any number between."""
        return float(self.rng.uniform(low, high))

    def one[T](self, values: Sequence[T]) -> T:
        """Any of them."""
        return values[int(self.rng.integers(len(values)))]

    def variant(self) -> int:
        """Any variant of a shape."""
        return int(self.rng.integers(VARIANTS))

    def put(
        self,
        name: str,
        u: float,
        v: float,
        yaw: float = 0.0,
        z: float = 0.0,
        scale: float | Rgb = 1.0,
        tint: Rgb | None = None,
        variant: int | None = None,
    ) -> None:
        """Stand something somewhere."""
        sizes = (scale, scale, scale) if isinstance(scale, float) else scale
        number = self.variant() if variant is None else variant
        self.items.append(Item(name, number, (u, v, z), yaw, sizes, tint or self.one(PLASTERS)))

    def lay(self, surface: str, u: tuple[float, float], v: tuple[float, float], z: float) -> None:
        """Cover a rectangle."""
        (u0, u1), (v0, v1) = sorted(u), sorted(v)
        corners = np.array([[(u0, v0, z), (u1, v0, z), (u1, v1, z), (u0, v1, z)]])
        self.flats.append(Flat(surface, corners))

    def lay_ragged(self, surface: str, u: tuple[float, float], v: tuple[float, float], z: float) -> None:
        """Cover a strip whose edge at v[0] is uneven, as grass grows over a road's."""
        steps = np.arange(u[0], u[1] + 0.4, 0.4)
        edge = v[0] + np.cumsum(self.rng.normal(0, 0.05, len(steps))) * 0.5
        edge += v[0] - edge.mean() + self.rng.normal(0, 0.035, len(steps))
        edge = np.maximum(edge, abs(v[0])) if v[0] > 0 else np.minimum(edge, v[0])
        near = np.stack([steps, edge, np.full(len(steps), z)], axis=1)
        far = np.stack([steps, np.full(len(steps), v[1]), np.full(len(steps), z)], axis=1)
        corners = np.stack([near[:-1], near[1:], far[1:], far[:-1]], axis=1)
        self.flats.append(Flat(surface, corners if v[1] > v[0] else corners[:, ::-1]))

    def tree(self, u: float, v: float, z: float = 0.0, scale: float = 1.0, name: str = "tree") -> None:
        """A tree or a bush of some green."""
        shade = self.between(0.75, 1.3)
        red, green, blue = self.one(AUTUMN) if name != "conifer" and self.chance(0.06) else self.one(GREENS)
        size = scale * self.between(0.8, 1.2)
        self.put(
            name,
            u,
            v,
            self.between(0, 6.28),
            z,
            (size, size, size * self.between(0.9, 1.15)),
            (red * shade, green * shade, blue),
        )

    def done(self, heading: float) -> Layout:
        """The place, turned about z by `heading` radians."""
        c, s = np.cos(heading), np.sin(heading)
        turn = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
        items = [replace(i, at=tuple(np.array(i.at) @ turn), yaw=i.yaw + heading) for i in self.items]
        return Layout(tuple(items), tuple(Flat(flat.surface, flat.corners @ turn) for flat in self.flats))
