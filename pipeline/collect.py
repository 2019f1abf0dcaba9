"""From the records of the shots to the dataset's COCO files: annotations.json and one for each split."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.coco import SPLITS
from pipeline.files import write_json_atomic
from pipeline.keypoints import KeypointSchema
from pipeline.limits_spec import rejection_counts
from pipeline.record import read_record
from pipeline.spec import DatasetSpec


@dataclass(frozen=True)
class Collected:
    """What a dataset holds: images per split, how many were drawn again, and which limits made that so how often."""

    per_split: dict[str, int]
    drawn_again: int
    rejections: dict[str, int]


def collect_annotations(dataset: Path, spec: DatasetSpec, schema: KeypointSchema) -> Collected:
    """Write annotations.json and SPLIT.json from the shots' records.

    Image ids are shot index + 1, annotation ids count in order of image: the same however the shots were rendered.
    Of an image with a map of instances, `instance_ids` says which annotation has the values 1, 2 and so on.

    Raises:
        DatasetError: a record is missing or damaged.
    """
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    judged: list[dict[str, Any]] = []
    for index in range(spec.images):
        record = read_record(dataset, index)
        judged += [{key: record[key] for key in ("rejected", "breaks") if key in record}]
        image = {"id": index + 1, **record["image"]}
        own = [
            {"id": number, "image_id": index + 1, **annotation}
            for number, annotation in enumerate(record["annotations"], len(annotations) + 1)
        ]
        if "instances" in image.get("maps", ()):
            image["instance_ids"] = [annotation["id"] for annotation in own]
        images.append(image)
        annotations += own
    write_json_atomic(dataset / "annotations.json", coco_file(spec, schema, images, annotations))
    counts = {}
    for split in SPLITS:
        chosen = [image for image in images if image["split"] == split]
        ids = {image["id"] for image in chosen}
        own = [annotation for annotation in annotations if annotation["image_id"] in ids]
        write_json_atomic(dataset / f"{split}.json", coco_file(spec, schema, chosen, own))
        counts[split] = len(chosen)
    return Collected(counts, sum("rejected" in one for one in judged), rejection_counts(judged))


def coco_file(
    spec: DatasetSpec,
    schema: KeypointSchema,
    images: list[dict[str, Any]],
    annotations: list[dict[str, Any]],
) -> dict[str, Any]:
    """The COCO object; the category carries the schema's sigmas and flip pairs beside COCO's own fields."""
    return {
        "info": {"description": f"{spec.name}: rendered vehicles with semantic keypoints, made by akd", "version": "1"},
        "licenses": [],
        "categories": [
            {
                "id": 1,
                "name": "vehicle",
                "supercategory": "vehicle",
                "keypoints": list(schema.names),
                "skeleton": [[a + 1, b + 1] for a, b in schema.skeleton_index],
                "sigmas": schema.sigmas.tolist(),
                "flip_pairs": [list(pair) for pair in schema.flip],
            }
        ],
        "images": images,
        "annotations": annotations,
    }
