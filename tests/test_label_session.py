"""Labels being set on a model: picking, mirroring, undoing, and a label file that is never damaged."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh

from pipeline.errors import ModelError
from pipeline.keypoints import KeypointSchema
from pipeline.label_file import read_label_file, schema_reference, sidecar_text
from pipeline.label_session import LabelSession
from pipeline.label_surface import LabelSurface
from pipeline.model_mesh import ModelMesh
from pipeline.open_model import OpenModel
from pipeline.resolve import resolve_labels
from pipeline.sidecar import load_sidecar
from tests.conftest import box
from tests.label_models import BODY, box_model, point, start

AHEAD = np.array([0, 0, 1.0])


@pytest.fixture
def model(tmp_path: Path) -> OpenModel:
    return box_model(tmp_path / "car.obj")


@pytest.fixture
def session(model: OpenModel, schema: KeypointSchema) -> LabelSession:
    return start(model, schema)


def test_a_ray_meets_the_surface_that_is_nearest_to_its_start(session: LabelSession):
    hit = session.pick(np.array([7.0, 90.0, 900.0]), -AHEAD)
    assert hit is not None
    np.testing.assert_allclose(hit, [7.0, 90.0, 230.0])
    assert session.pick(np.array([7.0, 900.0, 900.0]), -AHEAD) is None
    assert session.pick(np.array([7.0, 90.0, 900.0]), AHEAD) is None, "behind the camera"


def test_picking_and_snapping_agree_with_trimesh_and_are_fast_enough_to_click():
    ball = trimesh.creation.icosphere(subdivisions=7)
    surface = LabelSurface(ModelMesh.from_objects({"ball": (np.array(ball.vertices), np.array(ball.faces))}))
    assert len(ball.faces) > 320_000
    began = time.perf_counter()
    hit = surface.pick(np.array([5.0, 0.1, 0.2]), np.array([-1.0, 0.0, 0.0]))
    near = surface.nearest(np.array([1.1, 0.4, 0.2]))
    assert time.perf_counter() - began < 2.0, "0.06 s when nothing else runs"
    np.testing.assert_allclose(hit, [np.sqrt(0.95), 0.1, 0.2], atol=1e-4)
    every = trimesh.triangles.closest_point(ball.triangles, np.broadcast_to([1.1, 0.4, 0.2], (len(ball.faces), 3)))
    best = np.argmin(np.linalg.norm(every - [1.1, 0.4, 0.2], axis=1))
    np.testing.assert_allclose(near, every[best], atol=1e-12)


def test_the_other_side_follows_across_the_vehicles_middle(session: LabelSession):
    said = session.place("door_FL", np.array([100.0, 80.0, 30.0]))
    np.testing.assert_allclose(point(session, "door_FR"), [-80.0, 80.0, 30.0], atol=1e-6)
    assert (session.status("door_FL"), session.status("door_FR")) == ("set by hand", "mirrored")
    assert "door_FR mirrored" in said


def test_the_other_side_stays_where_a_person_put_it(session: LabelSession):
    session.place("door_FR", np.array([-80.0, 70.0, 20.0]))
    session.place("door_FL", np.array([100.0, 80.0, 30.0]))
    assert session.status("door_FL") == "set by hand"
    before = point(session, "door_FL")
    said = session.place("door_FR", np.array([-80.0, 60.0, 10.0]))
    np.testing.assert_array_equal(point(session, "door_FL"), before)
    assert "door_FL stays" in said


def test_without_mirroring_one_side_is_set(session: LabelSession):
    session.mirror = False
    session.place("door_FL", np.array([100.0, 80.0, 30.0]))
    assert session.status("door_FR") == "missing"


def test_nothing_is_mirrored_to_where_there_is_no_surface(model: OpenModel, schema: KeypointSchema):
    objects = {"body": box(*BODY), "mirror": box((90.0, 180.0, 50.0), (100.0, 190.0, 60.0))}
    mesh = ModelMesh.from_objects(objects)
    session = start(replace(model, mesh=mesh), schema)
    said = session.place("mirror_LEFT", np.array([95.0, 185.0, 60.0]))
    assert session.status("mirror_RIGHT") == "missing"
    assert "mirror_RIGHT not" in said


def test_plates_have_a_front_and_a_rear_place(session: LabelSession):
    session.place("license_plate", np.array([10.0, 50.0, -210.0]))
    assert "license_plate" in session.missing()
    assert session.next_missing("license_plate") == "license_plate"
    session.place("license_plate", np.array([10.0, 60.0, 230.0]))
    assert "license_plate" not in session.missing()
    session.place("license_plate", np.array([10.0, 70.0, 230.0]))
    assert [spot.point for spot in session.spots("license_plate")] == [(10.0, 70.0, 230.0), (10.0, 50.0, -210.0)]


def test_next_is_the_first_that_is_missing_after_this_one(session: LabelSession, schema: KeypointSchema):
    assert session.missing() == schema.names
    session.place("door_FL", np.array([100.0, 80.0, 30.0]))
    assert session.next_missing("door_FL") == "door_RL"
    assert session.next_missing("roof") == "roof"
    session.place("roof", np.array([10.0, 150.0, 0.0]))
    assert session.next_missing("roof") == schema.names[0]


def test_every_step_can_be_taken_back_and_again(session: LabelSession):
    states = [session.state]
    session.place("roof", np.array([10.0, 150.0, 0.0]))
    states.append(session.state)
    session.place("door_FL", np.array([100.0, 80.0, 30.0]))
    states.append(session.state)
    session.remove("roof")
    states.append(session.state)
    for state in states[-2::-1]:
        session.undo()
        assert session.state == state
    assert not session.can_undo
    for state in states[1:]:
        session.redo()
        assert session.state == state
    session.undo()
    session.place("roof", np.array([10.0, 150.0, 9.0]))
    assert not session.can_redo, "a new step ends what could be redone"


def test_points_go_to_the_surface_or_to_a_vertex(session: LabelSession):
    session.place("roof", np.array([20.0, 155.0, 30.0]))
    np.testing.assert_allclose(point(session, "roof"), [20.0, 150.0, 30.0], atol=1e-6)
    session.snap_to_vertex = True
    session.place("roof", np.array([90.0, 155.0, 220.0]))
    np.testing.assert_allclose(point(session, "roof"), [100.0, 150.0, 230.0], atol=1e-6)


def test_saved_labels_are_a_sound_file_that_resolves_and_reads_back(
    session: LabelSession, model: OpenModel, schema: KeypointSchema
):
    for name, at in {"wheel_FL": (100, 30, 130), "wheel_RL": (100, 30, -130), "roof": (10, 150, 5)}.items():
        session.place(name, np.array(at, float))
    assert session.unsaved
    assert "5 keypoints" in session.save()
    assert not session.unsaved
    sidecar = load_sidecar(session.file.path)
    assert (sidecar.up, sidecar.forward, sidecar.unit, sidecar.keypoints) == ("+Y", "+Z", 0.01, "vehicle20")
    vehicle, report = resolve_labels(model.mesh, sidecar, schema, "car")
    np.testing.assert_allclose(vehicle.place_positions("wheel_FL"), [[1.3, 0.9, 0.1]], atol=1e-6)
    assert report.worst[1] < 1e-6
    again = start(model, schema)
    np.testing.assert_allclose(point(again, "roof"), point(session, "roof"))
    assert again.status("roof") == "from file"
    assert not again.unsaved


WRITTEN = """\
# a comment, which is not kept
keypoints: vehicle20
up: +Y
forward: +Z
unit: cm
ground: 19.5
max_snap_m: 0.2
source: "https://example.org: a car"
licence: CC0-1.0
labels:
  roof: {at: [[10, 149, 5], [10, 149, 7]]}
  wheel_FL: {vertices: [1, 3], object: antenna}
  license_plate: [{at: [10, 50, 229], object: body}, {vertices: [0]}]
own_parts: {wheel_FL: ["ant*"]}
asymmetric: [door_FL]
"""


def test_what_is_not_touched_survives_a_save_unharmed(model: OpenModel, schema: KeypointSchema):
    path = model.path.with_suffix(".keypoints.yaml")
    path.write_text(WRITTEN)
    before = load_sidecar(path)
    session = start(model, schema)
    session.save()
    assert load_sidecar(path).model_dump() == before.model_dump()
    session.place("bumper_FRONT", np.array([10.0, 40.0, 230.0]))
    session.place("license_plate", np.array([12.0, 50.0, 230.0]))
    session.save()
    after = load_sidecar(path)
    assert after.model_dump(exclude={"labels"}) == before.model_dump(exclude={"labels"})
    assert after.labels["wheel_FL"] == before.labels["wheel_FL"]
    assert after.labels["license_plate"][1] == before.labels["license_plate"][1]
    assert after.labels["license_plate"][0].at == ((12.0, 50.0, 230.0),)
    assert "at: [12.0, 50.0, 230.0]" in sidecar_text(after), "one point as people write it"


def test_labels_of_the_file_are_shown_where_they_will_be(model: OpenModel, schema: KeypointSchema):
    model.path.with_suffix(".keypoints.yaml").write_text(WRITTEN)
    session = start(model, schema)
    np.testing.assert_allclose(point(session, "roof"), [10.0, 150.0, 6.0])
    np.testing.assert_allclose(point(session, "wheel_FL"), model.mesh.vertices[[8 + 1, 8 + 3]].mean(axis=0))


def test_keypoints_that_are_not_meant_to_mirror_do_not(model: OpenModel, schema: KeypointSchema):
    model.path.with_suffix(".keypoints.yaml").write_text(WRITTEN)
    session = start(model, schema)
    session.place("door_FR", np.array([-80.0, 80.0, 30.0]))
    assert session.status("door_FL") == "missing"


@pytest.mark.parametrize("there_before", [True, False])
def test_somebody_elses_changes_are_not_written_over(model: OpenModel, schema: KeypointSchema, there_before: bool):
    path = model.path.with_suffix(".keypoints.yaml")
    if there_before:
        path.write_text(WRITTEN)
    session = start(model, schema)
    session.place("roof", np.array([10.0, 150.0, 0.0]))
    path.write_text(WRITTEN + "# changed\n")
    with pytest.raises(ModelError, match=f"{path.name}: .*; not written over"):
        session.save()
    assert path.read_text().endswith("# changed\n")
    session.save(force=True)
    session.save()
    assert load_sidecar(path).labels["roof"][0].at == ((10.0, 150.0, 0.0),)


def test_an_empty_session_is_not_saved(session: LabelSession):
    with pytest.raises(ModelError, match="nothing is labelled yet"):
        session.save()
    assert not session.file.path.exists()


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("{at: [0, 0, 0], object: bonnet}", "labels.roof: no object 'bonnet'"),
        ("{vertices: [99]}", "labels.roof: no vertex 99"),
    ],
)
def test_labels_of_what_is_not_there_are_one_clear_line(
    model: OpenModel, schema: KeypointSchema, label: str, message: str
):
    model.path.with_suffix(".keypoints.yaml").write_text(f"labels: {{roof: {label}}}")
    with pytest.raises(ModelError, match=message):
        start(model, schema)


def test_another_schema_than_the_files_is_refused(model: OpenModel, tmp_path: Path):
    path = model.path.with_suffix(".keypoints.yaml")
    own = tmp_path / "own.yaml"
    point_of_own = "{name: tip, sigma: 0.05, kind: surface, tolerance_m: 0.1, definition: tip}"
    own.write_text(f"name: own\nkeypoints: [{point_of_own}]\n")
    assert schema_reference(read_label_file(path), str(own)) == "own.yaml"
    path.write_text(WRITTEN)
    assert schema_reference(read_label_file(path), "vehicle20") == "vehicle20"
    with pytest.raises(ModelError, match="is of the keypoint schema vehicle20"):
        schema_reference(read_label_file(path), str(own))
