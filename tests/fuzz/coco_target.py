"""COCO keypoint files: loaded, checked, and planned to be exported."""

import json
from pathlib import Path

from pipeline.check import check_dataset
from pipeline.coco import load_coco
from pipeline.export_job import plan_export
from pipeline.keypoints import KeypointSchema, load_schema
from pipeline.report_content import report_content
from tests.fuzz.target import Target
from tests.pipeline.coco_files import content, write

COUNT = 6
EXTRA = {
    "segmentation": [[10, 8, 40, 8, 40, 28, 10, 28]],
    "keypoint_reasons": ["seen", "self"],
    "pose": {"rotation": [[1, 0, 0], [0, 1, 0], [0, 0, 1]], "translation_m": [0.1, 0.2, 5.0]},
}
RLE = {"size": [40, 60], "counts": [100, 200, 2100]}


def _small() -> KeypointSchema:
    whole = load_schema("vehicle20")
    names = whole.names[:COUNT]
    pairs = [pair for pair in whole.flip if set(pair) <= set(names)]
    return KeypointSchema(name="few", keypoints=whole.keypoints[:COUNT], flip=tuple(pairs))


def _files(folder: Path) -> list[bytes]:
    """Of few keypoints, so that an input is short; the images that they list lie in `folder`."""
    value = content(_small(), 1, 3)
    write(folder, "annotations.json", value)
    for annotation in value["annotations"]:
        annotation |= {"category_id": 1, "num_keypoints": COUNT, **EXTRA}
    packed = json.loads(json.dumps(value))
    packed["annotations"][0]["segmentation"] = RLE
    packed["images"][0] |= {"split": "train", "azimuth_deg": 3.5}
    bare = {key: value[key] for key in ("images", "annotations", "categories")}
    bare["annotations"] = bare["annotations"][:1]
    return [json.dumps(one).encode() for one in (value, packed, bare)]


def _feed(data: bytes, folder: Path) -> None:
    file = folder / "annotations.json"
    file.write_bytes(data)
    check_dataset(file)  # raises nothing, whatever it finds
    load_coco(file)
    report_content(file, folder / "report.html")
    plan_export(file)


COCO = Target(_files, _feed)
