"""The verb of the command line that writes one generated vehicle."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

from pipeline.config import nearest
from pipeline.errors import AkdError, SpecError
from pipeline.paint import PAINTS

Verb = Callable[..., argparse.ArgumentParser]
Sampler = Callable[[str, int, dict[str, float]], dict[str, float | int | str]]


def add_vehicle_verb(verb: Verb, styles: Callable[[], Sequence[str]], sample: Sampler) -> None:
    """`akd vehicle`; `styles` names the body styles, `sample` gives the parameters of (style, seed, given ones)."""
    parser = verb(
        "vehicle",
        lambda arguments: _vehicle(arguments, styles(), sample),
        "write a generated vehicle with its labels as a 3D model",
        "akd vehicle --style suv --seed 7 -o suv.glb --set wheelbase=2.7 doors=4 --paint red",
    )
    parser.add_argument("--style", required=True, help="body style, such as sedan, suv or van")
    parser.add_argument("--seed", type=int, default=0, help="which vehicle of that style (0)")
    parser.add_argument("-o", "--out", type=Path, help="a .glb, .gltf, .obj or .blend file; its labels go beside it")
    parser.add_argument("--set", nargs="+", default=[], metavar="NAME=VALUE", help="set parameters by hand")
    parser.add_argument("--paint", default="silver", choices=sorted(PAINTS), help="(silver)")
    parser.add_argument("--finish", default="metallic", choices=("solid", "metallic", "pearl", "matte"))
    parser.add_argument("--parameters", action="store_true", help="print all parameters of the vehicle, as YAML")
    parser.add_argument("--force", action="store_true", help="write over files that exist")


def _vehicle(arguments: argparse.Namespace, styles: Sequence[str], sample: Sampler) -> None:
    from pipeline.export_vehicle import VehicleOrder, export_vehicle

    if arguments.style not in styles:
        raise SpecError(
            f"--style: {arguments.style!r} is not a body style; allowed: {nearest(arguments.style, styles)}"
        )
    if not arguments.out and not arguments.parameters:
        raise AkdError("vehicle: say -o FILE, --parameters, or both")
    given = dict(_assignment(text) for text in arguments.set)
    parameters = sample(arguments.style, arguments.seed, given)
    if arguments.parameters:
        print(yaml.safe_dump(parameters, sort_keys=False), end="")
    if arguments.out:
        order = VehicleOrder(arguments.style, arguments.seed, given, arguments.paint, arguments.finish)
        for line in export_vehicle(order, arguments.out, arguments.force):
            print(line)


def _assignment(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name, float(value)
    except ValueError:
        raise SpecError(f"--set: {text!r} must be NAME=NUMBER, such as wheelbase=2.7") from None
