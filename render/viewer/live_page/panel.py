"""What people choose on a page that is served: which photo, which frame, how bodies look, who is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from render.viewer.source import Subject
from render.viewer.stages.stage import StagePerson

if TYPE_CHECKING:
    import viser

# Who can be hidden one by one; crowds are not listed whole.
MOST_LISTED = 30
EVERYBODY = "everybody"


@dataclass(frozen=True)
class Choice:
    """What is to be seen.

    Attributes:
        subject: Which photo or sequence.
        frame: Which frame of it.
        look: See `LOOKS`.
        shows_photo: Whether the photo is behind the bodies.
        opacity: Of the bodies.
        hidden: Keys of people who are not shown.
    """

    subject: int
    frame: int
    look: str
    shows_photo: bool
    opacity: float
    hidden: frozenset[str]


class Panel:
    """The fields on the page.

    Names out of files are only ever the values of fields: the library shows values as text, but takes HTML in
    what it calls Markdown for what it is.

    Args:
        server: Whose page it is.
        subjects: What there is to be seen.
        opacity: Of the bodies, at first.
        changed: Called, from any thread, when something is chosen.
        look_through: Called with a client who wants to look through the photo's camera.
        turn_around: Called with a client and the key of the person to be turned around.
    """

    def __init__(
        self,
        server: viser.ViserServer,
        subjects: Sequence[Subject],
        opacity: float,
        changed: Callable[[], None],
        look_through: Callable[[Any], None],
        turn_around: Callable[[Any, str], None],
    ) -> None:
        # Values of fields have no types that a checker can follow.
        gui: Any = server.gui
        self._gui = gui
        self._changed = changed
        self._subjects = subjects
        self._boxes: dict[str, Any] = {}
        self._keys: dict[str, str] = {}
        # The former would put the page onto a server of strangers.
        gui.configure_theme(show_share_button=False, show_logo=False, control_width="small")
        gui.set_panel_label("smpl-render view")
        # Beside the scene, of which it would hide a part.
        gui.main_panel.dock_right()

        def turn(event: Any) -> None:
            # Without a client it is the program that has chosen.
            if event.client is not None:
                turn_around(event.client, self._keys.get(self._target.value, ""))

        self._name = gui.add_text("Name", "", disabled=True)
        self._note = gui.add_text("Note", "", disabled=True, visible=False, multiline=True)
        self._subject = self._add_slider("Photo", len(subjects))
        if len(subjects) > 1:
            steps = gui.add_button_group("", ("Previous", "Next"))
            steps.on_click(lambda _: self._step(1 if steps.value == "Next" else -1))
        with gui.add_folder("Time", visible=False) as self._time:
            self.play = gui.add_button("Play")
            self._frame = self._add_slider("Frame", 2)
        with gui.add_folder("View"):
            camera = gui.add_button("Photo's camera", hint="Back to where the photo was taken from")
            camera.on_click(lambda event: look_through(event.client))
            self._target = gui.add_dropdown("Turn around", (EVERYBODY,))
            self._target.on_update(turn)
        with gui.add_folder("Bodies"):
            self._look = gui.add_dropdown("Look", ("clay",))
            self._opacity = gui.add_slider("Opacity", 0.1, 1.0, 0.05, max(opacity, 0.1))
            self._photo = gui.add_checkbox("Photo behind", True)
        self._people = gui.add_folder("People")
        for field in (self._look, self._opacity, self._photo):
            field.on_update(lambda _: changed())

    def _add_slider(self, label: str, count: int) -> Any:
        """A slider from 1 to a number."""
        slider = self._gui.add_slider(label, 1, max(count, 2), 1, 1, visible=count > 1)
        slider.on_update(lambda _: self._changed())
        return slider

    def _step(self, by: int) -> None:
        self._subject.value = min(max(self._subject.value + by, 1), len(self._subjects))
        self._changed()

    @property
    def choice(self) -> Choice:
        """What is chosen now."""
        subject = min(int(self._subject.value), len(self._subjects)) - 1
        frames = len(self._subjects[subject].shots)
        return Choice(
            subject,
            min(int(self._frame.value), frames) - 1,
            self._look.value,
            bool(self._photo.value),
            float(self._opacity.value),
            frozenset(key for key, box in list(self._boxes.items()) if not box.value),
        )

    def open_subject(self, number: int) -> None:
        """Makes the fields those of another photo or sequence."""
        subject = self._subjects[number]
        frames = len(subject.shots)
        self._time.visible = frames > 1
        self._frame.visible = frames > 1
        self._frame.value = 1
        self._frame.max = max(frames, 2)
        for box in self._boxes.values():
            box.remove()
        self._boxes.clear()
        self._keys.clear()
        self._target.options = (EVERYBODY,)

    def list_people(self, people: Iterable[StagePerson]) -> None:
        """Adds those people to the fields who are not there yet."""
        for person in people:
            if person.key in self._boxes or len(self._boxes) >= MOST_LISTED:
                continue
            with self._people:
                box = self._gui.add_checkbox(person.label, True)
            box.on_update(lambda _: self._changed())
            self._boxes[person.key] = box
            self._keys[person.label] = person.key
            self._target.options = (EVERYBODY, *self._keys)

    def offer_looks(self, looks: Sequence[str], chosen: str | None) -> None:
        """Sets which looks there are, and which is chosen; None leaves that."""
        if tuple(looks) != tuple(self._look.options):
            self._look.options = tuple(looks)
        if chosen is not None:
            self._look.value = chosen

    def tell(self, name: str, note: str = "") -> None:
        """Shows the name of what is seen, and why something is not."""
        self._name.value = name
        self._note.value = note
        self._note.visible = bool(note)

    def show_frame(self, number: int) -> None:
        """Moves the slider of the time."""
        self._frame.value = number + 1
