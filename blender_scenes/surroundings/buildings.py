"""Buildings: facades as grids of cells (windows, doors, shop fronts) around a box with a roof.

A building stands on z = 0 with its front in the plane y = 0, looking along -y, x in the middle of its width.
"""

from collections.abc import Callable, Mapping

import numpy as np

from blender_scenes.surroundings.shape import Shape, box, boxes, join, moved, quads, tiled, turned

WALLS = ("brick", "plaster", "concrete")


def make_house(rng: np.random.Generator) -> Shape:
    """A family's: one or two floors under a gable."""
    columns, floors = int(rng.integers(3, 5)), int(rng.integers(1, 3))
    wall = str(rng.choice(["brick", "plaster", "plaster"]))
    cell, height, depth = float(rng.uniform(2.4, 3.0)), 2.8, float(rng.uniform(7.5, 9.5))
    window = _window(wall, cell, height, (1.3, 1.35), 0.95, mullions=1)
    fronts = {(c, r): window for c in range(columns) for r in range(floors)}
    fronts[int(rng.integers(columns)), 0] = _door(wall, cell, height)
    body = _around(wall, fronts, (columns, floors), (cell, height), depth)
    return join([body, _gable(wall, columns * cell, depth, floors * height, float(rng.uniform(2.2, 3.2)))])


def make_block(rng: np.random.Generator) -> Shape:
    """Flats: three to five floors of equal windows, some with balconies."""
    columns, floors, wall = int(rng.integers(4, 7)), int(rng.integers(3, 6)), str(rng.choice(WALLS))
    cell, height, depth = float(rng.uniform(2.6, 3.4)), 2.9, 10.0
    size = (float(rng.uniform(1.1, 1.7)), float(rng.uniform(1.4, 1.75)))
    window = _window(wall, cell, height, size, 0.85, mullions=int(rng.integers(1, 3)))
    fronts = {(c, r): window for c in range(columns) for r in range(floors)}
    if rng.random() < 0.6:
        balcony = join([window, _balcony(cell)])
        for column in range(int(rng.integers(2)), columns, int(rng.integers(2, 4))):
            fronts |= {(column, row): balcony for row in range(1, floors)}
    fronts[columns // 2, 0] = _door(wall, cell, height)
    body = _around(wall, fronts, (columns, floors), (cell, height), depth)
    return join([body, _flat_roof(wall, columns * cell, depth, floors * height)])


def make_shop(rng: np.random.Generator) -> Shape:
    """Shop fronts at street level, one to three floors of windows over them."""
    columns, floors, wall = int(rng.integers(3, 6)), int(rng.integers(2, 5)), str(rng.choice(WALLS))
    cell, height, depth = float(rng.uniform(2.9, 3.7)), 3.2, 10.0
    window = _window(wall, cell, height, (1.2, 1.8), 0.8, mullions=1)
    fronts = {(c, r): window for c in range(columns) for r in range(1, floors)}
    awning = bool(rng.random() < 0.5)
    fronts |= {(c, 0): _shop_front(wall, cell, height, awning) for c in range(columns)}
    fronts[int(rng.integers(columns)), 0] = _door(wall, cell, height)
    body = _around(wall, fronts, (columns, floors), (cell, height), depth)
    return join([body, _flat_roof(wall, columns * cell, depth, floors * height)])


def make_office(rng: np.random.Generator) -> Shape:
    """Bands of glass, or glass all over, between slabs."""
    columns, floors = int(rng.integers(8, 13)), int(rng.integers(3, 8))
    cell, height, depth = 1.6, 3.4, 14.0
    sill = float(rng.choice([0.12, 0.9]))
    pane = _window("panel", cell, height, (cell - 0.12, height - sill - 0.3), sill, mullions=0, depth=0.1, ledge=False)
    fronts = {(c, r): pane for c in range(columns) for r in range(floors)}
    body = _around("panel", fronts, (columns, floors), (cell, height), depth, plain_sides=False)
    return join([body, _flat_roof("panel", columns * cell, depth, floors * height)])


def make_shed(rng: np.random.Generator) -> Shape:
    """A workshop of ribbed metal: roller doors, a strip of windows under the eaves."""
    columns, wall = int(rng.integers(3, 6)), "ribbed"
    cell, height, depth = 4.5, float(rng.uniform(4.5, 6.5)), 14.0
    blank = quads(wall, [_upright(0, cell, 0, height)])
    fronts = {(c, 0): blank for c in range(columns)}
    for column in range(columns):
        kind = rng.random()
        if kind < 0.45:
            fronts[column, 0] = _opening(wall, cell, height, (0.6, cell - 0.6), (0.0, 3.4), 0.12, "roller")
        elif kind < 0.75:
            fronts[column, 0] = _window(wall, cell, height, (3.4, 0.9), height - 1.6, mullions=3, depth=0.06)
        elif kind < 0.85:
            fronts[column, 0] = _door(wall, cell, height)
    body = _around(wall, fronts, (columns, 1), (cell, height), depth)
    base = box("concrete", (-columns * cell / 2 - 0.03, -0.03, 0), (columns * cell / 2 + 0.03, depth + 0.03, 0.35))
    return join([body, base, _gable(wall, columns * cell, depth, height, 1.4, "sheet")])


BUILDINGS: Mapping[str, Callable[[np.random.Generator], Shape]] = {
    "house": make_house,
    "block": make_block,
    "shop": make_shop,
    "office": make_office,
    "shed": make_shed,
}


def _around(
    wall: str,
    fronts: Mapping[tuple[int, int], Shape],
    grid: tuple[int, int],
    cell: tuple[float, float],
    depth: float,
    plain_sides: bool = True,
) -> Shape:
    """The four walls: the front's cells, the back's the same, the sides with a window here and there."""
    (columns, floors), (width, height) = grid, cell
    front = _grid(fronts, columns, width, height)
    back = moved(turned(front, np.pi), y=depth)
    across = max(1, int(depth // width))
    step = depth / across
    blank = quads(wall, [_upright(0, step, 0, height)])
    one = _window(wall, step, height, (min(1.0, step - 0.3), 1.3), 0.95, mullions=1) if height < 4 else blank
    glazed = [across // 2] if plain_sides else range(across)
    sides = {(c, r): one if c in glazed else blank for c in range(across) for r in range(floors)}
    side = _grid(sides, across, step, height)
    half = columns * width / 2
    left = moved(turned(side, -np.pi / 2), x=-half, y=depth / 2)
    right = moved(turned(side, np.pi / 2), x=half, y=depth / 2)
    return join([front, back, left, right])


def _grid(cells: Mapping[tuple[int, int], Shape], columns: int, width: float, height: float) -> Shape:
    """Each cell at its (column, row); equal cells are copied at once."""
    groups: dict[int, tuple[Shape, list[tuple[float, float, float]]]] = {}
    for (column, row), shape in cells.items():
        offset = ((column - columns / 2) * width, 0.0, row * height)
        groups.setdefault(id(shape), (shape, []))[1].append(offset)
    return join([tiled(shape, offsets) for shape, offsets in groups.values()])


def _upright(x0: float, x1: float, z0: float, z1: float, y: float = 0.0) -> list[tuple[float, float, float]]:
    """A face that looks along -y."""
    return [(x0, y, z0), (x1, y, z0), (x1, y, z1), (x0, y, z1)]


def _opening(
    wall: str,
    width: float,
    height: float,
    x: tuple[float, float],
    z: tuple[float, float],
    depth: float,
    filling: str,
) -> Shape:
    """A cell of wall with a hole that is closed by `filling` at some depth."""
    (x0, x1), (z0, z1) = x, z
    rest = [
        _upright(0, x0, 0, height),
        _upright(x1, width, 0, height),
        _upright(x0, x1, 0, z0),
        _upright(x0, x1, z1, height),
        [(x0, 0, z0), (x0, depth, z0), (x0, depth, z1), (x0, 0, z1)],
        [(x1, depth, z0), (x1, 0, z0), (x1, 0, z1), (x1, depth, z1)],
        [(x0, 0, z0), (x1, 0, z0), (x1, depth, z0), (x0, depth, z0)],
        [(x0, depth, z1), (x1, depth, z1), (x1, 0, z1), (x0, 0, z1)],
    ]
    return join([quads(wall, rest), quads(filling, [_upright(x0, x1, z0, z1, depth)])])


def _window(
    wall: str,
    width: float,
    height: float,
    size: tuple[float, float],
    sill: float,
    mullions: int,
    depth: float = 0.16,
    ledge: bool = True,
) -> Shape:
    """A cell with one window: frame, bars, glass, and a ledge under it."""
    x0, x1 = (width - size[0]) / 2, (width + size[0]) / 2
    z0, z1 = sill, min(sill + size[1], height - 0.1)
    bar, near, far = 0.055, depth - 0.05, depth + 0.01
    uprights = np.linspace(x0 + bar / 2, x1 - bar / 2, mullions + 2)
    low = [(x - bar / 2, near, z0) for x in uprights] + [(x0, near, z0), (x0, near, z1 - bar)]
    high = [(x + bar / 2, far, z1) for x in uprights] + [(x1, far, z0 + bar), (x1, far, z1)]
    parts = [_opening(wall, width, height, (x0, x1), (z0, z1), depth, "glass"), boxes("frame", low, high)]
    if ledge:
        parts.append(box("stone", (x0 - 0.08, -0.07, z0 - 0.07), (x1 + 0.08, depth, z0)))
    return join(parts)


def _door(wall: str, width: float, height: float) -> Shape:
    """A cell with a door, a light over it, a step and a canopy."""
    x0, x1, top = width / 2 - 0.5, width / 2 + 0.5, 2.1
    hole = _opening(wall, width, height, (x0, x1), (0.0, top + 0.35), 0.2, "glass")
    leaf = box("door", (x0, 0.13, 0.0), (x1, 0.21, top))
    panels = boxes(
        "frame",
        [(x0, 0.1, top), (x0, 0.1, 0), (x1 - 0.06, 0.1, 0)],
        [(x1, 0.2, top + 0.06), (x0 + 0.06, 0.2, top), (x1, 0.2, top)],
    )
    canopy = box("stone", (x0 - 0.25, -0.7, top + 0.4), (x1 + 0.25, 0.0, top + 0.5))
    step = box("stone", (x0 - 0.2, -0.4, 0.0), (x1 + 0.2, 0.2, 0.16))
    return join([hole, leaf, panels, canopy, step])


def _shop_front(wall: str, width: float, height: float, awning: bool) -> Shape:
    """Panes from knee height up, a sign over them, perhaps an awning."""
    x0, x1, z0, z1 = 0.22, width - 0.22, 0.45, height - 0.75
    hole = _opening(wall, width, height, (x0, x1), (z0, z1), 0.14, "shop_glass")
    uprights = np.linspace(x0 + 0.03, x1 - 0.03, 4)
    bars = boxes("metal", [(x - 0.03, 0.06, z0) for x in uprights], [(x + 0.03, 0.16, z1) for x in uprights])
    sign = box("sign", (0.05, -0.12, z1 + 0.06), (width - 0.05, 0.0, height - 0.16))
    parts = [hole, bars, sign]
    if awning:
        top, low = height - 0.72, height - 1.15
        slope = [(x0, -1.1, low), (x1, -1.1, low), (x1, -0.02, top), (x0, -0.02, top)]
        valance = [(x0, -1.1, low - 0.2), (x1, -1.1, low - 0.2), (x1, -1.1, low), (x0, -1.1, low)]
        parts.append(quads("awning", [slope, valance]))
    return join(parts)


def _balcony(width: float) -> Shape:
    """A slab with a railing."""
    slab = box("stone", (0.1, -1.1, -0.08), (width - 0.1, 0.0, 0.08))
    x = np.arange(0.12, width - 0.1, 0.16)
    bars = boxes("metal", [(v, -1.08, 0.08) for v in x], [(v + 0.025, -1.05, 1.0) for v in x])
    rails = boxes(
        "metal",
        [(0.1, -1.1, 1.0), (0.1, -1.1, 1.0), (width - 0.14, -1.1, 1.0)],
        [(width - 0.1, -1.04, 1.05), (0.14, 0.0, 1.05), (width - 0.1, 0.0, 1.05)],
    )
    return join([slab, bars, rails])


def _flat_roof(wall: str, width: float, depth: float, height: float) -> Shape:
    """A roof behind a parapet, with a cornice."""
    h = width / 2
    roof = box("roofing", (-h, 0.0, height - 0.05), (h, depth, height))
    parapet = boxes(
        wall,
        [(-h, 0, height), (-h, depth - 0.2, height), (-h, 0, height), (h - 0.2, 0, height)],
        [(h, 0.2, height + 0.5), (h, depth, height + 0.5), (-h + 0.2, depth, height + 0.5), (h, depth, height + 0.5)],
    )
    cornice = box("stone", (-h - 0.1, -0.12, height + 0.45), (h + 0.1, 0.3, height + 0.58))
    return join([roof, parapet, cornice])


def _gable(wall: str, width: float, depth: float, height: float, rise: float, cover: str = "tiles") -> Shape:
    """A roof with its ridge along the front, that reaches past the walls, on two gables."""
    h, out, middle = width / 2, 0.4, depth / 2
    drop = rise * out / middle
    top, low = height + rise, height - drop
    slopes = []
    for lift in (0.0, 0.14):
        slopes += [
            [
                (-h - out, -out, low + lift),
                (h + out, -out, low + lift),
                (h + out, middle, top + lift),
                (-h - out, middle, top + lift),
            ],
            [
                (h + out, depth + out, low + lift),
                (-h - out, depth + out, low + lift),
                (-h - out, middle, top + lift),
                (h + out, middle, top + lift),
            ],
        ]
    gutter = box("frame", (-h - out, -out - 0.1, low - 0.02), (h + out, -out, low + 0.15))
    ends = [
        [(-h, depth, height), (-h, 0, height), (-h, middle, top), (-h, middle, top)],
        [(h, 0, height), (h, depth, height), (h, middle, top), (h, middle, top)],
    ]
    return join([quads(cover, slopes), gutter, quads(wall, ends)])
