"""Distributions as they are written in a spec: what to draw from, not how to draw it.

A number in a spec is a constant, or one of

    {uniform: [low, high]}            {loguniform: [low, high]}
    {normal: {mean: m, std: s, min: low, max: high}}
    {choice: [a, b, c], weights: [2, 1, 1]}
    {probability: p, value: NUMBER, otherwise: NUMBER}

A name is a constant or a choice; a switch is true, false or {probability: p}.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import Discriminator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, Tag, model_validator
from pydantic_core import CoreSchema, core_schema

from pipeline.config import Config, nearest

Probability = Annotated[float, Field(ge=0, le=1)]
WITHIN = "x-within"
"""Keyword of a Number's JSON Schema: its bounds, which `pipeline.schema` spells out."""


class Uniform(Config):
    """Evenly between two bounds."""

    uniform: tuple[float, float]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _require_ordered(*self.uniform)
        return self


class LogUniform(Config):
    """Evenly on a logarithmic scale between two positive bounds."""

    loguniform: tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _require_ordered(*self.loguniform)
        return self


class NormalParameters(Config):
    """Of a normal distribution, cut off (not clipped) at its bounds."""

    mean: float
    std: Annotated[float, Field(gt=0)]
    min: float
    max: float

    @model_validator(mode="after")
    def _bounds_are_reachable(self) -> Self:
        _require_ordered(self.min, self.max)
        if not self.min - 3 * self.std <= self.mean <= self.max + 3 * self.std:
            raise ValueError(f"mean {self.mean} lies more than 3 std outside [{self.min}, {self.max}]")
        return self


class Normal(Config):
    """Bell-shaped, between two bounds."""

    normal: NormalParameters


class Choice[T](Config):
    """One of several values, by weight."""

    choice: Annotated[tuple[T, ...], Field(min_length=1)]
    weights: tuple[Annotated[float, Field(ge=0)], ...] | None = None

    @model_validator(mode="after")
    def _a_weight_each(self) -> Self:
        if self.weights is None:
            return self
        if len(self.weights) != len(self.choice):
            raise ValueError(f"choice has {len(self.choice)} values but weights has {len(self.weights)}")
        if sum(self.weights) <= 0:
            raise ValueError("weights must not all be 0")
        return self


class NumberChoice(Choice[float]):
    """One of several numbers."""


class NameChoice(Choice[str]):
    """One of several names."""


class OnValue(Config):
    """`value` with a probability, else `otherwise`."""

    probability: Probability
    value: "Number"
    otherwise: "Number" = 0.0


class OnSwitch(Config):
    """True with a probability."""

    probability: Probability


def _require_ordered(low: float, high: float) -> None:
    if low > high:
        raise ValueError(f"the lower bound comes first; got [{low}, {high}]")


def _tags(*kinds: type[Config]) -> Callable[[Any], str | None]:
    """Tells the member of a union by its telling key, which is its first field."""
    keys = {next(iter(kind.model_fields)): kind for kind in kinds}

    def tag(value: Any) -> str | None:
        if isinstance(value, dict):
            return next((kind.__name__ for key, kind in keys.items() if key in value), None)
        return type(value).__name__ if isinstance(value, kinds) else "Constant"

    return tag


Number = Annotated[
    Annotated[float, Tag("Constant")]
    | Annotated[Uniform, Tag("Uniform")]
    | Annotated[LogUniform, Tag("LogUniform")]
    | Annotated[Normal, Tag("Normal")]
    | Annotated[NumberChoice, Tag("NumberChoice")]
    | Annotated[OnValue, Tag("OnValue")],
    Discriminator(
        _tags(Uniform, LogUniform, Normal, NumberChoice, OnValue),
        custom_error_type="distribution",
        custom_error_message="must be a number or one of {uniform: [low, high]}, {loguniform: [low, high]}, "
        "{normal: {mean, std, min, max}}, {choice: [...], weights: [...]}, {probability: p, value: ...}",
    ),
]
Name = Annotated[
    Annotated[str, Tag("Constant")] | Annotated[NameChoice, Tag("NameChoice")],
    Discriminator(
        _tags(NameChoice),
        custom_error_type="distribution",
        custom_error_message="must be a name or {choice: [...], weights: [...]}",
    ),
]
Switch = Annotated[
    Annotated[bool, Tag("Constant")] | Annotated[OnSwitch, Tag("OnSwitch")],
    Discriminator(
        _tags(OnSwitch),
        custom_error_type="distribution",
        custom_error_message="must be true, false or {probability: p}",
    ),
]

OnValue.model_rebuild()


def support(number: Number) -> tuple[float, float]:
    """The least and the greatest value that `number` can take."""
    match number:
        case Uniform(uniform=bounds) | LogUniform(loguniform=bounds):
            return bounds
        case Normal(normal=parameters):
            return parameters.min, parameters.max
        case Choice(choice=values):
            return min(values), max(values)
        case OnValue(value=value, otherwise=otherwise):
            ends = (*support(value), *support(otherwise))
            return min(ends), max(ends)
        case _:
            return number, number


def names_of(name: Name) -> tuple[str, ...]:
    """The values that `name` can take."""
    return name.choice if isinstance(name, Choice) else (name,)


@dataclass(frozen=True)
class within:  # noqa: N801 - reads as a word of the field's type
    """Validator of a Number whose values must all lie in [low, high]; says so in the JSON Schema too."""

    low: float
    high: float

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), WITHIN: [self.low, self.high]}

    def _checked(self, number: Number) -> Number:
        least, greatest = support(number)
        if least < self.low or greatest > self.high:
            raise ValueError(f"must stay within {self.low:g}..{self.high:g}; can be {least:g}..{greatest:g}")
        return number


def limits_of(group: type[Config], field: str) -> tuple[float, float]:
    """The bounds that `within` gives a field of a section of a spec; without any, the real numbers."""
    found = [one for one in group.model_fields[field].metadata if isinstance(one, within)]
    return (found[0].low, found[0].high) if found else (-float("inf"), float("inf"))


@dataclass(frozen=True)
class one_of:  # noqa: N801 - reads as a word of the field's type
    """Validator of a Name whose values must all be among `allowed`; says so in the JSON Schema too."""

    allowed: tuple[str, ...]

    def __init__(self, *allowed: str) -> None:
        object.__setattr__(self, "allowed", allowed)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        said = handler(schema)
        names = {"type": "string", "enum": list(self.allowed)}
        forms = [names if form == {"type": "string"} else form for form in said["oneOf"]]
        return {**said, "oneOf": forms, "properties": {"choice": {"items": names}}}

    def _checked(self, name: Name) -> Name:
        for value in names_of(name):
            if value not in self.allowed:
                raise ValueError(f"{value!r} is not known; allowed: {nearest(value, self.allowed)}")
        return name
