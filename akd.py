"""The command line, one verb per stage, each reading the last one's files; and the same from Python (`PUBLIC`).

Packages are imported when their verb runs, or their name is asked for: `akd plan` needs no torch, `akd predict` no
Blender.
"""

import argparse
import sys
import warnings
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.arguments import add_json, positive, refuse_existing, tell
from pipeline.completion_verb import add_completion_verb
from pipeline.contents import Program, Version
from pipeline.doctor_verb import add_doctor_verb
from pipeline.errors import AkdError, SpecError
from pipeline.export_verb import add_export_verb
from pipeline.generate_verbs import add_generate_verbs
from pipeline.label_verb import add_label_verb
from pipeline.one_line import one_line
from pipeline.prepare_verb import add_prepare_verb
from pipeline.report_verb import add_report_verb
from pipeline.reports import report_dataset, report_model, report_spec
from pipeline.schema_verb import add_schema_verb
from pipeline.system_packages import import_advice
from pipeline.vehicle_verbs import add_vehicle_verb
from retrieval.retrieval_verbs import add_retrieval_verbs
from retrieval.shift_verbs import add_shift_verbs
from training.evaluate_verb import add_evaluate_verbs
from training.predict_verbs import add_predict_verbs
from training.train_verb import add_train_verb

if TYPE_CHECKING:  # what PUBLIC names, for editors and type checkers
    from blender_scenes.vehicle import build_vehicle as build_vehicle
    from pipeline.coco import load_coco as load_coco
    from pipeline.draw import DrawnInstance as DrawnInstance
    from pipeline.draw import contact_sheet as contact_sheet
    from pipeline.draw import draw_instances as draw_instances
    from pipeline.draw import side_by_side as side_by_side
    from pipeline.generate import generate_dataset as generate_dataset
    from pipeline.images import encode_image as encode_image
    from pipeline.images import read_image as read_image
    from pipeline.images import write_image as write_image
    from pipeline.keypoints import load_schema as load_schema
    from pipeline.plan import plan_dataset as plan_dataset
    from pipeline.spec import load_spec as load_spec
    from retrieval.index import build_index as build_index
    from retrieval.search import retrieve as retrieve
    from training.checkpoint import load_model as load_model
    from training.config import load_model_config as load_model_config
    from training.evaluate import evaluate_weights as evaluate_weights
    from training.loop import train as train
    from training.predict import predict_arrays as predict_arrays
    from training.predict import predict_images as predict_images

PUBLIC = {
    "load_spec": "pipeline.spec",
    "plan_dataset": "pipeline.plan",
    "generate_dataset": "pipeline.generate",
    "build_vehicle": "blender_scenes.vehicle",
    "load_coco": "pipeline.coco",
    "load_schema": "pipeline.keypoints",
    "read_image": "pipeline.images",
    "write_image": "pipeline.images",
    "encode_image": "pipeline.images",
    "DrawnInstance": "pipeline.draw",
    "draw_instances": "pipeline.draw",
    "contact_sheet": "pipeline.draw",
    "side_by_side": "pipeline.draw",
    "load_model_config": "training.config",
    "train": "training.loop",
    "load_model": "training.checkpoint",
    "predict_images": "training.predict",
    "predict_arrays": "training.predict",
    "evaluate_weights": "training.evaluate",
    "build_index": "retrieval.index",
    "retrieve": "retrieval.search",
}
"""Names of `import akd` and the modules that hold them; docs/python.ipynb shows them at work."""
Handler = Callable[[argparse.Namespace], None]


def __getattr__(name: str) -> Any:
    if name in PUBLIC:
        return getattr(import_module(PUBLIC[name]), name)
    raise AttributeError(f"akd has no {name!r}; it has: {', '.join(PUBLIC)}")


def __dir__() -> list[str]:
    return sorted([*globals(), *PUBLIC])


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; 0 it is done, 1 it failed (one line on stderr), 2 bad usage."""
    arguments = _parser().parse_args(argv)
    warnings.filterwarnings("ignore", message="Image size .* exceeds limit")  # pipeline.image_header has a limit
    if arguments.debug:
        arguments.handler(arguments)
        return 0
    try:
        arguments.handler(arguments)
    except AkdError as error:
        print(f"akd: {import_advice(str(error)) or error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("akd: interrupted; generate and demo go on where they were, train with --resume", file=sys.stderr)
    except OSError as error:
        line = import_advice(str(error)) or f"{error.filename or 'system'}: {error.strerror or error}"
        print(f"akd: {one_line(line)}", file=sys.stderr)
    except ImportError as error:
        line = (
            import_advice(str(error)) or f"{error}; install what the project needs (make setup); akd doctor says more"
        )
        print(f"akd: {line}", file=sys.stderr)
    else:
        return 0
    return 1


def _demo(arguments: argparse.Namespace) -> None:
    from pipeline.demo import DemoOptions, run_demo

    options = DemoOptions(arguments.real, arguments.workers, arguments.images, arguments.epochs)
    page = run_demo(arguments.out, options)
    print(f"wrote {page}")


def _plan(arguments: argparse.Namespace) -> None:
    from pipeline.dataset_folder import write_plan
    from pipeline.plan import plan_dataset
    from pipeline.plan_summary import plan_as_json, summarize_plan

    for path in filter(None, (arguments.json, arguments.out)):
        refuse_existing(path)
    spec = _checked_spec(arguments.spec, arguments.images)
    shots = plan_dataset(spec)
    tell(arguments.json, summarize_plan(spec, shots), plan_as_json(spec, shots))
    if arguments.out:
        write_plan(arguments.out, spec, shots)
        print(f"wrote {arguments.out}", file=sys.stderr if arguments.json else sys.stdout)


def _checked_spec(name: str, images: int | None) -> Any:
    """The spec, with everything outside the file that it names: styles, schema, models and their labels."""
    from blender_scenes.vehicle import STYLES
    from pipeline.config import nearest
    from pipeline.distributions import names_of
    from pipeline.keypoints import load_schema
    from pipeline.model_files import require_whole
    from pipeline.sidecar import load_sidecar, needs_sidecar
    from pipeline.spec import ParametricSource, load_spec

    spec = load_spec(name)
    if images is not None:
        spec = spec.model_copy(update={"images": images})
    load_schema(spec.keypoints)
    for number, source in enumerate(spec.vehicles.sources):
        if isinstance(source, ParametricSource):
            for style in names_of(source.parametric):
                if style not in STYLES:
                    where = f"{name}: vehicles.sources.{number}.parametric"
                    raise SpecError(f"{where}: {style!r} is not a body style; allowed: {nearest(style, STYLES)}")
        else:
            require_whole(source.model)
            if needs_sidecar(source.model, source.sidecar):
                load_sidecar(source.sidecar)
    return spec


def _check(arguments: argparse.Namespace) -> None:
    suffix = arguments.target.suffix.lower()
    if arguments.json:
        refuse_existing(arguments.json)
    if arguments.target.is_dir() or suffix == ".json":
        report_dataset(arguments.target, arguments.json)
    elif suffix in (".yaml", ".yml"):
        report_spec(arguments.target, lambda name: _checked_spec(name, None), arguments.json)
    else:
        report_model(arguments.target, arguments.sheet, arguments.json)


def _styles() -> Sequence[str]:
    from blender_scenes.vehicle import STYLES

    return STYLES


def _sample(style: str, seed: int, given: dict[str, float]) -> dict[str, float | int | str]:
    from blender_scenes.vehicle.params import sample_parameters

    return sample_parameters(style, seed, given).as_dict()


def _propose(model: Any, schema: Any) -> Any:
    from blender_scenes.vehicle.lenders import usual_lenders
    from pipeline.propose import propose_labels

    return propose_labels(model, schema, usual_lenders())


def _find_boxes(weights: Path, paths: Sequence[Path]) -> Any:
    from training.find_boxes import find_boxes

    return find_boxes(weights, paths)


def _config_kinds() -> dict[str, Any]:
    from training.config import ModelConfig

    return {"model": ModelConfig}


def _meshes() -> Any:
    from blender_scenes.vehicle.lenders import one_of_each

    return one_of_each()


def _parser() -> argparse.ArgumentParser:
    parser = Program(
        prog="akd",
        usage="akd [--debug] VERB ...",
        description="Semantic keypoints on vehicles: rendered datasets, detectors, scores on real photos, retrieval.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    parser.add_argument("--version", action=Version, nargs=0, help="show the version and end")
    verbs = parser.add_subparsers(required=True, metavar="VERB", prog="akd", parser_class=argparse.ArgumentParser)

    def verb(name: str, handler: Handler, help_text: str, example: str) -> argparse.ArgumentParser:
        sub = verbs.add_parser(
            name,
            help=help_text,
            description=help_text[0].upper() + help_text[1:] + ".",
            epilog=f"example:\n  {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.set_defaults(handler=handler)
        return sub

    add_vehicle_verb(verb, _styles, _sample)
    add_label_verb(verb, _propose)
    _add_dataset_verbs(verb)
    add_generate_verbs(verb, _checked_spec)
    add_export_verb(verb)
    add_report_verb(verb, positive)
    add_prepare_verb(verb, _find_boxes)
    add_train_verb(verb, positive)
    add_evaluate_verbs(verb, positive)
    add_predict_verbs(verb)
    add_retrieval_verbs(verb, positive)
    add_shift_verbs(verb, positive, _meshes)
    add_doctor_verb(verb)
    add_schema_verb(verb, _config_kinds)
    add_completion_verb(verb, _parser)
    return parser


def _add_dataset_verbs(verb: Callable[..., argparse.ArgumentParser]) -> None:
    demo = verb("demo", _demo, "the whole loop, small, on the embedded defaults", "akd demo -o out/demo --real photos/")
    demo.add_argument("-o", "--out", type=Path, default=Path("out/demo"), help="folder for all of it (out/demo)")
    demo.add_argument("--real", type=Path, help="folder or COCO dataset of real images to predict and score")
    demo.add_argument(
        "--workers", type=positive, metavar="N", help="render processes (default: one per GPU, or per core)"
    )
    demo.add_argument("--images", type=positive, metavar="N", help="render this many instead of the spec's")
    demo.add_argument("--epochs", type=positive, metavar="N", help="train this long instead of the config's")

    plan = verb("plan", _plan, "show what a spec would render, before it does", "akd plan demo -o plan.json")
    plan.add_argument("spec", help="YAML file, or the name of a spec that ships (demo)")
    plan.add_argument("--images", type=positive, metavar="N", help="this many instead of the spec's")
    plan.add_argument("-o", "--out", type=Path, help="write the plan, every shot, as JSON")
    add_json(plan, "the summary")

    check = verb("check", _check, "is a spec, model or dataset sound? says what is wrong", "akd check datasets/demo")
    check.add_argument("target", type=Path, help="spec.yaml, model.glb, or a dataset's folder or JSON file")
    check.add_argument("--sheet", type=Path, help="of a model: draw it from all around with its labels")
    add_json(check, "what was found")


if __name__ == "__main__":
    sys.exit(main())
