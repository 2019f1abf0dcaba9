"""A detector's scores on a labelled dataset: a pure function of labels, predictions and keypoint schema."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from pipeline.coco import CocoDataset, load_coco
from pipeline.errors import DatasetError
from pipeline.keypoints import KeypointSchema
from training.bootstrap import RESAMPLES, intervals
from training.checkpoint import LoadedModel, load_model
from training.coco_eval import NOT_GIVEN, AveragePrecision, Matches, average_precision
from training.image_rows import image_rows
from training.leaks import NOT_KNOWN, check_leaks
from training.pck import match_errors, score_mean_error, score_pck
from training.predict import Detection, iterate_images
from training.results_file import load_results
from training.score_report import Report
from training.swaps import count_swaps, score_swaps
from training.visibility_scores import score_visibility

UNIFORM_SIGMAS = ("0.05", "0.025")
"""OKS at one sigma for all keypoints, beside the schema's own: comparable between schemas, and a stricter one."""
LABELLED_AREA = "the labels' own area"
BOX_AREA = "width x height of the labels' boxes"
DETECTED = "the detector's own boxes"


def evaluate(
    dataset: CocoDataset,
    predictions: Mapping[int, Sequence[Detection]],
    schema: KeypointSchema,
    *,
    box_source: str = DETECTED,
    boxes_given: bool = True,
    trained_on: str = NOT_KNOWN,
    resamples: int = 0,
    seed: int = 0,
) -> Report:
    """Score predictions, by image id, on every image of a dataset; the same input gives the same report.

    Args:
        dataset, predictions, schema: what is scored, on what, as what.
        box_source: where the predictions' boxes are from, in words.
        boxes_given: without, they only serve to match, and box AP is nan.
        trained_on: what is known of the detector's training, in words.
        resamples: for 95 % intervals; 0 is none.
        seed: of the resamples.

    Raises:
        DatasetError: the dataset has another schema, or the predictions are not of exactly its images.
    """
    dataset.require_schema(schema)
    ids = {image.id for image in dataset.images}
    if ids != set(predictions):
        raise DatasetError(
            f"{dataset.source}: has {len(ids)} images, predictions are of {len(predictions)}; "
            f"{len(ids ^ set(predictions))} differ, and each must have its own (an empty list if nothing is found)"
        )
    errors = match_errors(dataset, predictions, schema)
    swaps = count_swaps(errors, schema)
    precision, curves = _precision(dataset, predictions, schema, boxes_given=boxes_given)
    rows = image_rows(dataset, errors, swaps, curves)
    return Report(
        source=str(dataset.source),
        labels=labels_digest(dataset),
        trained_on=trained_on,
        images=len(rows.ids),
        images_with_detections=sum(bool(predictions[number]) for number in rows.ids),
        instances=sum(not one.iscrowd for image in dataset.images for one in image.instances),
        keypoint_objects=int(curves["keypoints"].positives.sum()),
        schema=schema,
        area=area_definition(dataset),
        box_source=box_source,
        box=precision.get("box", NOT_GIVEN),
        keypoints=precision["keypoints"],
        uniform={sigma: precision[f"keypoints_at_sigma/{sigma}"] for sigma in UNIFORM_SIGMAS},
        pck=score_pck(errors, schema),
        nme=score_mean_error(errors),
        swaps=score_swaps(swaps),
        visibility=score_visibility(errors),
        rows=rows,
        intervals=intervals(rows, resamples, seed),
        resamples=resamples,
        seed=seed,
    )


def evaluate_weights(
    weights: Path, dataset: Path, split: str | None = None, *, resamples: int = 0, allow_leak: bool = False
) -> Report:
    """Score a weights file or run folder on a dataset folder or COCO file.

    Raises:
        WeightsError: the weights cannot be loaded.
        DatasetError: the dataset cannot be used, has no images, or shares vehicles or images with the training.
        ImageError: one of its images cannot be read.
    """
    loaded = load_model(weights)
    coco = _load_scored(dataset, split, loaded.schema)
    trained_on = check_leaks(weights, coco, allow=allow_leak)
    return evaluate_loaded(loaded, coco, progress=True, trained_on=trained_on, resamples=resamples)


def evaluate_loaded(
    loaded: LoadedModel,
    coco: CocoDataset,
    *,
    progress: bool = False,
    trained_on: str = NOT_KNOWN,
    resamples: int = 0,
) -> Report:
    """Score a model that is loaded."""
    predictions = predict_dataset(loaded, coco, progress=progress)
    return evaluate(coco, predictions, loaded.schema, trained_on=trained_on, resamples=resamples)


def predict_dataset(loaded: LoadedModel, coco: CocoDataset, *, progress: bool = False) -> dict[int, list[Detection]]:
    """The detections in all images, by image id."""
    found = iterate_images(loaded, [image.path for image in coco.images])
    shown = tqdm(found, "evaluate", len(coco.images), unit="image", mininterval=1, disable=not progress)
    return {image.id: one for image, one in zip(coco.images, shown, strict=True)}


def evaluate_results(
    results: Path, dataset: Path, schema: KeypointSchema, split: str | None = None, *, resamples: int = RESAMPLES
) -> Report:
    """Score a file of results that any tool wrote; what that tool was trained on is not known.

    Raises:
        DatasetError: the dataset or the results cannot be used, or are not of one another.
    """
    coco = _load_scored(dataset, split, schema)
    given = load_results(results, coco)
    return evaluate(
        coco,
        given.predictions,
        schema,
        box_source=given.box_source,
        boxes_given=given.boxes_given,
        resamples=resamples,
    )


def labels_digest(dataset: CocoDataset) -> str:
    """Of what is scored against: names of images, boxes, areas and keypoints; not of where the file lies."""
    digest = hashlib.sha256()
    for image in dataset.images:
        digest.update(f"{image.id} {image.file_name}\n".encode())
        for one in image.instances:
            digest.update(np.array([*one.bbox, one.area, one.iscrowd, *one.keypoints.ravel()]).astype("<f8").tobytes())
    return digest.hexdigest()[:16]


def area_definition(dataset: CocoDataset) -> str:
    """What OKS takes as an object's area: a dataset without masks often repeats the box's, about twice as much."""
    objects = [one for image in dataset.images for one in image.instances if not one.iscrowd]
    boxes = np.array([one.bbox[2] * one.bbox[3] for one in objects])
    same = bool(objects) and np.allclose([one.area for one in objects], boxes, rtol=1e-6)
    return BOX_AREA if same else LABELLED_AREA


def _load_scored(dataset: Path, split: str | None, schema: KeypointSchema) -> CocoDataset:
    coco = load_coco(dataset, split)
    coco.require_schema(schema)
    if not coco.images:
        raise DatasetError(f"{coco.source}: lists no images to score")
    return coco


def _precision(
    dataset: CocoDataset,
    predictions: Mapping[int, Sequence[Detection]],
    schema: KeypointSchema,
    *,
    boxes_given: bool,
) -> tuple[dict[str, AveragePrecision], dict[str, Matches]]:
    """Each AP by its place in the report, and the matches behind it."""
    scores = {"keypoints": average_precision(dataset, predictions, schema.sigmas, "keypoints")}
    for sigma in UNIFORM_SIGMAS:
        sigmas = np.full(len(schema), float(sigma))
        same = np.array_equal(sigmas, schema.sigmas)
        scores[f"keypoints_at_sigma/{sigma}"] = (
            scores["keypoints"] if same else average_precision(dataset, predictions, sigmas, "keypoints")
        )
    if boxes_given:
        scores["box"] = average_precision(dataset, predictions, schema.sigmas, "bbox")
    return {name: one[0] for name, one in scores.items()}, {name: one[1] for name, one in scores.items()}
