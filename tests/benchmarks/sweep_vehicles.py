"""Build and check many generated vehicles of every style: python -m tests.benchmarks.sweep_vehicles --seeds 200.

Prints for each style how long a vehicle takes to build (seconds of one core's time: set OMP_NUM_THREADS=1), how many
triangles it has, and every fault with its seed.
"""

import argparse
import sys
import time
from collections.abc import Iterator

import numpy as np

from blender_scenes.vehicle import STYLES, Vehicle, build_vehicle
from pipeline.check_model import check_labelled_mesh
from pipeline.check_shape import check_shape, measure_shape
from pipeline.keypoints import KeypointSchema, load_schema


def main() -> int:
    """Sweep; the exit code is 1 if any vehicle has a fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--styles", nargs="+", default=list(STYLES), choices=STYLES)
    options = parser.parse_args()
    schema, faulty = load_schema("vehicle20"), 0
    columns = (("style", -10), ("cars", 5), ("build s: median", 16), ("p90", 5), ("triangles: median", 18), ("max", 7))
    print(" ".join(f"{name:{'<' if width < 0 else '>'}{abs(width)}}" for name, width in columns), " faulty")
    for style in options.styles:
        seconds, triangles, faults = [], [], 0
        for seed in range(options.seeds):
            start = time.process_time()
            vehicle = build_vehicle(style, seed)
            seconds.append(time.process_time() - start)
            triangles.append(len(vehicle.mesh.triangles))
            lines = list(_faults(vehicle, schema))
            faults += bool(lines)
            for line in lines:
                print(f"  {style} {seed}: {line}")
        median, p90 = np.quantile(seconds, [0.5, 0.9])
        print(
            f"{style:10} {options.seeds:5} {median:16.2f} {p90:5.2f} {np.median(triangles):18.0f} "
            f"{max(triangles):7} {faults:7}",
            flush=True,
        )
        faulty += faults
    return int(faulty > 0)


def _faults(vehicle: Vehicle, schema: KeypointSchema) -> Iterator[str]:
    yield from check_labelled_mesh(vehicle.mesh, schema, asymmetric=vehicle.asymmetric)
    yield from check_shape(measure_shape(vehicle.mesh))


if __name__ == "__main__":
    sys.exit(main())
