"""The labelling page: a model in the browser, and what a person does to its labels; served to this machine only."""

import html
import io
import socket
import threading
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from typing import Any, get_args

import viser

from pipeline.errors import AkdError
from pipeline.label_scene import SELECTED, STATUS_COLORS, VIEWS, LabelScene, Rgb
from pipeline.label_session import LabelSession
from pipeline.local_handshake import only_own_pages
from pipeline.sidecar import UNITS, Axis, Frame

HOST = "127.0.0.1"
FIRST_PORT, LAST_PORT = 8080, 8179
PANEL_WIDTH_PX = 360
_HELP = (
    "Click on the model to place the selected keypoint. Drag turns the view, right-drag moves it, the wheel zooms. "
    "Shift-click selects the label nearest to the pointer."
)


class _LocalServer(viser.ViserServer):
    """A server that stays on this machine, whatever a browser asks of it."""

    def request_share_url(self, verbose: bool = True) -> str | None:
        """None: viser would open a tunnel to a server of its own."""
        return None


class LabelPage:
    """A session on a page; every browser that opens it sees the same."""

    def __init__(self, session: LabelSession, port: int | None = None) -> None:
        """Serve `session`.

        Raises:
            AkdError: the port is taken.
        """
        self.session = session
        self._lock = threading.RLock()
        self.selected = session.next_missing(session.schema.names[0])
        with redirect_stdout(io.StringIO()), only_own_pages():
            self._server = _LocalServer(host=HOST, port=free_port(port), verbose=False)
        self.url = f"http://{HOST}:{self._server.get_port()}"
        self._scene = LabelScene(self._server, session)
        self._build()
        self._refresh(f"{session.model.path.name} opened")
        self._server.on_client_connect(self._connected)
        self._server.scene.on_click()(self._clicked)
        self._server.scene.on_click(modifier="shift")(self._shift_clicked)

    def stop(self) -> None:
        """Close the page."""
        with redirect_stdout(io.StringIO()):
            self._server.stop()

    # what is on the page

    def _build(self) -> None:
        gui, session = self._server.gui, self.session
        gui.configure_theme(show_logo=False, show_share_button=False, brand_color=SELECTED)
        gui.set_panel_label(f"akd label: {session.model.path.name}")
        gui.main_panel.dock_right()
        gui.main_panel.set_width(PANEL_WIDTH_PX)
        self._said = gui.add_html("")
        self._list = gui.add_html("")
        self._choice = gui.add_dropdown("Keypoint", session.schema.names, initial_value=self.selected)
        self._definition = gui.add_html("")
        self._accept = gui.add_button_group("Proposals", ("Accept", "Accept all"))
        self._edit = gui.add_button_group("Edit", ("Undo", "Redo", "Remove"))
        self._mirror = gui.add_checkbox("Mirror", session.mirror, hint="Place the other side's keypoint too")
        self._vertex = gui.add_checkbox(
            "To vertex", session.snap_to_vertex, disabled=session.snap_to_vertex, hint="Snap to the nearest vertex"
        )
        self._save = gui.add_button("Save", hint=str(session.file.path))
        self._force = gui.add_button("Save over the changed file", color="red", visible=False)
        self._view = gui.add_button_group("View", tuple(VIEWS))
        self._build_frame()
        self._lacks = gui.add_html("")
        gui.add_html(_small(_HELP))
        self._connect()

    def _build_frame(self) -> None:
        gui, frame = self._server.gui, self.session.state.frame
        units = tuple(UNITS) if frame.unit in UNITS.values() else (f"{frame.unit:g}", *UNITS)
        with gui.add_folder("Model's own axes and unit", expand_by_default=False):
            self._forward = gui.add_dropdown("Forward", get_args(Axis), initial_value=frame.forward)
            self._up = gui.add_dropdown("Up", get_args(Axis), initial_value=frame.up)
            self._unit = gui.add_dropdown("Unit", units, initial_value=_unit_name(frame.unit))

    def _connect(self) -> None:
        def on(control: Any, act: Callable[[Any], str | None]) -> None:
            """Do `act` when a person, and not this program, changes a control."""

            def update(event: Any) -> None:
                if event.client is not None:
                    self._do(lambda: act(event))

            (control.on_click if hasattr(control, "on_click") else control.on_update)(update)

        edits: dict[str, Callable[[], str | None]] = {"Undo": self._undo, "Redo": self._redo, "Remove": self._remove}
        for name, key in (("Undo", "Z"), ("Redo", "Y")):
            command = self._server.gui.add_command(name, hotkey=key, modifier="cmd/ctrl")  # type: ignore[arg-type]
            command.on_trigger(partial(self._on_hotkey, edits[name]))
        on(self._choice, lambda event: self._select(event.target.value))
        on(self._edit, lambda event: edits[event.target.value]())
        on(self._accept, lambda event: self._accept_proposals(event.target.value == "Accept all"))
        on(self._mirror, lambda event: setattr(self.session, "mirror", event.target.value))
        on(self._vertex, lambda event: setattr(self.session, "snap_to_vertex", event.target.value))
        on(self._view, lambda event: self._scene.look_from(event.target.value, event.client))
        on(self._save, lambda _: self._write(force=False))
        on(self._force, lambda _: self._write(force=True))
        for control in (self._forward, self._up, self._unit):
            on(control, lambda _: self._set_frame())

    def _on_hotkey(self, act: Callable[[], str | None], _: Any) -> None:
        self._do(act)

    def _refresh(self, said: str | None, failed: bool = False) -> None:
        session = self.session
        with self._server.atomic():
            self._scene.draw_labels(self.selected)
            _show(self._choice, self.selected)
            keypoint = session.schema.keypoints[session.schema.index(self.selected)]
            self._definition.content = _small(f"{keypoint.definition[0].upper()}{keypoint.definition[1:]}.", 2)
            self._list.content = self._listed()
            missing = ", ".join(session.missing())
            self._lacks.content = _small(f"missing: {missing}" if missing else "nothing is missing")
            self._save.label = "Save (unsaved changes)" if session.unsaved else "Save"
            if said is not None:
                self._said.content = _said(said, failed)

    def _listed(self) -> str:
        rows = []
        for name in self.session.schema.names:
            status = self.session.status(name)
            color = SELECTED if name == self.selected else STATUS_COLORS[status]
            rows.append(_row(name, status, color, name == self.selected))
        return f'<div style="columns:2;padding:0 0.9em">{"".join(rows)}</div>{_legend()}'

    # what a person does

    def _do(self, act: Callable[[], str | None]) -> None:
        """One thing at a time; what goes wrong is said on the page."""
        with self._lock:
            try:
                self._refresh(act())
            except (AkdError, OSError) as error:
                self._refresh(str(error), failed=True)

    def _connected(self, client: viser.ClientHandle) -> None:
        def moved(camera: viser.CameraHandle) -> None:
            with self._lock:
                self._scene.seen_by(camera.position)

        client.camera.on_update(moved)

    def _clicked(self, event: viser.SceneClickEvent) -> None:
        self._do(lambda: self._place(event))

    def _shift_clicked(self, event: viser.SceneClickEvent) -> None:
        self._do(lambda: self._select_near(event))

    def _place(self, event: viser.SceneClickEvent) -> str:
        hit = self.session.pick(*self._scene.ray_to_model(event.ray_origin, event.ray_direction))
        if hit is None:
            return "that is beside the model"
        said = self.session.place(self.selected, hit)
        self.selected = self.session.next_missing(self.selected)
        return said

    def _select_near(self, event: viser.SceneClickEvent) -> str | None:
        nearest = self.session.nearest_label(*self._scene.ray_to_model(event.ray_origin, event.ray_direction))
        return self._select(nearest) if nearest else None

    def _select(self, name: str) -> str:
        self.selected = name
        return f"{name}: {self.session.status(name)}"

    def _undo(self) -> str:
        done = self.session.can_undo
        self.session.undo()
        return self._after_step("taken back" if done else "nothing to take back")

    def _redo(self) -> str:
        done = self.session.can_redo
        self.session.redo()
        return self._after_step("done again" if done else "nothing to do again")

    def _after_step(self, said: str) -> str:
        frame = self.session.state.frame
        if (frame.forward, frame.up, _unit_name(frame.unit)) != (self._forward.value, self._up.value, self._unit.value):
            for control, value in ((self._forward, frame.forward), (self._up, frame.up)):
                _show(control, value)
            _show(self._unit, _unit_name(frame.unit))
            self._scene.draw_model()
        return said

    def _remove(self) -> str:
        self.session.remove(self.selected)
        return f"{self.selected} removed"

    def _accept_proposals(self, every: bool) -> str:
        count = self.session.accept() if every else self.session.accept(self.selected)
        self.selected = self.session.next_missing(self.selected)
        return f"{count} accepted"

    def _set_frame(self) -> str:
        up, forward = self._up.value, self._forward.value
        if up[1] == forward[1]:
            return f"up {up} and forward {forward} must be perpendicular: change the other too"
        unit = UNITS.get(self._unit.value) or float(self._unit.value)
        self.session.set_frame(Frame(up=up, forward=forward, unit=unit))
        self._scene.draw_model()
        return "the model's axes are as you say"

    def _write(self, force: bool) -> str:
        try:
            return self.session.save(force)
        finally:
            self._force.visible = self.session.file.changed


def free_port(asked: int | None) -> int:
    """`asked`, or the first port from 8080 up that nobody listens on.

    Raises:
        AkdError: it is taken, or all are.
    """
    for port in (asked,) if asked is not None else range(FIRST_PORT, LAST_PORT + 1):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except (OSError, OverflowError):
                continue
            return int(probe.getsockname()[1])
    raise AkdError(f"--port: {asked or f'{FIRST_PORT} to {LAST_PORT}'} cannot be used; give another")


def _show(control: Any, value: str) -> None:
    control.value = value


def _unit_name(unit: float) -> str:
    return next((name for name, metres in UNITS.items() if metres == unit), f"{unit:g}")


def _css(color: Rgb) -> str:
    return "rgb({},{},{})".format(*color)


def _row(name: str, status: str, color: Rgb, selected: bool) -> str:
    weight = "600" if selected else "400"
    dot = (
        f'<span style="color:{_css(color)};font-size:1.3em;line-height:1">{"○" if status == "missing" else "●"}</span>'
    )
    return f'<div title="{status}" style="font-size:0.8em;line-height:1.4;font-weight:{weight}">{dot} {name}</div>'


def _legend() -> str:
    names: dict[Rgb, list[str]] = {SELECTED: ["selected"]}
    for name, color in STATUS_COLORS.items():
        if name != "missing":
            names.setdefault(color, []).append(name)
    dots = [f'<span style="color:{_css(color)}">●</span> {" or ".join(said)}' for color, said in names.items()]
    return f'<div style="padding:0.4em 1em 0;font-size:0.75em;opacity:0.8">{" &nbsp; ".join(dots)}</div>'


def _small(text: str, lines: int = 1) -> str:
    """A note, with room for so many lines: what is below it stays where it is when the text changes."""
    room = f"min-height:{lines * 1.55 + 0.4}em"
    return f'<div style="padding:0.2em 1em;font-size:0.8em;opacity:0.75;{room}">{html.escape(text)}</div>'


def _said(text: str, failed: bool) -> str:
    style = f"padding:0.4em 0.9em;font-size:0.85em;min-height:3.2em;color:{'#c92a2a' if failed else 'inherit'}"
    return f'<div style="{style};overflow-wrap:anywhere">{html.escape(text)}</div>'
