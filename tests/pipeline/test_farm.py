from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import parse_config
from pipeline.farm import IMAGES_PER_WORKER, chunk_shots
from pipeline.plan import plan_dataset
from pipeline.spec import DatasetSpec


def shots(images: int, views: int) -> Any:
    spec = {"name": "a", "images": images, "vehicles": {"views_per_vehicle": views, "sources": [{"parametric": "suv"}]}}
    return plan_dataset(parse_config(spec, DatasetSpec, "test"))


@given(st.integers(1, 150), st.integers(1, 40), st.integers(1, 4))
def test_every_shot_is_in_one_chunk_and_vehicles_stay_together(images: int, views: int, workers: int):
    plan = shots(images, views)
    chunks = chunk_shots(plan, workers)
    assert sorted(index for chunk in chunks for index in chunk) == list(range(images))
    assert max(map(len, chunks)) <= IMAGES_PER_WORKER
    whole = [chunk for chunk in chunks if len(chunk) % views == 0]
    if views <= IMAGES_PER_WORKER // 2 and images % views == 0 and -(-images // workers) >= views:
        assert whole == chunks, "a vehicle is built once"


def test_work_is_spread_over_the_workers():
    assert len(chunk_shots(shots(12, 3), 2)) == 2
    assert len(chunk_shots(shots(12, 12), 2)) == 2, "one vehicle's views are shared out when nothing else is there"
