"""Labels that a program proposes: shown, refined, and saved only when a person accepts them."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.keypoints import KeypointSchema
from pipeline.label_session import LabelSession
from pipeline.open_model import OpenModel
from pipeline.proposal import Proposal
from pipeline.sidecar import Frame, load_sidecar
from tests.label_models import box_model, point, start


@pytest.fixture
def model(tmp_path: Path) -> OpenModel:
    return box_model(tmp_path / "car.obj")


@pytest.fixture
def session(model: OpenModel, schema: KeypointSchema) -> LabelSession:
    return start(model, schema)


def proposal(up: str = "+Y", forward: str = "+Z") -> Proposal:
    labels = {"roof": ((10.0, 152.0, 3.0),), "license_plate": ((10.0, 50.0, 230.0), (10.0, 50.0, -210.0))}
    return Proposal(Frame(up=up, forward=forward, unit=0.01), labels)


def test_proposals_are_not_saved_before_they_are_accepted(session: LabelSession):
    session.offer(proposal())
    assert session.status("roof") == "proposed"
    np.testing.assert_allclose(point(session, "roof"), [10.0, 150.0, 3.0], atol=1e-6)
    session.place("license_plate", np.array([10.0, 55.0, 230.0]))
    assert session.status("license_plate") == "proposed", "its rear is"
    assert "2 are only proposed" in session.save()
    assert len(load_sidecar(session.file.path).labels["license_plate"]) == 1
    assert session.accept() == 2
    session.save()
    assert set(load_sidecar(session.file.path).labels) == {"roof", "license_plate"}
    assert len(load_sidecar(session.file.path).labels["license_plate"]) == 2


def test_proposals_fill_what_a_label_file_leaves_open(model: OpenModel, schema: KeypointSchema):
    model.path.with_suffix(".keypoints.yaml").write_text("labels: {roof: {at: [10, 150, 77]}}")
    session = start(model, schema)
    session.offer(proposal())
    assert session.status("roof") == "from file"
    assert session.status("license_plate") == "proposed"
    backwards = start(model, schema)
    backwards.offer(proposal(forward="-Z"))
    assert backwards.status("license_plate") == "missing", "its left is the file's right"


def test_turning_the_frame_drops_what_was_proposed_in_the_old_one(session: LabelSession):
    session.offer(proposal())
    session.place("bumper_FRONT", np.array([10.0, 40.0, 230.0]))
    session.set_frame(Frame(up="+Y", forward="-Z", unit=0.01))
    assert set(session.state.spots) == {"bumper_FRONT"}
    session.undo()
    assert session.status("roof") == "proposed"
    session.set_frame(Frame(up="+Y", forward="+Z", unit=0.0254))
    assert session.status("roof") == "proposed", "the unit says nothing of left and right"
