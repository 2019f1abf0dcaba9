"""`akd shift`: how far apart renders and real photos are for a detector, and why."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.dataset_folder import distributions_hash, read_spec
from pipeline.errors import AkdError, DatasetError
from pipeline.files import write_json_atomic
from pipeline.keypoints import KeypointSchema
from retrieval.predictions import Predictor, open_predictor, weights_stamp
from retrieval.shift_classes import vote_classes
from retrieval.shift_coverage import measure_coverage
from retrieval.shift_findings import findings
from retrieval.shift_images import Pictures, at_most, real_pictures, synthetic_pictures, with_facts
from retrieval.shift_looks import Looks, compare_looks
from retrieval.shift_measure import measure_images
from retrieval.shift_page import write_page
from retrieval.shift_parts import CoverageRecord, EstimatesRecord, SideRecord, ViewTrust
from retrieval.shift_properties import blur_curve, compare_properties
from retrieval.shift_record import PreparedRecord, ShiftRecord
from retrieval.shift_scores import compare_scores, paired_pck
from retrieval.shift_views import (
    DETECTED,
    LABELS,
    Readable,
    from_detections,
    from_labels,
    labelled_keypoints,
    mostly_labelled,
    read_views,
    trust,
)
from retrieval.view_atlas import ViewAtlas

MOST = 1500
"""Images of each set that are looked at."""
AtlasMaker = Callable[[KeypointSchema], ViewAtlas]


@dataclass(frozen=True)
class ShiftOptions:
    """What may be asked of a report.

    Attributes:
        prepared: the photos again, as `akd prepare` wrote them.
        views_by: another detector that reads viewpoints where photos have no labels.
        allow_leak: score also what the detector was trained on, and say so.
        most: images of each set at most, drawn at random.
        resamples: of the scores' intervals.
    """

    prepared: Path | None = None
    views_by: Path | None = None
    allow_leak: bool = False
    most: int = MOST
    resamples: int = 1000
    seed: int = 0
    progress: bool = True


@dataclass(frozen=True)
class _Sets:
    """The three sets, each with what the detector made of it."""

    learned: Looks
    held: Looks
    real: Looks
    held_is: str


def write_shift(
    weights: Path, synthetic: Path, real: Path, out: Path, make_atlas: AtlasMaker, options: ShiftOptions
) -> ShiftRecord:
    """Write OUT/shift.json and OUT/index.html.

    Args:
        weights: a weights file or run folder, of torch.
        synthetic: the dataset that it was trained on.
        real: photos: a COCO keypoints dataset, or a folder without labels.
        out: new folder.
        make_atlas: views from everywhere, for reading viewpoints.
        options: see there.

    Raises:
        AkdError: `out` exists, nothing can be compared, or one of what is given cannot be used.
    """
    if out.exists():
        raise AkdError(f"{out}: exists already; give another name, or delete it first")
    record = measure_shift(weights, synthetic, real, make_atlas, options)
    write_json_atomic(out / "shift.json", record.model_dump(mode="json"), indent=1)
    write_page(out / "index.html", record)
    return record


def measure_shift(
    weights: Path, synthetic: Path, real: Path, make_atlas: AtlasMaker, options: ShiftOptions
) -> ShiftRecord:
    """All of the report; raises as `write_shift`."""
    predictor = open_predictor(weights)
    schema = predictor.schema
    learned, held, held_is = synthetic_pictures(synthetic, schema)
    photos = real_pictures(real, schema)
    sets = _Sets(
        _look(predictor, learned, "learned from", options),
        _look(predictor, held, "held out", options),
        _look(predictor, photos, "photos", options),
        held_is,
    )
    scores = compare_scores(
        weights,
        schema,
        (sets.held.pictures, sets.held.measured),
        (sets.real.pictures, sets.real.measured),
        allow_leak=options.allow_leak,
        resamples=options.resamples,
    )
    coverage, _ = measure_coverage(learned, [(s.pictures, s.measured) for s in (sets.held, sets.real)], schema)
    appearance = compare_looks(sets.learned, sets.held, sets.real, schema, coverage.below, options.seed)
    atlas = make_atlas(schema)
    views, view_trust = _views(atlas, sets, schema, options)
    held_pair, real_pair = (sets.held.pictures, sets.held.measured), (sets.real.pictures, sets.real.measured)
    record = ShiftRecord(
        weights=weights_stamp(predictor.file),
        keypoint_schema=schema.name,
        input_px=_input_px(predictor),
        seed=options.seed,
        synthetic=_side(sets.held, sets.held_is, _spec_of(synthetic)),
        reference=_side(sets.learned, "what the detector learned from", _spec_of(synthetic)),
        real=_side(sets.real, "all of it" if len(photos) <= options.most else "drawn at random", None),
        scores=scores,
        coverage=coverage,
        appearance=appearance,
        properties=compare_properties(held_pair, real_pair, views),
        view_trust=view_trust,
        synthetic_views=views[0],
        real_views=views[1],
        classes=vote_classes((sets.learned, sets.held), sets.real, options.seed),
        blur_curve=blur_curve(*held_pair, _input_px(predictor)),
        blur_values=_values(sets.real, "blur"),
        brightness_values=_values(sets.real, "brightness_ev"),
        synthetic_brightness_values=_values(sets.held, "brightness_ev"),
        prepared=_prepared(predictor, sets, coverage, appearance.all.mmd2 if appearance else None, learned, options),
        findings=(),
    )
    return record.model_copy(update={"findings": tuple(findings(record))})


def _look(predictor: Predictor, every: Pictures, title: str, options: ShiftOptions) -> Looks:
    pictures = with_facts(at_most(every, options.most, options.seed))
    measured = measure_images(predictor, pictures, title, progress=options.progress)
    if not measured.found.any():
        raise DatasetError(
            f"{pictures.source}: the detector finds nothing in any of {len(pictures)} images ({title}); there is "
            "nothing to compare: train it longer, or give another"
        )
    return Looks(pictures, measured)


def _views(
    atlas: ViewAtlas, sets: _Sets, schema: KeypointSchema, options: ShiftOptions
) -> tuple[tuple[EstimatesRecord, EstimatesRecord], ViewTrust]:
    """Records of renders and photos, read in the same way; and how far to trust them."""
    if sets.real.pictures.dataset is not None and mostly_labelled(sets.real.pictures):
        photos = from_labels(sets.real.pictures)
        known, hidden = labelled_keypoints(photos, schema)
        renders = from_labels(sets.held.pictures, hidden)
        said = LABELS
    else:
        known, said = None, DETECTED
        renders, photos = (from_detections(one.pictures, one.measured) for one in (sets.held, sets.real))
        if options.views_by is not None:
            other = open_predictor(options.views_by)
            if other.schema.names != schema.names:
                raise DatasetError(f"{options.views_by}: knows other keypoints than the detector")
            said = f"found by {options.views_by}"
            renders, photos = (_read_by(other, one.pictures, options) for one in (sets.held, sets.real))
    read = [read_views(atlas, one, schema, known, said) for one in (renders, photos)]
    return (read[0][0], read[1][0]), trust([(renders, read[0][1])], (photos, read[1][1]))


def _read_by(predictor: Predictor, pictures: Pictures, options: ShiftOptions) -> Readable:
    return from_detections(pictures, measure_images(predictor, pictures, "viewpoints", progress=options.progress))


def _prepared(
    predictor: Predictor,
    sets: _Sets,
    before: CoverageRecord,
    mmd2_before: float | None,
    learned: Pictures,
    options: ShiftOptions,
) -> PreparedRecord | None:
    """The photos after preparing, measured in the same way."""
    if options.prepared is None:
        return None
    after = _look(predictor, real_pictures(options.prepared, predictor.schema), "prepared", options)
    coverage, _ = measure_coverage(learned, [(s.pictures, s.measured) for s in (sets.held, after)], predictor.schema)
    looks = compare_looks(sets.learned, sets.held, after, predictor.schema, before.below, options.seed)
    pairs = [(one.pictures, one.measured) for one in (sets.real, after)]
    scored = paired_pck(predictor.schema, pairs[0], pairs[1], options.resamples)
    pck, change, ends = scored if scored else (None, None, None)
    helped = None if ends is None else bool(ends[0] > 0)
    return PreparedRecord(
        source=str(options.prepared),
        images=len(after.pictures),
        found=int(after.measured.found.sum()),
        pck=pck,
        pck_difference=change,
        pck_interval=ends,
        mmd2=looks.all.mmd2 if looks else None,
        mmd2_before=mmd2_before,
        uncovered=coverage.uncovered,
        uncovered_before=before.uncovered,
        helped=helped,
        said=_verdict(change, ends),
    )


def _verdict(change: float | None, ends: tuple[float, float] | None) -> str:
    if change is None:
        return "the photos have no labels: whether preparing helps cannot be told from scores"
    if ends is None:
        return f"PCK@0.1 changes by {change:+.3f}; the images are not the same ones, so there is no paired interval"
    word = "helps" if ends[0] > 0 else "hurts" if ends[1] < 0 else "makes no difference that can be told"
    return f"preparing {word}: PCK@0.1 changes by {change:+.3f} [{ends[0]:+.3f}, {ends[1]:+.3f}]"


def _side(looks: Looks, what: str, spec: str | None) -> SideRecord:
    pictures = looks.pictures
    return SideRecord(
        source=pictures.source,
        what=what,
        images=len(pictures),
        groups=len(np.unique(pictures.groups)),
        by="vehicle" if pictures.by == "vehicle" else "image",
        found=int(looks.measured.found.sum()),
        labelled=sum(one.target is not None for one in pictures.pictures),
        spec=spec,
    )


def _spec_of(dataset: Path) -> str | None:
    folder = dataset if dataset.is_dir() else dataset.parent
    return distributions_hash(read_spec(folder)) if (folder / "dataset.yaml").is_file() else None


def _input_px(predictor: Predictor) -> int:
    return int(predictor.loaded.config.image_size)


def _values(looks: Looks, name: str) -> tuple[float, ...]:
    values = looks.measured.pixels[name][looks.measured.found]
    return tuple(round(float(value), 4) for value in values)
