"""A detector as one small file, to hand on: of one run, or the mean of several."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from pipeline.errors import WeightsError
from training.checkpoint import LoadedModel, load_model, save_weights
from training.onnx_file import SUFFIX
from training.weights_path import weights_path


def pack(sources: Sequence[Path], out: Path) -> None:
    """Write weights alone, in half precision: half as large, and without what training needs to go on.

    Raises:
        WeightsError: as `mean_of` does.
    """
    loaded = mean_of(sources)
    state = {
        name: value.half() if value.is_floating_point() else value for name, value in loaded.model.state_dict().items()
    }
    save_weights(out, state, loaded.config, loaded.schema)


def mean_of(sources: Sequence[Path]) -> LoadedModel:
    """One detector whose weights are the means of those of several, with the last one's config.

    Where one run went on from another (`--init`), the mean often does better on images unlike those of either than
    each by itself. Source: Wortsman et al., "Model soups", ICML 2022, and "Robust fine-tuning of zero-shot models",
    CVPR 2022.

    Raises:
        WeightsError: one cannot be loaded, is an ONNX file, or is of another network or other keypoints than the last.
    """
    for source in sources:
        if weights_path(source).suffix == SUFFIX:
            raise WeightsError(
                f"{source}: is a program without weights; give the run or weights file that it was made of"
            )
    every = [load_model(source, device="cpu") for source in sources]
    last = every[-1]
    for source, one in zip(sources, every, strict=True):
        if one.schema != last.schema:
            raise WeightsError(f"{source}: finds other keypoints than {sources[-1]}; a mean is of one schema")
        if _shapes(one) != _shapes(last):
            raise WeightsError(f"{source}: is another network than {sources[-1]}; a mean is of one network")
    states = [one.model.state_dict() for one in every]
    last.model.load_state_dict({name: _mean([state[name] for state in states]) for name in states[-1]})
    last.model.settle()
    return last


def _shapes(loaded: LoadedModel) -> dict[str, torch.Size]:
    return {name: value.shape for name, value in loaded.model.state_dict().items()}


def _mean(values: Sequence[Tensor]) -> Tensor:
    """What counts steps is the last one's."""
    return torch.stack(list(values)).mean(dim=0) if values[-1].is_floating_point() else values[-1]
