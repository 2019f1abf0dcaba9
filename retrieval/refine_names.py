"""Weights of names in a spec (body styles, kinds of light), moved towards the shares that photos have."""

from collections.abc import Iterator, Mapping

from pipeline.distributions import Name, NameChoice
from pipeline.spec import DatasetSpec, ParametricSource
from retrieval.refine_fields import Proposal
from retrieval.refine_target import MOST_NEW
from retrieval.refine_text import Change
from retrieval.shift_findings import informative
from retrieval.shift_parts import ClassesRecord
from retrieval.shift_record import ShiftRecord

LEAST_CHANGE = 0.03
"""Of a share that is worth a new weight."""


def name_proposals(spec: DatasetSpec, record: ShiftRecord) -> Iterator[Proposal]:
    """Body styles over all sources, and kinds of light."""
    found = {one.name: one for one in record.classes}
    for name, where, shares, propose in (
        ("style", "vehicles.sources", style_shares(spec), _styles),
        ("light", "light.kind", shares_of(spec.light.kind), _light),
    ):
        if name in found:
            yield from propose(spec, found[name])
        elif len(shares) > 1:
            yield Proposal(where, None, "too few renders, or photos, to vote by looks", judged=False)


def shares_of(name: Name) -> dict[str, float]:
    """How often each value is drawn."""
    if not isinstance(name, NameChoice):
        return {name: 1.0}
    weights = name.weights or (1.0,) * len(name.choice)
    total = sum(weights)
    shares: dict[str, float] = {}
    for value, weight in zip(name.choice, weights, strict=True):
        shares[value] = shares.get(value, 0.0) + weight / total
    return shares


def moved_shares(before: Mapping[str, float], found: ClassesRecord) -> dict[str, float]:
    """New shares: of values whose interval leaves out the old share, MOST_NEW of the way to the photos'.

    Only values that are drawn already: what a dataset has nothing of cannot be told by what looks like it.
    """
    moved = dict(before)
    for name, share, (low, high) in zip(found.classes, found.real, found.interval, strict=True):
        old = before.get(name, 0.0)
        if old > 0 and not low <= old <= high and abs(share - old) >= LEAST_CHANGE:
            moved[name] = (1 - MOST_NEW) * old + MOST_NEW * share
    total = sum(moved.values())
    return {name: share / total for name, share in moved.items()}


def _styles(spec: DatasetSpec, found: ClassesRecord) -> Iterator[Proposal]:
    where = "vehicles.sources"
    if not informative(found.accuracy_interval, found.chance):
        yield Proposal(where, None, _silent(found), judged=False)
        return
    before = style_shares(spec)
    after = moved_shares(before, found) if len(before) > 1 else before
    if not _differ(before, after):
        yield Proposal(where, None, "no style's share leaves its interval")
        return
    why = _why("Body styles", before, after, found)
    for number, source in enumerate(spec.vehicles.sources):
        if not isinstance(source, ParametricSource):
            continue
        own = {
            style: share * after[style] / before[style] if style in before else 0.0
            for style, share in shares_of(source.parametric).items()
        }
        grown = sum(own.values())
        path = ("vehicles", "sources", number)
        if isinstance(source.parametric, NameChoice):
            yield Proposal(f"{where}.{number}", Change((*path, "parametric"), _choice(own), why), why[0])
            why = ()
        if len(spec.vehicles.sources) > 1 and abs(grown - 1) > 1e-6:
            weight = float(f"{source.weight * grown:.4g}")
            yield Proposal(f"{where}.{number}.weight", Change((*path, "weight"), weight, why), f"{weight:g}")


def style_shares(spec: DatasetSpec) -> dict[str, float]:
    """How often each body style is drawn, of generated vehicles: models keep their share, no vote can tell them."""
    sources = [source for source in spec.vehicles.sources if isinstance(source, ParametricSource)]
    total = sum(source.weight for source in sources)
    shares: dict[str, float] = {}
    for source in sources:
        for style, share in shares_of(source.parametric).items():
            if share * source.weight > 0:
                shares[style] = shares.get(style, 0.0) + share * source.weight / total
    return shares


def _light(spec: DatasetSpec, found: ClassesRecord) -> Iterator[Proposal]:
    where = "light.kind"
    if not informative(found.accuracy_interval, found.chance):
        yield Proposal(where, None, _silent(found), judged=False)
        return
    before = shares_of(spec.light.kind)
    after = moved_shares(before, found)
    if not _differ(before, after):
        yield Proposal(where, None, "no kind's share leaves its interval")
        return
    why = _why("Light", before, after, found)
    yield Proposal(where, Change(("light", "kind"), _choice(after), why), why[0])


def _differ(before: Mapping[str, float], after: Mapping[str, float]) -> bool:
    return any(abs(after[name] - before[name]) >= LEAST_CHANGE / 2 for name in before)


def _silent(found: ClassesRecord) -> str:
    return (
        f"cannot be told by looks (right in {found.accuracy:.0%} of {found.n_known} renders, naming the most frequent "
        f"in {found.chance:.0%})"
    )


def _choice(shares: Mapping[str, float]) -> dict[str, object]:
    total = sum(shares.values())
    return {"choice": list(shares), "weights": [float(f"{100 * share / total:.3g}") for share in shares.values()]}


def _why(title: str, before: Mapping[str, float], after: Mapping[str, float], found: ClassesRecord) -> tuple[str, ...]:
    moved = [
        f"{name} {found.real[i]:.0%} of photos [{found.interval[i][0]:.0%}, {found.interval[i][1]:.0%}], "
        f"{before[name]:.0%} of draws before, {after[name]:.0%} now"
        for i, name in enumerate(found.classes)
        if name in before and abs(after[name] - before[name]) >= LEAST_CHANGE / 2
    ]
    return (
        f"{title}, by the renders that look most like each of {found.n_real} photos (right in {found.accuracy:.0%} of "
        f"{found.n_known} renders, usual mistakes taken out): {'; '.join(moved)}.",
        f"Where the interval leaves out the old share, it moves {MOST_NEW:.0%} of the way: a vote is no measurement.",
    )
