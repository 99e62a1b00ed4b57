"""What a served page shows: the stage that is chosen on it, made when it is chosen."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from render.errors import RenderError
from render.viewer.live_page.clock import FrameClock
from render.viewer.live_page.panel import Choice, Panel
from render.viewer.scenes.writer import MOST_PHOTO_PX, SceneWriter
from render.viewer.source import Source
from render.viewer.stages.first_view import UP, find_first_view
from render.viewer.stages.lens import find_view_rad
from render.viewer.stages.looks import CLAY, LOOKS, choose_look, list_looks
from render.viewer.stages.stage import Stage

if TYPE_CHECKING:
    import viser

log = logging.getLogger("render")

# While a sequence plays its photos are sent one after the other.
_PLAYED_PHOTO_PX = 800


class LiveViewer:
    """Shows what is chosen on the page of a server. Only one thread may call its methods.

    Args:
        server: The server, as new.
        source: What there is to be seen.
        plain: See `SceneWriter`.
    """

    def __init__(
        self, server: viser.ViserServer, source: Source, plain: tuple[int, int, int] | None = None
    ) -> None:
        self._server = server
        self._source = source
        self._scene = SceneWriter(server, plain)
        self._has_news = threading.Event()
        self._stage = Stage("", ())
        self._reach_m: np.ndarray | None = None
        self._shown: Choice | None = None
        self._clock = FrameClock((0.0, 0.0))
        self._wants_toggle = threading.Event()
        self._panel = Panel(
            server,
            source.subjects,
            source.config.opacity,
            self._has_news.set,
            self._look_through,
            self._turn_around,
        )
        self._panel.play.on_click(lambda _: self._ask_toggle())
        server.on_client_connect(self._greet)

    def _ask_toggle(self) -> None:
        self._wants_toggle.set()
        self._has_news.set()

    def wait(self) -> None:
        """Waits until something is chosen, or the next frame is due."""
        wait_s = None
        if self._clock.is_playing and self._shown is not None:
            wait_s = self._clock.find_wait_s(self._shown.frame)
        self._has_news.wait(wait_s)

    def update(self) -> None:
        """Shows what is chosen now."""
        self._has_news.clear()
        choice = self._panel.choice
        is_new = self._shown is None or choice.subject != self._shown.subject
        if is_new:
            choice = replace(choice, frame=0, hidden=frozenset())
            self._open(choice.subject)
        elif self._shown is not None:
            choice = self._keep_time(choice, self._shown)
        if choice != self._shown:
            self._shown = self._show(choice, is_new)

    def _open(self, number: int) -> None:
        subject = self._source.subjects[number]
        self._panel.open_subject(number)
        self._clock = FrameClock(subject.starts_s or (0.0, 0.0))
        self._panel.play.label = "Play"

    def _keep_time(self, choice: Choice, shown: Choice) -> Choice:
        """The choice with the frame of now, where the sequence plays."""
        if self._wants_toggle.is_set():
            self._wants_toggle.clear()
            if self._clock.is_playing:
                self._clock.pause()
            else:
                self._clock.play(choice.frame)
            self._panel.play.label = "Pause" if self._clock.is_playing else "Play"
        elif self._clock.is_playing and choice.frame != shown.frame:
            # Somebody has moved the slider.
            self._clock.play(choice.frame)
        if not self._clock.is_playing:
            return choice
        frame = self._clock.find_frame()
        self._panel.show_frame(frame)
        return replace(choice, frame=frame)

    def _show(self, choice: Choice, is_new: bool) -> Choice:
        """Shows a choice, and returns it, with the look that there is."""
        config, subject = self._source.config, self._source.subjects[choice.subject]
        photo_px = _PLAYED_PHOTO_PX if self._clock.is_playing else MOST_PHOTO_PX
        try:
            if is_new:
                self._reach_m = self._source.loader.find_reach(subject.shots)
            stage = self._source.loader.load(subject.shots, choice.frame, photo_px)
            stage = replace(stage, reach_m=self._reach_m)
        except RenderError as error:
            log.warning("%s: %s", subject.name, error)
            self._scene.show(Stage("", ()), LOOKS[CLAY])
            self._panel.tell(subject.name, str(error))
            return choice
        looks = list_looks(stage.people, config.error_mm)
        mode = config.crowd_look if len(stage.people) > 1 else config.look
        if self._shown is None:
            choice = replace(choice, look=choose_look(mode, looks))
        elif choice.look not in looks:
            choice = replace(choice, look=CLAY)
        self._panel.offer_looks(tuple(looks), choice.look)
        self._panel.list_people(stage.people)
        self._panel.tell(stage.name or subject.name)
        self._stage = stage
        if is_new:
            self._scene.look_through(stage)
        # Else pages would show some bodies of one frame and others of the next.
        with self._server.atomic():
            self._scene.show(stage, looks[choice.look], choice.hidden, choice.opacity, choice.shows_photo)
        if is_new:
            for client in self._server.get_clients().values():
                self._look_through(client)
        return choice

    def _greet(self, client: Any) -> None:
        """Shows somebody who comes the whole photo, whatever becomes of the window's shape."""
        self._look_through(client)
        seen = [0.0]

        def fit(camera: Any) -> None:
            aspect = camera.image_width / max(camera.image_height, 1)
            if aspect != seen[0]:
                seen[0] = aspect
                camera.fov = find_view_rad(find_first_view(self._stage).half_view, aspect)

        client.camera.on_update(fit)

    def _look_through(self, client: Any) -> None:
        """Lets somebody look through the photo's camera, in a window of any shape."""
        view, camera = find_first_view(self._stage), client.camera
        aspect = camera.image_width / max(camera.image_height, 1)
        with client.atomic():
            camera.up_direction = np.array(UP)
            camera.position = view.position_m
            camera.look_at = view.target_m
            camera.fov = find_view_rad(view.half_view, aspect)
            camera.near, camera.far = view.near_m, view.far_m

    def _turn_around(self, client: Any, key: str) -> None:
        """Lets somebody turn around a person, or around all of them where there is no such key."""
        verts = [person.verts for person in self._stage.people if person.key == key]
        middle = sum(self._stage.bounds_m) / 2 if not verts else (verts[0].min(0) + verts[0].max(0)) / 2
        client.camera.look_at = np.asarray(middle, np.float64)
