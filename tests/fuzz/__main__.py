"""Coverage-guided fuzzing: python -m tests.fuzz coco --runs 100000. Needs `pip install atheris`; nothing else does.

What is no AkdError is written to FINDINGS/TARGET-N.txt with its input beside it, once for each place it comes from; the
run goes on. An input that takes longer than 20 s or 3 GB ends the run, and libFuzzer writes it down.
"""

import argparse
import logging
import sys
import tempfile
import traceback
import warnings
from pathlib import Path

import atheris

from pipeline.errors import AkdError

MEMORY = "/dev/shm"
"""Where files are in memory: a hundred thousand inputs are written."""


def main() -> None:
    """Fuzz one target."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=("spec", "sidecar", "coco", "index"))
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--findings", type=Path, default=Path("out/fuzz"))
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable()

    import retrieval.clusters
    import retrieval.kernels  # noqa: F401  # numba compiles bytecode, and not what the fuzzer makes of it

    with atheris.instrument_imports(include=["pipeline", "retrieval"]):
        from tests.fuzz.targets import TARGETS
    from tests.fuzz.mutate import mutated

    target = TARGETS[arguments.target]
    folder = Path(tempfile.mkdtemp(prefix="akd-fuzz-", dir=MEMORY if Path(MEMORY).is_dir() else None))
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, data in enumerate(target.seeds(folder)):
        (corpus / f"{number:03d}").write_bytes(data)
    findings = Findings(arguments.target, arguments.findings, arguments.runs)

    def feed(data: bytes) -> None:
        try:
            target.feed(data, folder)
        except AkdError as error:
            findings.ours += 1
            if not str(error).strip() or "\n" in str(error):
                findings.add(data, error)
        except Exception as error:  # noqa: BLE001  # that is what is looked for
            findings.add(data, error)
        findings.count()

    def mutate(data: bytes, max_size: int, seed: int) -> bytes:
        return atheris.Mutate(data, max_size) if seed % 3 == 0 else mutated(data, seed)[:max_size]

    options = ["-max_len=4000", "-timeout=20", "-rss_limit_mb=3000", f"-seed={arguments.seed}", "-verbosity=0"]
    options += [f"-runs={arguments.runs}", f"-artifact_prefix={arguments.findings}/", str(corpus)]
    atheris.Setup([sys.argv[0], *options], feed, custom_mutator=mutate)
    atheris.Fuzz()


class Findings:
    """What came out that should not, one file per place in the code."""

    def __init__(self, target: str, folder: Path, runs: int) -> None:
        self._target, self._folder, self._runs = target, folder, runs
        self._seen: set[str] = set()
        self._done = self.ours = 0
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, data: bytes, error: Exception) -> None:
        """Keep an input, unless one like it is there."""
        last = traceback.extract_tb(error.__traceback__)[-1]
        key = f"{type(error).__name__} {last.filename}:{last.lineno}"
        if key in self._seen:
            return
        self._seen.add(key)
        name = f"{self._target}-{len(self._seen)}"
        (self._folder / f"{name}.input").write_bytes(data)
        (self._folder / f"{name}.txt").write_text("".join(traceback.format_exception(error)), errors="replace")
        print(f"{name}: {key}: {str(error)[:200]!r}", flush=True)

    def count(self) -> None:
        """One more input was read; says so now and then, and at the end."""
        self._done += 1
        if self._done % 1000 == 0 or self._done == self._runs:
            said = f"{self.ours} refused by an AkdError, {len(self._seen)} places where anything else came out"
            print(f"{self._target}: {self._done} inputs, {said}", flush=True)


if __name__ == "__main__":
    main()
