"""Training: seeded from end to end, averaged weights, a checkpoint after each epoch; resumed equals uninterrupted.

`torchrun --nproc-per-node N akd.py train ...` trains one model with N processes (training/team.py).
"""

import math
from pathlib import Path

from torch import Tensor
from tqdm import tqdm

from pipeline.coco import CocoDataset, annotation_file, load_coco
from pipeline.config import parse_config
from pipeline.errors import DatasetError, SpecError, WeightsError
from pipeline.keypoints import KeypointSchema, load_schema
from training.build import build_for_training
from training.checkpoint import choose_device, load_state, read_header, read_weights
from training.config import ModelConfig
from training.dataset import KeypointData
from training.learner import Learner, statistics_note
from training.model import count_parameters
from training.run import Run, RunResult
from training.run_folder import open_run, session_of, write_config, write_versions
from training.team import Team, joined
from training.weights_path import weights_path


def train(
    config: ModelConfig, dataset: Path, out: Path, *, resume: bool = False, init: Path | None = None
) -> RunResult:
    """Train on the dataset's train.json (annotations.json where it has none), choosing the best epoch on val.json.

    Raises:
        SpecError: the config cannot be used.
        DatasetError: the dataset is missing, damaged, empty, or of another keypoint schema.
        WeightsError: `out` is not empty (without `resume`), is another run's, or `init` does not fit.
    """
    config = parse_config(config.model_dump(), ModelConfig, config.name)  # a changed copy is not checked by itself
    with joined() as team:
        if config.batch_size < team.size:
            raise SpecError(f"{config.name}: batch_size {config.batch_size} is less than {team.size} processes need")
        return _train(config, dataset, out, resume, init, team)


def _train(config: ModelConfig, dataset: Path, out: Path, resume: bool, init: Path | None, team: Team) -> RunResult:
    saved = None
    with team.leader_first():
        schema = load_schema(config.keypoints)
        learn, validation = _load_splits(dataset, schema, config)
        start = _initial_state(init, config, schema) if init else None
        if team.leads:
            saved = open_run(out, config, resume=resume)
        model, origin = build_for_training(config, schema)
        if start is not None and init is not None:
            load_state(init, model, start)
            origin = f"weights from {init}"
        data = KeypointData(learn, schema, config)
        steps = config.epochs * math.ceil(len(data) / config.batch_size)
        learner = Learner(model, config, choose_device("auto"), steps, team)
    run = Run(config, schema, learner, data, validation, out, team)
    saved = team.from_leader(saved)
    if saved is not None:
        run.restore(saved)
    if team.leads:
        notes = [origin, f"{count_parameters(model.parameters()) / 1e6:.1f} M parameters"]
        notes += [f"{team.size} processes"] if team.size > 1 else []
        notes += [note for note in [statistics_note(model.train(), config, team)] if note]
        tqdm.write(f"{config.name}: {'; '.join(notes)}")
        out.mkdir(parents=True, exist_ok=True)
        write_config(out, config)
    if team.leads and not run.done:
        begun_from = weights_path(init) if init else None
        session = session_of(learn.source, learner.device, learner.precision, team.size, begun_from)
        write_versions(out, run.epoch + 1, session)
    return run.go()


def _load_splits(dataset: Path, schema: KeypointSchema, config: ModelConfig) -> tuple[CocoDataset, CocoDataset | None]:
    has_splits = dataset.is_dir() and (dataset / "train.json").is_file()
    learn = load_coco(dataset, "train" if has_splits else None)
    validation = load_coco(dataset, "val") if has_splits and (dataset / "val.json").is_file() else None
    for part in (learn, validation):
        if part is not None:
            part.require_schema(schema)
    if not learn.images:
        raise DatasetError(f"{annotation_file(dataset, 'train' if has_splits else None)}: lists no images to train on")
    for image in learn.images:
        if not image.path.is_file():
            raise DatasetError(f"{learn.source}: image {image.file_name} is not there")
    if validation is None or not validation.images:
        if config.patience is not None:
            raise DatasetError(
                f"{dataset}: has no validation images (val.json), and patience {config.patience} needs them"
            )
        return learn, None
    return learn, validation


def _initial_state(init: Path, config: ModelConfig, schema: KeypointSchema) -> dict[str, Tensor]:
    path = weights_path(init)
    content = read_weights(path)
    was, knows = read_header(path, content)
    if was.architecture != config.architecture:
        raise WeightsError(f"{path}: is a {was.architecture}; the config asks for {config.architecture}")
    if knows.names != schema.names:
        raise WeightsError(f"{path}: knows the keypoints of {knows.name}; the config asks for {schema.name}")
    state: dict[str, Tensor] = content["state"]
    return state
