"""Viewpoint scores: how far off the best matches are, over all queries and by the side that they show.

Error: the geodesic distance of the two rotations, and Acc@pi/6 the share below 30 degrees, as is usual since Tulsiani
and Malik, "Viewpoints and keypoints", CVPR 2015. Roll is not part of it. Photos whose viewpoint was not measured may
say instead which sides they show (`view`: F, BL, ...): then the share of best matches that show the same sides counts,
and, more strictly than such names mean, of those seen from the same eighth of the circle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from retrieval.viewpoint import VIEWS, geodesic_deg, named_view, shows_sides, view_rotation

ACCURACY_DEG = {"pi/6": 30.0, "pi/12": 15.0, "pi/18": 10.0}
FLIP_DEG = 30.0
"""An error is a flip when, flipped, it would be smaller than this."""


@dataclass(frozen=True)
class NamedViews:
    """Of queries that say which sides they show, by what they say.

    Attributes:
        same: how many have a best match from the same eighth of the circle; none of those that name three sides.
        queries: how many there are.
        sides: how many have a best match that shows the same sides (`retrieval.viewpoint.shows_sides`).
    """

    same: Mapping[str, int]
    queries: Mapping[str, int]
    sides: Mapping[str, int] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """Over all queries."""
        return sum(self.same.values()) / max(sum(self.queries.values()), 1)

    def __str__(self) -> str:
        count = max(sum(self.queries.values()), 1)
        lines = []
        for name, right in (("same sides seen", self.sides), ("same eighth of the circle", self.same)):
            each = ", ".join(f"{view} {right.get(view, 0) / of:.2f} of {of}" for view, of in self.queries.items())
            lines.append(f"{name}: {sum(right.values()) / count:.3f} of {count} queries ({each})")
        return "\n".join(lines)


@dataclass(frozen=True)
class ViewpointScores:
    """Viewpoint error of the best match.

    Attributes:
        queries: instances that were searched for and whose angles are known.
        skipped: instances of which no viewpoint is known, or that have no keypoint (or none was detected).
        median_deg, p90_deg: of the geodesic error; None without a query.
        accuracy: share of the queries with an error below each of ACCURACY_DEG.
        front_back, mirrored: share whose match is seen from the other end (azimuth 180 - a), or from the other side
            (-a), but for FLIP_DEG.
        named: of the queries that name their view only.
        by_view: the same of the queries seen from each eighth of the circle (VIEWS), without skipped ones.
        stopped: what an early stop cost, where the search was not exact.
    """

    queries: int
    skipped: int
    median_deg: float | None = None
    p90_deg: float | None = None
    accuracy: Mapping[str, float] = field(default_factory=dict)
    front_back: float | None = None
    mirrored: float | None = None
    named: NamedViews = field(default_factory=lambda: NamedViews({}, {}))
    by_view: "Mapping[str, ViewpointScores]" = field(default_factory=dict)
    stopped: "EarlyStop | None" = None

    @property
    def acc_pi_6(self) -> float | None:
        """Share with an error below 30 degrees."""
        return self.accuracy.get("pi/6")

    def __str__(self) -> str:
        lines = []
        if self.median_deg is not None:
            shares = ", ".join(f"Acc@{name} {share:.3f}" for name, share in self.accuracy.items())
            lines.append(
                f"viewpoint of the best match: median error {self.median_deg:.1f} deg, p90 {self.p90_deg:.1f} deg, "
                f"{shares}; other end {self.front_back:.3f}, other side {self.mirrored:.3f} "
                f"over {self.queries} queries"
            )
        if self.stopped is not None:
            lines.append(str(self.stopped))
        if self.by_view:
            lines += _table(self.by_view)
        if self.named.queries:
            lines.append(str(self.named))
        lines.append(f"{self.skipped} skipped: their viewpoint is not known, or nothing was found in them")
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class EarlyStop:
    """Of a search that may stop early, against the exact one: share of its k best that are found, and how much less
    alike the best found is than the best there is, both means over the queries."""

    k: int
    recall: float
    regret: float

    def __str__(self) -> str:
        return f"against exact search: recall@{self.k} {self.recall:.4f}, best match less alike by {self.regret:.5f}"


@dataclass(frozen=True)
class Answer:
    """One query: what was found for it and what is true.

    Attributes:
        found: azimuth and elevation in degrees of the best match.
        truth: of the query; None where it only names its view.
        view: the eighth of the circle that it shows.
        stopped: against the exact search, where the search was not exact.
    """

    found: tuple[float, float]
    truth: tuple[float, float] | None
    view: str
    stopped: EarlyStop | None = None


def score_answers(answers: Sequence[Answer], skipped: int) -> ViewpointScores:
    """The scores of all queries, and by view of those whose viewpoint is known."""
    known = [answer for answer in answers if answer.truth is not None]
    same: dict[str, int] = {}
    sides: dict[str, int] = {}
    queries: dict[str, int] = {}
    for answer in answers:
        if answer.truth is None:
            queries[answer.view] = queries.get(answer.view, 0) + 1
            same[answer.view] = same.get(answer.view, 0) + (named_view(answer.found[0]) == answer.view)
            sides[answer.view] = sides.get(answer.view, 0) + shows_sides(answer.found[0], answer.view)
    whole = _of(known, skipped, NamedViews(same, queries, sides))
    groups = {view: [answer for answer in known if answer.view == view] for view in VIEWS}
    by_view = {view: _of(group) for view, group in groups.items() if group}
    return replace(whole, by_view=by_view, stopped=_mean_stop(answers))


def _of(answers: Sequence[Answer], skipped: int = 0, named: NamedViews | None = None) -> ViewpointScores:
    found, truths = [answer.found for answer in answers], [answer.truth for answer in answers if answer.truth]
    return replace(summarise(found, truths, skipped, named), stopped=_mean_stop(answers))


def _mean_stop(answers: Sequence[Answer]) -> EarlyStop | None:
    stops = [answer.stopped for answer in answers if answer.stopped is not None]
    if not stops:
        return None
    recall = sum(stop.recall for stop in stops) / len(stops)
    return EarlyStop(stops[0].k, recall, sum(stop.regret for stop in stops) / len(stops))


def _table(by_view: Mapping[str, ViewpointScores]) -> list[str]:
    """A line per view, under a heading."""
    stopped = any(scores.stopped for scores in by_view.values())
    lines = ["view  queries  median  p90    " + "  ".join(f"Acc@{name}" for name in ACCURACY_DEG) + "  other end  side"
             + ("  recall  regret" if stopped else "")]  # fmt: skip
    for view, s in by_view.items():
        shares = "  ".join(f"{s.accuracy[name]:{len(name) + 4}.3f}" for name in ACCURACY_DEG)
        line = f"{view:4s}  {s.queries:7d}  {s.median_deg:6.1f}  {s.p90_deg:5.1f}  {shares}"
        line += f"  {s.front_back:9.3f}  {s.mirrored:.3f}"
        lines.append(line + (f"  {s.stopped.recall:.4f}  {s.stopped.regret:.5f}" if s.stopped else ""))
    return lines


def summarise(
    found: Sequence[Sequence[float]],
    truths: Sequence[Sequence[float]],
    skipped: int = 0,
    named: NamedViews | None = None,
) -> ViewpointScores:
    """The scores of viewpoints found (n, 2) against true ones (n, 2): azimuth and elevation in degrees."""
    named = named or NamedViews({}, {})
    if not len(found):
        return ViewpointScores(0, skipped, named=named)
    theirs, true = np.array(found, dtype=float), np.array(truths, dtype=float)
    want = view_rotation(true[:, 0], true[:, 1])

    def errors(azimuth: np.ndarray) -> np.ndarray:
        return geodesic_deg(view_rotation(azimuth, theirs[:, 1]), want)

    error = errors(theirs[:, 0])
    wrong = error >= FLIP_DEG
    return ViewpointScores(
        queries=len(error),
        skipped=skipped,
        median_deg=float(np.median(error)),
        p90_deg=float(np.percentile(error, 90)),
        accuracy={name: float((error < limit).mean()) for name, limit in ACCURACY_DEG.items()},
        front_back=float((wrong & (errors(180 - theirs[:, 0]) < FLIP_DEG)).mean()),
        mirrored=float((wrong & (errors(-theirs[:, 0]) < FLIP_DEG)).mean()),
        named=named,
    )
