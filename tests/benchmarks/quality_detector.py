"""What a detector scores on real photos by the quality its images were rendered at.

    python -m tests.benchmarks.quality_detector REAL -o out/quality [--images 160] [--size 160] [--epochs 24]

The `photos` spec, with `render: {quality: ...}` and nothing else changed: the same vehicles, places and labels. What is
done is kept, so an interrupted run goes on.
"""

import argparse
import json
from pathlib import Path
from typing import get_args

from pipeline.render_spec import Quality
from pipeline.spec import DatasetSpec, load_spec
from tests.benchmarks.ablation import SCORE, SCORES, train_and_score

QUALITIES: tuple[Quality, ...] = get_args(Quality)


def quality_spec(quality: str, seed: int, images: int, size: int) -> DatasetSpec:
    """The photos spec, small, at a quality."""
    content = load_spec("photos").model_dump(mode="json", exclude_unset=True)
    content |= {"name": f"photos-{quality}", "seed": seed, "images": images, "render": {"quality": quality}}
    content["image"] |= {"width": size, "height": size}
    return DatasetSpec.model_validate(content)


def main() -> None:
    """Run what is not done, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("real", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--images", type=int, default=160)
    parser.add_argument("--size", type=int, default=160)
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--seeds", type=int, default=1)
    given = parser.parse_args()
    rows = ["| quality | seed | " + " | ".join(SCORES) + " |", "|---|---|" + "---|" * len(SCORES)]
    for seed in range(1, given.seeds + 1):
        for quality in QUALITIES:
            folder = given.out / quality / str(seed)
            if not (folder / SCORE).is_file():
                spec = quality_spec(quality, seed, given.images, given.size)
                train_and_score(spec, seed, given.real, folder, given.epochs)
            report = json.loads((folder / SCORE).read_text(encoding="utf-8"))
            cells = [f"{report[group][key]:.3f}" for group, key in SCORES.values()]
            rows.append(f"| {quality} | {seed} | " + " | ".join(cells) + " |")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
