"""How near proposed labels come to those set by hand, on the models of ../shared/data/vehicles.

    python -m tests.benchmarks.bench_proposals [--nameless]

Labels of tests/data/*.keypoints.yaml are the truth. `--nameless` hides all names, so that shape alone tells.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.lenders import usual_lenders
from pipeline.keypoints import load_schema
from pipeline.open_model import OpenModel, open_model
from pipeline.proposal import Proposal
from pipeline.propose import propose_labels
from pipeline.sidecar import DEFAULT_SCHEMA, Sidecar, load_sidecar, sidecar_path
from tests.conftest import ROOT

MODELS = ROOT.parent / "shared" / "data" / "vehicles"
LIMIT = 0.05
"""Share of the vehicle's length within which a proposal is good."""


def errors(model: OpenModel, proposal: Proposal, truth: Sidecar, names: tuple[str, ...]) -> dict[str, float]:
    """Keypoint to its distance from the truth as a share of the length; inf where only one of the two has it."""
    length = float(np.ptp(model.mesh.vertices, axis=0).max())
    found = {}
    for name in names:
        wanted, got = _places(truth, name), np.array(proposal.labels.get(name, ())).reshape(-1, 3)
        if len(wanted) == len(got):
            found[name] = float(np.linalg.norm(wanted - got, axis=1).max(initial=0.0)) / length
        else:
            found[name] = float("inf")
    return found


def _places(truth: Sidecar, name: str) -> NDArray[np.float64]:
    return np.array([np.mean(place.at or (), axis=0) for place in truth.labels.get(name, ())]).reshape(-1, 3)


def nameless(model: OpenModel) -> OpenModel:
    """The same model with names that tell nothing."""
    return replace(model, trails=("",) * len(model.trails), materials=("",) * len(model.materials))


def main() -> None:
    """Print a line per model, and the mean."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nameless", action="store_true")
    hide = parser.parse_args().nameless
    schema = load_schema(DEFAULT_SCHEMA)
    start = time.perf_counter()
    lenders = usual_lenders()
    print(f"{len(lenders)} vehicles to lend labels, built in {time.perf_counter() - start:.1f} s")
    counts = []
    for path in sorted((ROOT / "tests" / "data").glob("*.keypoints.yaml")):
        file = MODELS / (path.name.removesuffix(".keypoints.yaml") + ".glb")
        assert sidecar_path(file).name == path.name
        model = open_model(file)
        start = time.perf_counter()
        proposal = propose_labels(nameless(model) if hide else model, schema, lenders)
        seconds = time.perf_counter() - start
        off = errors(model, proposal, load_sidecar(path), schema.names)
        counts.append(sum(error <= LIMIT for error in off.values()))
        worst = sorted((name for name in off if off[name] > LIMIT), key=lambda name: -off[name])
        said = ", ".join(f"{name} {off[name]:.1%}" if np.isfinite(off[name]) else f"{name} there/not" for name in worst)
        median = np.median([error for error in off.values() if np.isfinite(error)])
        print(f"{Path(file).stem:22s} {counts[-1]:2d} of {len(schema)}; median {median:.1%}; {seconds:.1f} s; {said}")
    print(f"mean {np.mean(counts):.1f} of {len(schema)} within {LIMIT:.0%} of the length")


if __name__ == "__main__":
    main()
