"""A box that stands for a vehicle, with a keypoint on each side and on six corners: unlike from every direction."""

import numpy as np

from pipeline.keypoints import Keypoint, KeypointSchema
from pipeline.vehicle import LabelledMesh

PLACES = {
    "nose": (2.3, 0.1, 0.7),
    "tail": (-2.1, -0.1, 0.8),
    "left": (0.3, 0.9, 0.9),
    "right": (0.2, -0.9, 0.9),
    "top": (-0.4, 0.0, 1.7),
    "lamp_L": (2.3, 0.7, 0.6),
    "lamp_R": (2.3, -0.7, 0.6),
    "tail_L": (-2.1, 0.7, 0.9),
    "tail_R": (-2.1, -0.7, 0.9),
    "wheel_L": (1.4, 0.9, 0.35),
    "wheel_R": (1.4, -0.9, 0.35),
    "hub_L": (-1.3, 0.9, 0.35),
    "hub_R": (-1.3, -0.9, 0.35),
}
SCHEMA = KeypointSchema(
    name="lettered",
    keypoints=tuple(Keypoint(name=n, sigma=0.05, kind="surface", tolerance_m=0.05, definition="") for n in PLACES),
)
STEPS = 8


def lettered_box() -> LabelledMesh:
    """4.4 x 1.8 x 1.5 m from 0.2 m up; sides in small squares, so that each keypoint has a surface near it."""
    vertices, triangles = [], []
    low, high = np.array([-2.1, -0.9, 0.2]), np.array([2.3, 0.9, 1.7])
    for axis in range(3):
        u, v = [a for a in range(3) if a != axis]
        for end in (low, high):
            start = len(vertices)
            for i in range(STEPS + 1):
                for j in range(STEPS + 1):
                    point = np.zeros(3)
                    point[axis] = end[axis]
                    point[u] = low[u] + (high - low)[u] * i / STEPS
                    point[v] = low[v] + (high - low)[v] * j / STEPS
                    vertices.append(point)
            for i in range(STEPS):
                for j in range(STEPS):
                    a = start + i * (STEPS + 1) + j
                    triangles += [(a, a + 1, a + STEPS + 1), (a + 1, a + STEPS + 2, a + STEPS + 1)]
    marks = np.array(list(PLACES.values()))
    count = len(vertices)
    return LabelledMesh(
        vertices=np.concatenate([vertices, marks]),
        triangles=np.array(triangles),
        triangle_part=np.zeros(len(triangles), int),
        parts=("body",),
        labels={name: ((count + i,),) for i, name in enumerate(PLACES)},
        own_parts={},
    )
