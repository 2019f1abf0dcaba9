"""A part of a dataset that a machine of its own renders: every N-th vehicle."""

import re
from dataclasses import dataclass

from pipeline.errors import SpecError


@dataclass(frozen=True)
class Shard:
    """Part `number` of `count`, counted from 1."""

    number: int
    count: int

    @property
    def stem(self) -> str:
        """As it stands in file names."""
        return f"{self.number}-of-{self.count}"

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def of(self, images: int, views_per_vehicle: int) -> list[int]:
        """Its shots' indices: whole vehicles, so that none is built twice, dealt out in turn."""
        return [index for index in range(images) if index // views_per_vehicle % self.count == self.number - 1]


def parse_shard(text: str) -> Shard:
    """A shard as it is said on the command line, "3/16".

    Raises:
        SpecError: it is not two whole numbers I/N with 1 <= I <= N.
    """
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise SpecError(f"--shard {text}: must be I/N with whole numbers 1 <= I <= N, as 1/16 to 16/16")
    return Shard(int(found[1]), int(found[2]))
