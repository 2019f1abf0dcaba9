"""The other side of bench_ultralytics.py; run by the Python of the environment that Ultralytics is in, by path.

ultralytics_side.py train   DATA_YAML MODEL_YAML SECONDS SIZE RUN      trains from random weights
ultralytics_side.py predict RUN IMAGES_JSON SIZE RESULTS_JSON          COCO's results, and ms per image
"""

import json
import statistics
import sys
import time
from pathlib import Path

import cv2
import torch
from ultralytics import YOLO

BATCH = 16
LEAST_SCORE = 0.001
MOST = 20
WARM, TIMED = 5, 60


def train(data: str, model: str, seconds: str, size: str, run: str) -> None:
    """For so many seconds; Ultralytics sets the number of epochs from the first one's time."""
    torch.set_num_threads(2)
    started = time.perf_counter()
    detector = YOLO(model, task="pose")
    where = Path(run).resolve()
    detector.train(
        data=data,
        time=float(seconds) / 3600,
        imgsz=int(size),
        batch=BATCH,
        device="cpu",
        pretrained=False,
        amp=False,
        workers=0,
        plots=False,
        seed=0,
        project=str(where.parent),
        name=where.name,
    )
    rows = (where / "results.csv").read_text().splitlines()
    told = {
        "seconds": time.perf_counter() - started,
        "epochs": len(rows) - 1,
        "parameters": sum(p.numel() for p in detector.model.parameters()),
    }
    (where / "told.json").write_text(json.dumps(told))


def predict(run: str, images: str, size: str, results: str) -> None:
    """All images for the results, and some once more for the time, from pixels to keypoints, one by one."""
    torch.set_num_threads(2)
    detector = YOLO(str(Path(run) / "weights" / "best.pt"), task="pose")
    listed = json.loads(Path(images).read_text())
    rows = []
    for image in listed["images"]:
        found = detector.predict(
            cv2.imread(image["path"]), imgsz=int(size), conf=LEAST_SCORE, max_det=MOST, device="cpu", verbose=False
        )[0]
        boxes = found.boxes.xyxy.tolist()
        for (x0, y0, x1, y1), score, points in zip(
            boxes, found.boxes.conf.tolist(), found.keypoints.data.tolist(), strict=True
        ):
            rows.append(
                {
                    "image_id": image["id"],
                    "category_id": listed["category_id"],
                    "bbox": [x0, y0, x1 - x0, y1 - y0],
                    "score": score,
                    "keypoints": [number for point in points for number in point],
                }
            )
    pixels = [cv2.imread(image["path"]) for image in listed["images"][: TIMED + WARM]]
    took = []
    for number in range(TIMED + WARM):
        begun = time.perf_counter()
        detector.predict(pixels[number % len(pixels)], imgsz=int(size), device="cpu", verbose=False)
        took.append(1000 * (time.perf_counter() - begun))
    Path(results).write_text(json.dumps(rows))
    Path(results).with_suffix(".told.json").write_text(json.dumps({"ms": statistics.median(took[WARM:])}))


if __name__ == "__main__":
    {"train": train, "predict": predict}[sys.argv[1]](*sys.argv[2:])
