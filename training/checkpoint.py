"""A detector in one file: its weights, its config and its keypoint schema, so that nothing else is needed to use it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pipeline.config import parse_config
from pipeline.errors import SpecError, WeightsError
from pipeline.keypoints import KeypointSchema
from training.build import build_model
from training.config import ModelConfig
from training.model import KeypointModel
from training.weights_file import read_torch, write_torch
from training.weights_path import weights_path

FORMAT = "akd-weights-1"


@dataclass(frozen=True)
class LoadedModel:
    """A detector that is ready to predict, and what it knows."""

    model: KeypointModel
    config: ModelConfig
    schema: KeypointSchema

    @property
    def device(self) -> torch.device:
        """Where its weights lie."""
        first = next(self.model.parameters(), None)
        return torch.device("cpu") if first is None else first.device


def save_weights(
    path: Path,
    state: Mapping[str, Tensor],
    config: ModelConfig,
    schema: KeypointSchema,
    training: dict[str, Any] | None = None,
) -> None:
    """Write a weights file atomically; `training` is what is needed to go on."""
    content: dict[str, Any] = {
        "format": FORMAT,
        "config": config.model_dump_json(),
        "schema": schema.model_dump_json(),
        "state": {name: value.detach().cpu() for name, value in state.items()},
    }
    if training is not None:
        content["training"] = training
    write_torch(path, content)


def load_model(source: Path, device: str = "auto") -> LoadedModel:
    """A detector from a weights or ONNX file, a run folder's best weights, or one that ships by its name; to evaluate.

    Raises:
        WeightsError: it is missing, no weights file of ours, damaged, or of another format.
    """
    path = weights_path(source)
    if path.suffix == ".onnx":
        from training.onnx_file import read_onnx

        return read_onnx(path)
    content = read_weights(path)
    config, schema = read_header(path, content)
    model = build_model(config, schema)
    load_state(path, model, content["state"])
    model = model.requires_grad_(False).to(choose_device(device)).eval()
    model.settle()
    return LoadedModel(model, config, schema)


def read_weights(path: Path) -> dict[str, Any]:
    """The content of a weights file, its format checked.

    Raises:
        WeightsError: it is no weights file of ours, or of another format.
    """
    content = read_torch(path)
    if not isinstance(content, dict) or not isinstance(content.get("format"), str):
        raise WeightsError(f"{path}: holds no detector of akd; weights are written by akd train")
    if content["format"] != FORMAT:
        raise WeightsError(f"{path}: has format {content['format']!r}; allowed: {FORMAT!r}")
    missing = {"config", "schema", "state"} - content.keys()
    if missing or not isinstance(content["state"], dict):
        raise WeightsError(f"{path}: is damaged: lacks {', '.join(sorted(missing)) or 'a state dict'}")
    return content


def read_header(path: Path, content: Mapping[str, Any]) -> tuple[ModelConfig, KeypointSchema]:
    """The config and schema in a weights file.

    Raises:
        WeightsError: they are damaged, or written by another version.
    """
    try:
        config = parse_config(json.loads(content["config"]), ModelConfig, "config")
        schema = parse_config(json.loads(content["schema"]), KeypointSchema, "schema")
    except (SpecError, TypeError, ValueError, RecursionError) as error:
        raise WeightsError(f"{path}: is damaged, or of another version: {error}") from error
    return config, schema


def load_state(path: Path, model: KeypointModel, state: Mapping[str, Tensor]) -> None:
    """Put weights into a model.

    Raises:
        WeightsError: they are another architecture's.
    """
    try:
        model.load_state_dict(state)
    except (RuntimeError, AttributeError, TypeError) as error:
        raise WeightsError(f"{path}: its weights do not fit its own config: {type(model).__name__}") from error


def choose_device(name: str) -> torch.device:
    """ "auto" is the first GPU, or the CPU; other names are torch's.

    Raises:
        WeightsError: torch knows no such device, or this machine has none.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise WeightsError(f"device {name!r} is unknown; allowed: auto, cpu, cuda, cuda:N") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise WeightsError(f"device {name!r}: torch finds no GPU here; allowed: auto, cpu")
    return device
