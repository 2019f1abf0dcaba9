"""`akd demo`: the whole loop on the embedded defaults, as commands that anybody can type.

Each stage is a process of its own that reads the last one's files. What is finished is kept in commands.json, so that
a demo that was interrupted goes on where it was, and a finished one only writes its page again.
"""

import json
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.coco import is_dataset, load_coco
from pipeline.demo_page import write_page
from pipeline.errors import AkdError
from pipeline.files import write_json_atomic
from pipeline.image_files import image_files

ROOT = Path(__file__).resolve().parent.parent
LOG = "commands.json"
QUERIES = 4


@dataclass(frozen=True)
class Step:
    """One command of the loop.

    Attributes:
        title: what it is for, in a few words.
        arguments: of `akd`.
        output: the file or folder that it makes, or None.
        resumable: whether the command goes on from a partial output; else that is removed first.
    """

    title: str
    arguments: tuple[str, ...]
    output: Path | None = None
    resumable: bool = False

    @property
    def command(self) -> str:
        """The command as one would type it."""
        return shlex.join(["akd", *self.arguments])


@dataclass(frozen=True)
class Finished:
    """A step that has been run, and how long it took."""

    title: str
    command: str
    seconds: float


@dataclass(frozen=True)
class DemoOptions:
    """What may be asked of a demo, apart from where it goes; None leaves it to the defaults."""

    real: Path | None = None
    workers: int | None = None
    images: int | None = None
    epochs: int | None = None


def run_demo(out: Path, options: DemoOptions) -> Path:
    """Run what is not done yet; returns the page.

    Raises:
        AkdError: the folder is not a demo's, `real` holds no images, or a command fails.
    """
    finished = _begin(out)
    photos = _photos(options.real) if options.real else []
    for step in _first_steps(out, options):
        _run(step, out, finished)
    for step in _photo_steps(out, options.real, photos):
        _run(step, out, finished)
    for step in _retrieval_steps(out, photos):
        _run(step, out, finished)
    return write_page(out, [asdict(step) for step in finished], has_real=bool(options.real))


def _begin(out: Path) -> list[Finished]:
    log = out / LOG
    if log.is_file():
        return [Finished(**entry) for entry in json.loads(log.read_text(encoding="utf-8"))]
    if out.exists() and any(out.iterdir()):
        raise AkdError(f"{out}: is not empty and holds no demo; give another folder with -o")
    write_json_atomic(log, [])
    return []


def _photos(real: Path) -> list[Path]:
    """A few of the user's images, spread over all of them."""
    images = image_files([real])
    return images[:: max(1, len(images) // 12)][:12]


def _first_steps(out: Path, options: DemoOptions) -> Iterator[Step]:
    dataset, run = str(out / "dataset"), str(out / "run")
    size = _option("--images", options.images)
    how = (*size, *_option("--workers", options.workers))
    yield Step("What will be rendered", ("plan", "demo", *size))
    yield Step("Render the dataset", ("generate", "demo", "-o", dataset, *how), out / "dataset", resumable=True)
    yield Step("Check every label", ("check", dataset))
    again = ("--resume",) if (out / "run").exists() else ()
    training = ("train", "akd-nano", "-d", dataset, "-o", run, *_option("--epochs", options.epochs), *again)
    yield Step("Train a detector", training, out / "run", resumable=True)
    score = out / "evaluation.json"
    yield Step(
        "Score it on vehicles it never saw",
        ("evaluate", run, "-d", dataset, "--split", "test", "--json", str(score)),
        score,
    )
    found = out / "predictions"
    yield Step("Predict on those vehicles", ("predict", run, dataset, "--split", "test", "-o", str(found)), found)


def _option(name: str, value: int | None) -> tuple[str, ...]:
    return () if value is None else (name, str(value))


def _photo_steps(out: Path, real: Path | None, photos: list[Path]) -> Iterator[Step]:
    if real is None:
        return
    run, found = str(out / "run"), out / "predictions_real"
    yield Step("Predict on real photos", ("predict", run, *map(str, photos), "-o", str(found)), found)
    if is_dataset(real):
        score = out / "evaluation_real.json"
        yield Step("Measure the fall on real photos", ("evaluate", run, "-d", str(real), "--json", str(score)), score)


def _retrieval_steps(out: Path, photos: list[Path]) -> Iterator[Step]:
    index, matches, results = out / "index", out / "matches", out / "matches.json"
    yield Step(
        "Index the rendered images",
        ("index", str(out / "run"), str(out / "dataset"), "--split", "train", "-o", str(index)),
        index,
    )
    queries = [image.path for image in load_coco(out / "dataset", "test").images]
    chosen = [*queries[:: max(1, len(queries) // QUERIES)][:QUERIES], *photos[:QUERIES]]
    yield Step(
        "Find the rendered images most like these",
        ("retrieve", str(index), *map(str, chosen), "-k", "5", "-o", str(matches), "--json", str(results)),
        matches,
    )


def _run(step: Step, out: Path, finished: list[Finished]) -> None:
    """Run one step unless it is done; its own progress goes to the terminal."""
    if any(done.title == step.title for done in finished):
        return
    if step.output and not step.resumable:
        _remove(step.output)  # of a demo that was stopped in the middle of this step
    print(f"\n{step.title}\n$ {step.command}", flush=True)
    begin = time.monotonic()
    code = subprocess.run([sys.executable, str(ROOT / "akd.py"), *step.arguments], check=False).returncode
    if code != 0:
        raise AkdError(f"demo: {step.command!r} ended with exit code {code}; mend that, and run the demo again")
    command = step.command.removesuffix(" --resume")
    finished.append(Finished(step.title, command, round(time.monotonic() - begin, 1)))
    write_json_atomic(out / LOG, [asdict(done) for done in finished], indent=2)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
