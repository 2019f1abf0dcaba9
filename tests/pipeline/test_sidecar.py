"""Label files: what they may say, where their labels end up, and what is said when they are wrong."""

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from pipeline.errors import ModelError
from pipeline.keypoints import KeypointSchema
from pipeline.model_mesh import ModelMesh
from pipeline.resolve import resolve_labels
from pipeline.sidecar import Sidecar, load_sidecar, sidecar_path
from tests.conftest import ROOT, box

AXES = [sign + axis for axis in "XYZ" for sign in "+-"]
FRAMES = [(up, forward) for up, forward in product(AXES, AXES) if up[1] != forward[1]]
# the vehicle frame's truth: wheels 2.6 m apart along x, the front axle wider, nothing symmetric about the body's box
BODY = ((-2.2, -0.9, 0.3), (2.0, 0.8, 1.5))
HUBS = {
    "wheel_FL": (1.3, 0.85, 0.3),
    "wheel_FR": (1.3, -0.85, 0.3),
    "wheel_RL": (-1.3, 0.75, 0.3),
    "wheel_RR": (-1.3, -0.75, 0.3),
}
ROOF = (0.123, 0.045, 1.5)


def vehicle_objects() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """A body and four wheels that stand on z = 0, in the vehicle frame."""
    objects = {"body": box(*BODY)}
    for name, (x, y, z) in HUBS.items():
        inner = y - np.sign(y) * 0.2
        objects[name] = box((x - 0.3, min(y, inner), z - 0.3), (x + 0.3, max(y, inner), z + 0.3))
    return objects


def model_of(objects: dict[str, tuple[np.ndarray, np.ndarray]], frame: "Frame") -> ModelMesh:
    return ModelMesh.from_objects({name: (frame.to_model(v), t) for name, (v, t) in objects.items()})


class Frame:
    """A model's own frame: axes, unit and a shifted origin."""

    def __init__(self, up: str = "+Y", forward: str = "+Z", unit: float = 1.0, shift: tuple = (0.7, -0.4, 1.9)) -> None:
        self.up, self.forward, self.unit, self.shift = up, forward, unit, np.array(shift)

    def to_model(self, points: Any) -> np.ndarray:
        x, z = _direction(self.forward), _direction(self.up)
        axes = np.array([x, np.cross(z, x), z])
        return np.asarray(points, float) @ axes / self.unit + self.shift

    def sidecar(self, **changes: Any) -> Sidecar:
        labels = {name: {"at": self.to_model([hub])[0].tolist()} for name, hub in HUBS.items()}
        labels["roof"] = {"at": self.to_model([ROOF])[0].tolist()}
        plain = {"up": self.up, "forward": self.forward, "unit": self.unit, "labels": labels}
        return Sidecar.model_validate({**plain, **changes})


def _direction(axis: str) -> np.ndarray:
    vector = np.zeros(3)
    vector["XYZ".index(axis[1])] = 1 if axis[0] == "+" else -1
    return vector


@pytest.mark.parametrize(("up", "forward"), FRAMES, ids=[f"{up}up{f}forward" for up, f in FRAMES])
def test_every_frame_ends_in_the_vehicle_frame(up: str, forward: str, schema: KeypointSchema):
    frame = Frame(up, forward, unit=0.0254)
    mesh, report = resolve_labels(model_of(vehicle_objects(), frame), frame.sidecar(), schema, "m.yaml")
    truth = np.concatenate([v for v, _ in vehicle_objects().values()])
    np.testing.assert_allclose(mesh.vertices[: len(truth)], truth, atol=1e-9)
    for name, position in {**HUBS, "roof": ROOF}.items():
        np.testing.assert_allclose(mesh.place_positions(name), [position], atol=1e-9)
    assert report.origin == "x: wheels, y: wheels, z: lowest point"
    in_model = frame.to_model(truth)
    again = in_model @ report.vehicle_from_model[:3, :3].T + report.vehicle_from_model[:3, 3]
    np.testing.assert_allclose(again, truth, atol=1e-9)


def test_triangles_keep_facing_outwards(schema: KeypointSchema):
    frame = Frame("-X", "+Y")
    mesh, _ = resolve_labels(model_of(vehicle_objects(), frame), frame.sidecar(), schema, "m.yaml")
    a, b, c = (mesh.vertices[mesh.triangles[:, i]] for i in range(3))
    volume = float((a * np.cross(b, c)).sum() / 6)
    assert volume == pytest.approx(4.2 * 1.7 * 1.2 + 4 * 0.6 * 0.6 * 0.2)


def test_without_wheels_the_origin_is_under_the_middle_of_the_box(schema: KeypointSchema):
    frame = Frame()
    sidecar = frame.sidecar(labels={"roof": {"at": frame.to_model([ROOF])[0].tolist()}})
    mesh, report = resolve_labels(model_of(vehicle_objects(), frame), sidecar, schema, "m.yaml")
    low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
    np.testing.assert_allclose([*(low + high)[:2], low[2]], 0, atol=1e-9)
    assert report.origin == "x: middle of the box, y: middle of the box, z: lowest point"


def test_one_side_of_the_wheels_gives_the_length_only(schema: KeypointSchema):
    frame = Frame()
    labels = {name: {"at": frame.to_model([HUBS[name]])[0].tolist()} for name in ("wheel_FL", "wheel_RL")}
    mesh, report = resolve_labels(model_of(vehicle_objects(), frame), frame.sidecar(labels=labels), schema, "m.yaml")
    assert report.origin.startswith("x: wheels, y: middle of the box")
    assert mesh.place_positions("wheel_FL")[0, 0] == pytest.approx(1.3)


def test_the_label_file_overrides_origin_and_ground(schema: KeypointSchema):
    frame = Frame()
    origin = frame.to_model([(0.5, 0.25, 0.125)])[0]
    model = model_of(vehicle_objects(), frame)
    mesh, report = resolve_labels(model, frame.sidecar(origin=tuple(origin)), schema, "m.yaml")
    np.testing.assert_allclose(mesh.place_positions("roof")[0], np.subtract(ROOF, (0.5, 0.25, 0.125)))
    assert report.origin == "x: label file, y: label file, z: label file"
    mesh, report = resolve_labels(model, frame.sidecar(ground=origin[1]), schema, "m.yaml")
    np.testing.assert_allclose(mesh.place_positions("roof")[0], np.subtract(ROOF, (0, 0, 0.125)))
    assert report.origin == "x: wheels, y: wheels, z: label file"


def test_a_point_is_moved_to_the_surface_and_how_far_is_reported(schema: KeypointSchema):
    frame = Frame(unit=0.01)
    labels = {"roof": {"at": frame.to_model([(0.123, 0.045, 1.53)])[0].tolist()}}
    sidecar = frame.sidecar(labels={**dict(frame.sidecar().labels), **labels})
    mesh, report = resolve_labels(model_of(vehicle_objects(), frame), sidecar, schema, "m.yaml")
    np.testing.assert_allclose(mesh.place_positions("roof"), [ROOF], atol=1e-9)
    assert report.distances_m["roof"] == pytest.approx((0.03,))
    assert report.worst == ("roof", pytest.approx(0.03))


def test_a_point_is_moved_to_a_vertex_where_the_file_says_so(schema: KeypointSchema):
    frame = Frame()
    corner = frame.to_model([(2.03, 0.8, 1.54)])[0].tolist()
    sidecar = frame.sidecar(snap="vertex", labels={"roof": {"at": corner}}, origin=(0.7, -0.4, 1.9))
    model = model_of(vehicle_objects(), frame)
    mesh, report = resolve_labels(model, sidecar, schema, "m.yaml")
    np.testing.assert_allclose(mesh.place_positions("roof"), [(2.0, 0.8, 1.5)], atol=1e-9)
    assert report.distances_m["roof"] == pytest.approx((0.05,))
    assert len(mesh.vertices) == len(model.vertices)


def test_object_narrows_a_place_to_the_outer_of_two_surfaces(schema: KeypointSchema):
    frame = Frame()
    objects = {**vehicle_objects(), "liner": box((-2.0, -0.8, 1.2), (1.9, 0.7, 1.49))}
    near_both = frame.to_model([(0.5, 0.1, 1.492)])[0].tolist()
    for name, height in (("body", 1.5), ("liner", 1.49)):
        labels = {**dict(frame.sidecar().labels), "roof": {"at": near_both, "object": name}}
        mesh, _ = resolve_labels(model_of(objects, frame), frame.sidecar(labels=labels), schema, "m.yaml")
        assert mesh.place_positions("roof")[0, 2] == pytest.approx(height)


def test_vertices_by_number_count_from_their_object(schema: KeypointSchema):
    frame = Frame()
    model = model_of(vehicle_objects(), frame)
    first = int(model.part_start[model.parts.index("wheel_RL")])
    for place in ({"vertices": [0, 7], "object": "wheel_RL"}, {"vertices": [first, first + 7]}):
        labels = {**dict(frame.sidecar().labels), "door_RL": place}
        mesh, report = resolve_labels(model, frame.sidecar(labels=labels), schema, "m.yaml")
        np.testing.assert_allclose(mesh.place_positions("door_RL"), [(-1.3, 0.65, 0.3)], atol=1e-9)
        assert report.distances_m["door_RL"] == (0.0,)


def test_several_points_are_averaged_and_several_places_are_not(schema: KeypointSchema):
    frame = Frame()
    front, rear = frame.to_model([(2.0, 0.1, 0.6), (-2.2, 0.1, 0.7)]).tolist()
    labels = {
        **dict(frame.sidecar().labels),
        "license_plate": [{"at": front}, {"at": rear}],
        "mirror_LEFT": {"at": [front, rear]},
    }
    mesh, _ = resolve_labels(model_of(vehicle_objects(), frame), frame.sidecar(labels=labels), schema, "m.yaml")
    np.testing.assert_allclose(mesh.place_positions("license_plate"), [(2.0, 0.1, 0.6), (-2.2, 0.1, 0.7)], atol=1e-9)
    np.testing.assert_allclose(mesh.place_positions("mirror_LEFT"), [(-0.1, 0.1, 0.65)], atol=1e-9)


def test_a_wheel_that_is_an_object_does_not_hide_its_hub(schema: KeypointSchema):
    frame = Frame()
    mesh, _ = resolve_labels(model_of(vehicle_objects(), frame), frame.sidecar(), schema, "m.yaml")
    assert dict(mesh.own_parts) == {name: (name,) for name in HUBS}


def test_a_wheel_in_one_object_with_the_others_is_cut_out(schema: KeypointSchema):
    frame = Frame()
    objects = vehicle_objects()
    wheels = ModelMesh.from_objects({name: objects[name] for name in HUBS})
    merged = {"body": objects["body"], "wheels": (wheels.vertices, wheels.triangles)}
    mesh, _ = resolve_labels(model_of(merged, frame), frame.sidecar(), schema, "m.yaml")
    for name, (x, y, _) in HUBS.items():
        (part,) = mesh.own_parts[name]
        mine = mesh.vertices[mesh.triangles[mesh.triangle_part == mesh.parts.index(part)]].reshape(-1, 3)
        assert len(mine) == 36
        np.testing.assert_allclose(mine.mean(axis=0), (x, y - np.sign(y) * 0.1, 0.3), atol=0.11)


def test_two_keypoints_may_share_a_piece(schema: KeypointSchema):
    frame = Frame()
    objects = vehicle_objects()
    joined = ModelMesh.from_objects({name: objects[name] for name in ("body", "wheel_FL")})
    objects = {"all": (joined.vertices, joined.triangles), **{name: objects[name] for name in list(HUBS)[1:]}}
    labels = {**dict(frame.sidecar().labels), "mirror_LEFT": {"at": frame.to_model([(1.4, 0.85, 0.4)])[0].tolist()}}
    mesh, _ = resolve_labels(model_of(objects, frame), frame.sidecar(labels=labels), schema, "m.yaml")
    assert mesh.own_parts["wheel_FL"] == mesh.own_parts["mirror_LEFT"] == ("all/wheel_FL",)
    assert np.count_nonzero(mesh.triangle_part == mesh.parts.index("all/wheel_FL")) == 12


def test_what_is_too_large_for_a_wheel_is_no_own_part(schema: KeypointSchema):
    frame = Frame()
    labels = {**dict(frame.sidecar().labels), "mirror_LEFT": {"at": frame.to_model([(0.5, 0.8, 1.0)])[0].tolist()}}
    mesh, _ = resolve_labels(model_of(vehicle_objects(), frame), frame.sidecar(labels=labels), schema, "m.yaml")
    assert "mirror_LEFT" not in mesh.own_parts


def test_own_parts_take_patterns(schema: KeypointSchema):
    frame = Frame()
    sidecar = frame.sidecar(own_parts={"wheel_FL": ["wheel_F*", "body"]})
    mesh, _ = resolve_labels(model_of(vehicle_objects(), frame), sidecar, schema, "m.yaml")
    assert mesh.own_parts["wheel_FL"] == ("wheel_FL", "wheel_FR", "body")
    assert mesh.own_parts["wheel_RL"] == ("wheel_RL",)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"labels": {"roof": {"at": [0.8, 1.6, 1.9]}}},
            r"labels\.roof: .* is 0\.\d+ m from the nearest surface of ",
        ),
        ({"labels": {"roof": {"at": [0.7, 1.1, 1.9], "object": "bodi"}}}, "no object 'bodi'.*did you mean 'body'"),
        ({"labels": {"roof": {"vertices": [8], "object": "body"}}}, r"labels\.roof: no vertex 8; allowed: 0 to 7"),
        ({"labels": {"roof": {"vertices": [40]}}}, "no vertex 40; allowed: 0 to 39"),
        ({"own_parts": {"wheel_FL": ["whel*"]}}, r"own_parts\.wheel_FL: no object 'whel\*' in the model"),
        ({"snap": "vertex"}, "m from the nearest vertex .* or snap: surface"),
    ],
)
def test_labels_that_do_not_fit_the_model(changes: dict[str, Any], says: str, schema: KeypointSchema):
    frame = Frame()
    with pytest.raises(ModelError, match=says):
        resolve_labels(model_of(vehicle_objects(), frame), frame.sidecar(**changes), schema, "m.yaml")


def test_a_model_without_surface(schema: KeypointSchema):
    empty = ModelMesh.from_objects({})
    with pytest.raises(ModelError, match="the model has no surface"):
        resolve_labels(empty, Frame().sidecar(), schema, "m.yaml")


SOUND = {"up": "+Z", "forward": "+X", "labels": {"roof": {"at": [0, 0, 1.4]}}}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"labels": {"rooof": {"at": [0, 0, 1]}}}, r"labels\.rooof: is not a keypoint .* did you mean 'roof'"),
        ({"asymmetric": ["whel_FL"]}, r"asymmetric\.whel_FL: is not a keypoint .* did you mean 'wheel_FL'"),
        ({"own_parts": {"whel_FL": ["a"]}}, r"own_parts\.whel_FL: is not a keypoint .* did you mean 'wheel_FL'"),
        ({"own_parts": {"roof": ["a"]}}, r"own_parts\.roof: lies on the surface.*allowed: wheel_FL, .*mirror_RIGHT"),
        ({"forward": "-Z"}, r"up and forward must be perpendicular; got up \+Z and forward -Z"),
        ({"up": "Y"}, r"up: input should be '\+X'"),
        ({"unit": "inch"}, "unit: must be metres per unit, or one of m, cm, mm, in, ft"),
        ({"unit": 0}, "unit: input should be greater than 0"),
        ({"labels": {}}, "labels: "),
        ({"labels": {"roof": {"at": [0, 1]}}}, r"labels\.roof\.0\.at\.0\.2: is required"),
        ({"labels": {"roof": {"at": [0, 0, 1], "vertices": [1]}}}, "must have either 'at' or 'vertices'"),
        ({"labels": {"roof": {"vertices": [-1]}}}, "greater than or equal to 0"),
        ({"snapp": "vertex"}, "snapp: unknown key; .* did you mean 'snap'"),
        ({"keypoints": "vehicle21"}, "vehicle21: no such file.* did you mean 'vehicle20'"),
    ],
)
def test_label_files_that_are_wrong(changes: dict[str, Any], says: str, tmp_path: Path):
    path = tmp_path / "car.keypoints.yaml"
    path.write_text(yaml.safe_dump({**SOUND, **changes}))
    with pytest.raises(ModelError, match=says) as caught:
        load_sidecar(path)
    assert "\n" not in str(caught.value)


def test_a_label_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(ModelError, match=r"car\.keypoints\.yaml: no such label file"):
        load_sidecar(sidecar_path(tmp_path / "car.glb"))


def test_a_label_file_may_bring_its_own_schema(tmp_path: Path):
    keypoint = {"name": "tow_hook", "sigma": 0.05, "kind": "surface", "tolerance_m": 0.02, "definition": "its tip"}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump({"name": "mine", "keypoints": [keypoint]}))
    path = tmp_path / "car.keypoints.yaml"
    path.write_text(yaml.safe_dump({**SOUND, "keypoints": "mine.yaml", "labels": {"tow_hook": {"at": [0, 0, 0]}}}))
    assert list(load_sidecar(path).labels) == ["tow_hook"]


@pytest.mark.parametrize("path", sorted((ROOT / "tests" / "data").glob("*.keypoints.yaml")), ids=lambda p: p.stem)
def test_the_shipped_label_files_are_complete(path: Path, schema: KeypointSchema):
    sidecar = load_sidecar(path)
    missing = set(schema.names) - set(sidecar.labels)
    assert missing <= {"door_RL", "door_RR", "mirror_LEFT", "mirror_RIGHT"}  # two doors; no mirrors in the 1960s
    assert len(sidecar.labels["license_plate"]) == 2
    assert sidecar.licence
