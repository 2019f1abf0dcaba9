"""Other vehicles around a target: drawn from their own streams, next to each other, and out of its way."""

from itertools import combinations

import numpy as np
import pytest

from pipeline.annotate import annotate
from pipeline.camera import Camera, intrinsics_from_lens, look_at
from pipeline.errors import SpecError
from pipeline.keep_in_sight import others_to_keep
from pipeline.keypoints import KeypointSchema
from pipeline.place_traffic import Footprint, footprint_of, place_traffic
from pipeline.plan import plan_shot
from pipeline.spec import DatasetSpec, load_spec
from pipeline.traffic_spec import TrafficSpec
from pipeline.vehicle import LabelledMesh
from pipeline.visibility import PosedVehicle, view_scene

CAR = Footprint(np.array([-2.3, -0.95]), np.array([2.2, 0.95]))
CAMERA = Camera(200, 120, intrinsics_from_lens(200, 120, 30), look_at([8, 5, 2], [0, 0, 0.9]))


def spec_with(**traffic: object) -> DatasetSpec:
    spec = load_spec("demo")
    return spec.model_copy(update={"traffic": TrafficSpec.model_validate(traffic)})


def test_traffic_changes_nothing_else_of_a_shot():
    plain, busy = load_spec("demo"), spec_with(arrangement="street", vehicles=4)
    for index in range(6):
        one, other = plan_shot(plain, index), plan_shot(busy, index)
        assert one.traffic == ()
        assert len(other.traffic) == 4
        assert other.model_copy(update={"traffic": ()}) == one


def test_shots_of_one_target_share_their_vehicles_but_not_where_they_stand():
    spec = spec_with(arrangement="parking", vehicles=3)
    first, second = plan_shot(spec, 0), plan_shot(spec, 1)
    assert first.vehicle == second.vehicle
    assert [draw.id for draw in first.traffic] == [draw.id for draw in second.traffic]
    assert [draw.offset_m for draw in first.traffic] != [draw.offset_m for draw in second.traffic]
    other = plan_shot(spec, spec.vehicles.views_per_vehicle)
    assert not {draw.id for draw in first.traffic} & {draw.id for draw in other.traffic}


@pytest.mark.parametrize("arrangement", ["parking", "street", "scattered"])
def test_vehicles_never_stand_in_each_other(arrangement: str):
    spec = spec_with(arrangement=arrangement, vehicles=6, gap_m=0.6)
    for index in range(25):
        draws = plan_shot(spec, index).traffic
        poses = place_traffic(CAR, [(draw, CAR) for draw in draws])
        boxes = [CAR]
        for draw, pose in zip(draws, poses, strict=True):
            np.testing.assert_allclose(pose[:3, :3] @ pose[:3, :3].T, np.eye(3), atol=1e-12)
            box = CAR.turned(np.radians(draw.turn_deg))
            boxes.append(Footprint(box.low + pose[:2, 3], box.high + pose[:2, 3]))
        for one, other in combinations(boxes, 2):
            apart = np.maximum(one.low - other.high, other.low - one.high).max()
            assert apart >= 0.6 - 1e-9


def test_a_parking_row_is_side_by_side():
    spec = spec_with(arrangement="parking", vehicles=2, gap_m=0.8)
    for index in range(10):
        for pose in place_traffic(CAR, [(draw, CAR) for draw in plan_shot(spec, index).traffic]):
            assert abs(pose[0, 3]) < 1.0
            assert 2.5 < abs(pose[1, 3]) < 6.5


def test_one_that_hides_the_target_goes(box_car: LabelledMesh):
    target = PosedVehicle(box_car, np.eye(4))
    hiding, aside = np.eye(4), np.eye(4)
    hiding[:3, 3], aside[:3, 3] = [4.0, 2.5, 0.0], [-6.0, 3.0, 0.0]
    others = [PosedVehicle(box_car, hiding), PosedVehicle(box_car, aside)]
    assert others_to_keep(CAMERA, target, others, 0.6) == [1]
    assert others_to_keep(CAMERA, target, others, 0.01) == [0, 1]
    assert others_to_keep(CAMERA, target, [], 0.6) == []


def test_of_the_others_what_is_hardly_seen_is_crowd(schema: KeypointSchema, box_car: LabelledMesh):
    behind = np.eye(4)
    behind[:3, 3] = [-3.0, -1.6, 0.0]
    view = view_scene(CAMERA, (PosedVehicle(box_car, np.eye(4)), PosedVehicle(box_car, behind)))
    target, other = annotate(view, schema, crowd_below=0.0)
    assert (target["iscrowd"], other["iscrowd"]) == (0, 0)
    assert 0 < other["visible_fraction"] < 1
    target, other = annotate(view, schema, crowd_below=1.0)
    assert (target["iscrowd"], other["iscrowd"]) == (0, 1)


def test_the_footprint_is_that_of_the_mesh(box_car: LabelledMesh):
    box = footprint_of(box_car.vertices)
    np.testing.assert_allclose(box.high - box.low, box_car.extent_m[:2])
    quarter = box.turned(np.pi / 2)
    np.testing.assert_allclose(quarter.high - quarter.low, (box.high - box.low)[::-1])


def test_what_a_spec_may_not_say():
    with pytest.raises(ValueError, match="arrangement"):
        TrafficSpec(arrangement="jam")
    with pytest.raises((ValueError, SpecError), match="vehicles"):
        TrafficSpec(vehicles=30)
