"""The verbs of the command line that use a detector on images, and hand it on as one file."""

import argparse
from collections.abc import Callable
from pathlib import Path

from pipeline.arguments import refuse_existing

Verb = Callable[..., argparse.ArgumentParser]


def add_predict_verbs(verb: Verb) -> None:
    """`akd predict` and `akd pack`."""
    predict = verb(
        "predict", _predict, "find keypoints in images", "akd predict runs/nano photo.jpg -o out/predictions"
    )
    predict.add_argument("weights", type=Path, help="run folder or weights file")
    predict.add_argument("images", type=Path, nargs="+", help="image files or folders, one dataset, or one video")
    predict.add_argument("-o", "--out", type=Path, required=True, help="new folder for predictions.json and pictures")
    predict.add_argument("--split", choices=("train", "val", "test"), help="of a dataset, only this split")

    pack = verb("pack", _pack, "a detector as one small file, to hand on", "akd pack runs/nano -o nano.pt")
    pack.add_argument("weights", type=Path, nargs="+", help="run folder or weights file; of several, their mean")
    pack.add_argument("-o", "--out", type=Path, required=True, help="new file; NAME.onnx: for onnxruntime")


def _predict(arguments: argparse.Namespace) -> None:
    from training.predict import predict_to_folder
    from training.predict_video import is_video, predict_video

    if len(arguments.images) == 1 and is_video(arguments.images[0]):
        print(f"wrote {predict_video(arguments.weights, arguments.images[0], arguments.out)}")
        return
    written = predict_to_folder(arguments.weights, arguments.images, arguments.out, split=arguments.split)
    print(f"wrote {written}")


def _pack(arguments: argparse.Namespace) -> None:
    from training.onnx_file import SUFFIX, write_onnx
    from training.pack import mean_of, pack

    refuse_existing(arguments.out)
    if arguments.out.suffix == SUFFIX:
        write_onnx(mean_of(arguments.weights), arguments.out)
    else:
        pack(arguments.weights, arguments.out)
    print(f"wrote {arguments.out}: {arguments.out.stat().st_size / 1e6:.1f} MB")
