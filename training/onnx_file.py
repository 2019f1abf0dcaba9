"""A detector as an ONNX file: written from weights, and run by onnxruntime where there is no torch model for it.

The file holds the whole program, from the letterboxed image to boxes and keypoints, and, as metadata, the config and
the keypoint schema: nothing else is needed to use it. Needs the packages of the extra `onnx`.
"""

import io
import json
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import torch
from torch import Tensor

from pipeline.config import parse_config
from pipeline.errors import SpecError, WeightsError
from pipeline.files import write_bytes_atomic
from pipeline.keypoints import KeypointSchema
from training.checkpoint import LoadedModel
from training.config import ModelConfig
from training.model import Found, KeypointModel, Target, Whole
from training.nano import NanoDetector
from training.nano_program import OUTPUTS, NanoProgram

SUFFIX = ".onnx"
OPSET = 18
FORMAT = "akd-onnx-1"


def write_onnx(loaded: LoadedModel, out: Path) -> None:
    """Write a detector on the CPU as an ONNX file, decoding inside.

    Raises:
        WeightsError: it is not akd-nano, or a package is missing.
    """
    if not isinstance(loaded.model, NanoDetector):
        raise WeightsError(f"{out}: would be of a {loaded.config.architecture}; only nano can be written as ONNX")
    onnx = _package("onnx")
    size = loaded.config.image_size
    content = io.BytesIO()
    with warnings.catch_warnings():
        # the tracer warns of every shape that it takes as fixed; test_onnx.py compares what comes out
        warnings.simplefilter("ignore")
        torch.onnx.export(
            NanoProgram(loaded.model),
            (torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0)),),
            content,  # type: ignore[arg-type]
            input_names=["image"],
            output_names=list(OUTPUTS),
            dynamic_axes={name: {0: "found"} for name in OUTPUTS},
            opset_version=OPSET,
            dynamo=False,  # the newer exporter fixes how many objects there are
        )
    model = onnx.load_from_string(content.getvalue())
    about = {"format": FORMAT, "config": loaded.config.model_dump_json(), "schema": loaded.schema.model_dump_json()}
    onnx.helper.set_model_props(model, about)
    write_bytes_atomic(out, model.SerializeToString())


class OnnxDetector(KeypointModel):
    """What onnxruntime finds, on the CPU, image by image."""

    def __init__(self, session: Any):
        super().__init__()
        self.session = session

    def detect(self, images: Tensor) -> list[Found]:
        """What is found in each image."""
        found = []
        for image in images.detach().float().cpu():
            outputs = self.session.run(list(OUTPUTS), {"image": image[None].numpy()})
            found.append(Found(*(torch.from_numpy(output) for output in outputs)))
        return found

    def detect_in(self, images: Tensor, boxes: Sequence[Tensor]) -> NoReturn:
        """Not in the file."""
        raise WeightsError("an ONNX file finds its own boxes; give weights of torch to find keypoints in given boxes")

    def backbone_features(self, images: Tensor) -> NoReturn:
        """Not in the file."""
        raise WeightsError("an ONNX file gives no features of its backbone; give weights of torch")

    def losses(
        self, images: Tensor, targets: Sequence[Target], generator: torch.Generator, whole: Whole | None = None
    ) -> NoReturn:
        """Not in the file."""
        raise WeightsError("an ONNX file cannot be trained; give weights of torch")


def read_onnx(path: Path, threads: int | None = None) -> LoadedModel:
    """A detector from an ONNX file of ours; on `threads` cores, or on all that this process may use.

    Raises:
        WeightsError: it is damaged, not ours, or onnxruntime is missing.
    """
    runtime = _package("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads or len(os.sched_getaffinity(0))
    options.log_severity_level = 3
    try:
        session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors have no common class
        raise WeightsError(f"{path}: is not an ONNX file that can be run: {str(error).splitlines()[0]}") from error
    about = session.get_modelmeta().custom_metadata_map
    if about.get("format") != FORMAT:
        raise WeightsError(f"{path}: is no detector of akd; its metadata must say format {FORMAT!r}")
    try:
        config = parse_config(json.loads(about["config"]), ModelConfig, "config")
        schema = parse_config(json.loads(about["schema"]), KeypointSchema, "schema")
    except (SpecError, KeyError, ValueError, RecursionError) as error:
        raise WeightsError(f"{path}: is damaged, or of another version: {error}") from error
    return LoadedModel(OnnxDetector(session).eval(), config, schema)


def _package(name: str) -> Any:
    try:
        return __import__(name)
    except ImportError as error:
        raise WeightsError(f"package {name} is not installed: pip install 'akd[onnx]'") from error
