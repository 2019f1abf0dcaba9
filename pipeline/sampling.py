"""Drawing from the distributions of a spec."""

from typing import Any

import numpy as np

from pipeline.config import Config
from pipeline.distributions import Choice, LogUniform, Normal, NormalParameters, OnSwitch, OnValue, Uniform
from pipeline.seeds import stream_rng


def sample(distribution: Any, rng: np.random.Generator) -> Any:
    """One value: a float of a Number, a str of a Name, a bool of a Switch."""
    match distribution:
        case Uniform(uniform=(low, high)):
            return float(rng.uniform(low, high))
        case LogUniform(loguniform=(low, high)):
            return float(np.clip(np.exp(rng.uniform(np.log(low), np.log(high))), low, high))
        case Normal(normal=parameters):
            return _truncated_normal(parameters, rng)
        case Choice(choice=values, weights=weights):
            return values[int(rng.choice(len(values), p=_normalised(weights)))]
        case OnValue(probability=probability, value=value, otherwise=otherwise):
            return sample(value if rng.random() < probability else otherwise, rng)
        case OnSwitch(probability=probability):
            return bool(rng.random() < probability)
        case _:
            return distribution


def sample_fields(group: Config, seed: int, index: int, stream: str) -> dict[str, Any]:
    """One value for each field of `group`, each from a stream of its own: "STREAM.FIELD"."""
    return {
        field: sample(getattr(group, field), stream_rng(seed, index, f"{stream}.{field}"))
        for field in type(group).model_fields
    }


def _truncated_normal(parameters: NormalParameters, rng: np.random.Generator) -> float:
    """By rejection; the spec's validation keeps the mean near enough to the bounds for that to end soon."""
    if parameters.min == parameters.max:
        return parameters.min
    for _ in range(100_000):
        value = rng.normal(parameters.mean, parameters.std)
        if parameters.min <= value <= parameters.max:
            return float(value)
    return float(np.clip(parameters.mean, parameters.min, parameters.max))


def _normalised(weights: tuple[float, ...] | None) -> np.ndarray | None:
    return None if weights is None else np.array(weights) / sum(weights)
