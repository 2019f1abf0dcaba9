"""The labelling page in a real browser: a click on the car becomes a label in a file. And the verb that opens it."""

import argparse
import io
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.errors import AkdError
from pipeline.export_vehicle import VehicleOrder, export_vehicle
from pipeline.keypoints import KeypointSchema
from pipeline.label_page import HOST, LabelPage, free_port
from pipeline.label_scene import VIEWS
from pipeline.label_verb import add_label_verb, start_session
from pipeline.open_model import OpenModel
from pipeline.proposal import Proposal
from pipeline.sidecar import Frame, load_sidecar, sidecar_path
from tests.blender.browser import Tab, chromium, wait_until

pytestmark = pytest.mark.blender


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated car that nobody has labelled yet."""
    path = tmp_path_factory.mktemp("car") / "car.glb"
    export_vehicle(VehicleOrder("hatchback", 3, {}), path)
    sidecar_path(path).unlink()
    return path


@pytest.fixture
def car(generated: Path, tmp_path: Path) -> Path:
    path = tmp_path / "car.glb"
    path.write_bytes(generated.read_bytes())
    return path


@pytest.fixture
def page(car: Path) -> Iterator[LabelPage]:
    page = LabelPage(start_session(car, None, None))
    yield page
    page.stop()


def open_from_the_left(tab: Tab, page: LabelPage) -> tuple[float, float]:
    """Open the page and look at the car's left side; the middle of the picture, pixels of the window."""
    tab.open(page.url)
    tab.wait_for("!!document.querySelector('canvas') && document.body.innerText.includes('missing:')", "the page")
    tab.press("left")

    def seen_from_the_left() -> bool:
        cameras = [client.camera for client in page._server.get_clients().values()]
        directions = [(c.position - c.look_at) / np.linalg.norm(c.position - c.look_at) for c in cameras]
        left = np.array(VIEWS["left"]) / np.linalg.norm(VIEWS["left"])
        return any(np.allclose(direction, left, atol=1e-3) for direction in directions)

    wait_until(seen_from_the_left, "the camera")
    find = "(() => { const r = document.querySelector('canvas').getBoundingClientRect();"
    x, y = tab.evaluate(find + " return [r.x + r.width / 2, r.y + r.height / 2]; })()")
    return x, y


def red_pixels(tab: Tab, x: float, y: float) -> int:
    """How many pixels near (x, y) have the colour of a selected label."""
    picture = np.asarray(Image.open(io.BytesIO(tab.picture())).convert("RGB")).astype(int)
    near = picture[int(y) - 20 : int(y) + 20, int(x) - 20 : int(x) + 20]
    return int(((near[..., 0] > 1.5 * near[..., 1]) & (near[..., 2] > 1.2 * near[..., 1])).sum())


@pytest.mark.slow
def test_a_click_on_the_car_becomes_a_label_in_the_file(
    page: LabelPage, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    session, transform = page.session, page.session.vehicle_from_model()
    with chromium(tmp_path / "profile") as tab:
        x, y = open_from_the_left(tab, page)
        time.sleep(1.0)
        assert red_pixels(tab, x, y) == 0
        tab.click(x, y)
        wait_until(lambda: session.status("wheel_FL") == "set by hand", "the label")
        assert session.status("wheel_FR") == "mirrored"
        tab.wait_for("document.body.innerText.includes('wheel_FL set; wheel_FR mirrored')", "what was done")
        assert page.selected == "wheel_RL"

        # the middle of the picture shows the middle of the car's box, seen from a little above
        vertices = session.model.mesh.vertices @ transform[:3, :3].T + transform[:3, 3]
        low, high = vertices.min(axis=0), vertices.max(axis=0)
        at = transform @ [*session.spots("wheel_FL")[0].point, 1.0]
        off = np.cross(at[:3] - (low + high) / 2, np.array(VIEWS["left"]) / np.linalg.norm(VIEWS["left"]))
        assert np.linalg.norm(off) < 0.01, "metres beside the ray through the middle"
        assert at[1] > 0.6, "on the left side, not inside or behind"

        tab.click(x, y - 4, shift=True)
        wait_until(lambda: page.selected == "wheel_FL", "the selection")
        wait_until(lambda: red_pixels(tab, x, y) > 20, "the label in the picture")
        tab.press("Save")
        wait_until(session.file.path.is_file, "the label file")
        tab.wait_for("document.body.innerText.includes('2 keypoints')", "that it is saved")
        assert load_sidecar(session.file.path).labels["wheel_FL"][0].at == (session.spots("wheel_FL")[0].point,)

        x, y = open_from_the_left(tab, page)
        tab.wait_for("""document.querySelectorAll('[title="set by hand"]').length == 1""", "the list")
        wait_until(lambda: red_pixels(tab, x, y) > 20, "the label in the picture, after a reload")
        tab.press("Undo")
        wait_until(lambda: session.status("wheel_FL") == "missing", "the undo")
        wait_until(lambda: red_pixels(tab, x, y) == 0, "the label gone from the picture")
        tab.type_with_control("Y")
        wait_until(lambda: session.status("wheel_FL") == "set by hand", "Ctrl-Y")
        tab.type_with_control("Z")
        wait_until(lambda: session.status("wheel_FL") == "missing", "Ctrl-Z")

        session.file.path.write_text("labels: {roof: {at: [0, 0, 0]}}\n")
        tab.click(x, y)
        wait_until(lambda: session.status("wheel_FL") == "set by hand", "the label")
        tab.press("Save")
        tab.wait_for("document.body.innerText.includes('not written over')", "the refusal")
        tab.press("Save over the changed file")
        wait_until(lambda: "wheel_FL" in load_sidecar(session.file.path).labels, "the forced save")
    assert "Traceback" not in "".join(capfd.readouterr())


def test_the_page_is_on_this_machine_only(page: LabelPage):
    port = int(page.url.rsplit(":", 1)[1])
    assert page.url.startswith("http://127.0.0.1:")
    with socket.socket() as outside, pytest.raises(OSError, match="refused"):
        outside.connect(("127.0.0.2", port))
    assert page._server.request_share_url() is None


def test_a_port_that_is_taken_is_one_clear_line():
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(AkdError, match=f"--port: {port} cannot be used"):
            free_port(port)


def verb_with(propose: object, *words: str) -> None:
    verbs = argparse.ArgumentParser().add_subparsers()
    handlers = []

    def verb(name: str, handler: object, *_: str) -> argparse.ArgumentParser:
        handlers.append(handler)
        return verbs.add_parser(name)

    add_label_verb(verb, propose)  # type: ignore[arg-type]
    handlers[0](verbs.choices["label"].parse_args(words))


def roof(model: OpenModel, schema: KeypointSchema) -> Proposal:
    vertices = model.mesh.vertices
    top = vertices[np.argmax(vertices[:, 1])]
    return Proposal(Frame(up="+Y", forward="+Z", unit=1.0), {"roof": (tuple(top + [0, 0.01, 0]),)})


def test_proposals_alone_are_written_and_never_over_a_file(car: Path, capsys: pytest.CaptureFixture[str]):
    verb_with(roof, str(car), "--propose-only")
    assert set(load_sidecar(sidecar_path(car)).labels) == {"roof"}
    assert "missing: wheel_FL" in capsys.readouterr().out
    with pytest.raises(AkdError, match="exists already"):
        verb_with(roof, str(car), "--propose-only")


def test_proposals_alone_need_something_that_proposes(car: Path):
    with pytest.raises(AkdError, match="needs proposals"):
        verb_with(None, str(car), "--propose-only")
