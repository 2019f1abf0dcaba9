"""What a report says in words: each sentence with its numbers, what matters most first."""

from collections.abc import Iterator, Sequence

import numpy as np

from retrieval.shift_parts import GapRecord, PropertyRecord
from retrieval.shift_record import ShiftRecord
from retrieval.shift_views import DETECTED
from retrieval.viewpoint import VIEWS, named_view

NAMED = 3
"""Keypoints, and views, that are named as the worst."""
TELLING = 0.1
"""Least distance of `superiority` from 0.5 for a property to be worth a sentence."""


def findings(record: ShiftRecord) -> Iterator[str]:
    """The sentences."""
    yield from _gap(record)
    yield _coverage(record)
    yield from _looks(record)
    yield from _views(record)
    for one in sorted(record.properties, key=lambda p: -abs(p.superiority - 0.5)):
        if abs(one.superiority - 0.5) >= TELLING and (one.interval[0] > 0 or one.interval[1] < 0):
            yield _property(one)
    yield from _classes(record)
    if record.prepared:
        yield f"{record.prepared.said[0].upper()}{record.prepared.said[1:]}."


def view_shares(azimuth_deg: Sequence[float]) -> dict[str, float]:
    """The share of images seen from each eighth of the circle."""
    names = [named_view(one) for one in azimuth_deg]
    return {view: names.count(view) / max(len(names), 1) for view in VIEWS}


def _gap(record: ShiftRecord) -> Iterator[str]:
    if record.scores is None:
        yield "The photos have no labels: AP and PCK on them, and the gap by keypoint and view, are left out."
        return
    main = next((one for one in record.scores.scores if one.name == "pck/0.1"), None)
    if main and main.synthetic is not None and main.real is not None and main.gap is not None:
        word = "falls" if main.gap < 0 else "rises"
        yield (
            f"PCK@0.1 {word} from {main.synthetic:.2f} on held-out renders to {main.real:.2f} on photos: "
            f"{main.gap:+.2f}{_ends(main.gap_interval)}."
        )
    for what, rows in (("keypoints", record.scores.keypoints), ("views", record.scores.views)):
        worst = [one for one in sorted(rows, key=lambda r: r.gap or 0) if _sure_fall(one)][:NAMED]
        if worst:
            listed = ", ".join(f"{one.name} {one.gap:+.2f}" for one in worst)
            yield f"It falls most at the {what} {listed} (intervals leave out 0)."


def _sure_fall(row: GapRecord) -> bool:
    return row.gap is not None and row.gap_interval is not None and row.gap_interval[1] < 0


def _coverage(record: ShiftRecord) -> str:
    one = record.coverage
    return (
        f"{one.uncovered:.0%} of the photos{_ends(one.uncovered_interval, percent=True)} have keypoints less like "
        "anything that was learned from than 95 % of held-out renders have; without a shift it would be 5 %."
    )


def _looks(record: ShiftRecord) -> Iterator[str]:
    one = record.appearance
    if one is None:
        yield (
            "Looks are not compared: the detector finds something in too few vehicles "
            f"({record.synthetic.found} held-out renders of {record.synthetic.groups} vehicles, "
            f"{record.real.found} photos)."
        )
        return
    if one.proxy_distance is not None and one.proxy_error is not None:
        yield (
            f"A linear classifier on the detector's features tells photos from renders in {1 - one.proxy_error:.0%} "
            f"of cases it did not learn from (proxy A-distance {one.proxy_distance:.2f} of 2)."
        )
    null = f", against {one.null.mmd2:.3g} between halves of the renders" if one.null else ""
    line = f"Squared MMD between photos and renders is {one.all.mmd2:.3g} (p = {one.all.p_value:.3g}){null}"
    if one.like_pose:
        line += (
            f"; between {one.like_pose.n[0]} pairs of like pose {one.like_pose.mmd2:.3g} "
            f"(p = {one.like_pose.p_value:.3g}): what is left is looks, not pose"
        )
    yield f"{line}."


def _views(record: ShiftRecord) -> Iterator[str]:
    real, synthetic = (view_shares(one.azimuth_deg) for one in (record.real_views, record.synthetic_views))
    count = len(record.real_views.names)
    if not count or not record.synthetic_views.names:
        return
    noise = 1.96 * float(np.sqrt(0.25 / count))
    lacking = sorted((view for view in VIEWS if real[view] > synthetic[view]), key=lambda v: synthetic[v] - real[v])
    if lacking and real[lacking[0]] - synthetic[lacking[0]] > noise:
        listed = [f"{view} {real[view]:.0%} of photos, {synthetic[view]:.0%} of renders" for view in lacking[:NAMED]]
        yield f"Views that photos have more of (keypoints: {record.real_views.keypoints}): {'; '.join(listed)}."
    if record.real_views.keypoints == DETECTED:
        yield (
            "Viewpoints are the detector's own reading: a view that it never learned it may take for another one. "
            "Labels of some photos, or --views-by with a detector that knows all views, are surer."
        )


def _property(one: PropertyRecord) -> str:
    more = "more" if one.shift > 0 else "less"
    return (
        f"{one.label[0].upper()}{one.label[1:]}: {one.statistic} {one.real_value:.2f} on photos, "
        f"{one.synthetic_value:.2f} on renders ({one.unit}), {more} by {abs(one.shift):.2f}{_ends(one.interval)}."
    )


def _classes(record: ShiftRecord) -> Iterator[str]:
    for one in record.classes:
        if not informative(one.accuracy_interval, one.chance):
            yield (
                f"{one.name[0].upper()}{one.name[1:]} cannot be told by looks: the vote is right in {one.accuracy:.0%} "
                f"of {one.n_known} renders, naming the most frequent in {one.chance:.0%}."
            )
            continue
        top = sorted(range(len(one.classes)), key=lambda i: one.synthetic[i] - one.real[i])[0]
        yield (
            f"{one.name[0].upper()}{one.name[1:]} {one.classes[top]}: {one.real[top]:.0%} of photos"
            f"{_ends(one.interval[top], percent=True)}, {one.synthetic[top]:.0%} of renders (a vote that is right in "
            f"{one.accuracy:.0%} of {one.n_known} renders, its usual mistakes taken out)."
        )


def informative(accuracy_interval: tuple[float, float], chance: float) -> bool:
    """Whether a vote is better than naming the most frequent class, beyond chance."""
    return accuracy_interval[0] > chance


def _ends(ends: tuple[float, float] | None, *, percent: bool = False) -> str:
    if ends is None:
        return ""
    return f" [{ends[0]:.0%}, {ends[1]:.0%}]" if percent else f" [{ends[0]:+.2f}, {ends[1]:+.2f}]"
