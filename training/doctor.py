"""torch examined: python -m training.doctor says as one JSON object what it is, and predicts on one image."""

import json
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

SHIPPED = "akd-nano"
"""The weights that are tried where they come with the program."""
SIDE = 256


def examine() -> dict[str, Any]:
    """Version, GPU, which weights were tried, and the time that an image takes.

    Raises:
        AkdError: the weights cannot be loaded.
    """
    import torch

    from pipeline.seeds import stream_rng
    from training.predict import predict_arrays

    loaded, name = _detector()
    image = stream_rng(0, 0, "doctor.image").integers(0, 256, (SIDE, SIDE, 3)).astype("uint8")
    predict_arrays(loaded, [image])  # the first time, torch sets itself up
    begun = perf_counter()
    predict_arrays(loaded, [image])
    return {
        "version": torch.__version__,
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else "",
        "weights": name,
        "size": f"{SIDE}x{SIDE}",
        "predict_s": perf_counter() - begun,
    }


def _detector() -> tuple[Any, str]:
    """The shipped detector, or an untrained one of the same build."""
    from pipeline.keypoints import load_schema
    from training.build import build_model
    from training.checkpoint import LoadedModel, choose_device, load_model
    from training.config import load_model_config
    from training.weights_path import SHIPPED as FOLDER

    if (FOLDER / f"{SHIPPED}.pt").is_file():
        return load_model(Path(SHIPPED)), SHIPPED
    config = load_model_config(SHIPPED)
    schema = load_schema(config.keypoints)
    model = build_model(config, schema).requires_grad_(False)
    return LoadedModel(model.to(choose_device("auto")).eval(), config, schema), f"an untrained {SHIPPED}"


def main() -> int:
    """Answer; 1 if something fails, which the answer then says."""
    from pipeline.errors import AkdError

    try:
        message = examine()
    except (AkdError, ImportError, RuntimeError) as error:  # torch says with RuntimeError that a GPU does not work
        message = {"error": str(error)}
    print(json.dumps(message))
    return int("error" in message)


if __name__ == "__main__":
    sys.exit(main())
