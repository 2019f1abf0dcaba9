"""`akd predict` on a video: the same files as for images, a frame for an image, and the video with what was found."""

from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from pipeline.draw import draw_instances
from pipeline.errors import AkdError, ImageError
from pipeline.images import Image
from training.checkpoint import LoadedModel, load_model
from training.predict import predict_arrays
from training.predict_folder import drawn, refuse_filled, row, write_predictions

SUFFIXES = (".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v")
USUAL_RATE = 25.0


def is_video(path: Path) -> bool:
    """By its name."""
    return path.suffix.lower() in SUFFIXES


def predict_video(weights: Path, video: Path, out: Path) -> Path:
    """Write predictions.json, results.json and video.mp4 into `out`; returns the first.

    Frames are images of the COCO file: id from 1, `file_name` VIDEO/000000, `time_s` since the beginning.

    Raises:
        WeightsError: the weights cannot be loaded.
        ImageError: the video is missing or cannot be read.
        AkdError: `out` is there and not empty, or no video can be written on this machine.
    """
    refuse_filled(out)
    loaded = load_model(weights)
    reader = _opened(video)
    part = out.with_name(f".{out.name}.part")
    rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        _predict(loaded, reader, video, part)
        if out.is_dir():
            out.rmdir()  # it is empty
        part.rename(out)
    finally:
        reader.release()
        rmtree(part, ignore_errors=True)
    return out / "predictions.json"


def _opened(video: Path) -> cv2.VideoCapture:
    if not video.is_file():
        raise ImageError(f"{video}: no such video")
    reader = cv2.VideoCapture(str(video))
    if not reader.isOpened():
        raise ImageError(f"{video}: is not a video that OpenCV can read")
    return reader


def _predict(loaded: LoadedModel, reader: cv2.VideoCapture, video: Path, out: Path) -> None:
    rate = reader.get(cv2.CAP_PROP_FPS) or USUAL_RATE
    total = int(reader.get(cv2.CAP_PROP_FRAME_COUNT))
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    writer: cv2.VideoWriter | None = None
    try:
        for number, frame in enumerate(
            tqdm(_frames(reader), "predict", total if total > 0 else None, unit="frame", mininterval=1)
        ):
            height, width = frame.shape[:2]
            found = predict_arrays(loaded, [frame])[0]
            name = f"{video.stem}/{number:06d}"
            size = {"width": width, "height": height}
            images.append({"id": number + 1, "file_name": name, **size, "time_s": round(number / rate, 4)})
            annotations += [row(one, number + 1, len(annotations) + n) for n, one in enumerate(found, 1)]
            shown = draw_instances(frame, drawn(found), loaded.schema)
            writer = writer or _writer(
                out / "video.mp4", rate, shown.shape[1], shown.shape[0]
            )  # small ones are drawn larger
            writer.write(cv2.cvtColor(shown, cv2.COLOR_RGB2BGR))
    finally:
        if writer:
            writer.release()
    if not images:
        raise ImageError(f"{video}: has no frame that can be read")
    write_predictions(out, loaded.schema, images, annotations)


def _frames(reader: cv2.VideoCapture) -> Iterator[Image]:
    """RGB uint8 (H, W, 3), one by one."""
    while True:
        there, frame = reader.read()
        if not there:
            return
        yield np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _writer(path: Path, rate: float, width: int, height: int) -> cv2.VideoWriter:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), rate, (width, height))
    if not writer.isOpened():
        raise AkdError(f"{path}: this OpenCV writes no MP4")
    return writer
