"""Video files, opened so that nothing else is read; what is said of files that are none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

# Not through OpenCV, which says neither what is damaged nor when a frame is shown.
import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from render.errors import MissingPhotoError, PhotoError
from render.files.regular import open_regular
from render.photos.files import LONGEST_SIDE_PX, MOST_PIXELS
from render.photos.foreign import START_BYTES, name_foreign

# As libav names them. Playlists (HLS, DASH, concat) are not among them: they name other files to be read.
FORMATS = "mov,matroska,avi,mpegts,mpeg,flv,ogg,asf"
_NAMES = "MP4, MOV, MKV, WebM, AVI, MPEG, FLV, OGG, WMV"
# What libav is handed is read, and nothing else is opened.
FILE_ONLY = {"format_whitelist": FORMATS, "protocol_whitelist": "none"}
_OPTIONS = {
    **FILE_ONLY,
    # A frame that would need too much memory is refused before it is decoded.
    "max_pixels": str(MOST_PIXELS),
}


def open_container(path: Path) -> tuple[BufferedReader, InputContainer, VideoStream]:
    """Opens a video.

    Args:
        path: Of the file.

    Returns:
        The file, its container and its video stream, the first that is no cover picture; the caller closes
        container and file, in this order.

    Raises:
        MissingPhotoError: There is no such file.
        PhotoError: It is no video that is read.
    """
    file = _open_file(path)
    try:
        # Tags may be in any encoding, and none is used.
        container = av.open(file, "r", options=_OPTIONS, metadata_errors="ignore")
        try:
            return file, container, _find_stream(path, container)
        except BaseException:
            container.close()
            raise
    except av.FFmpegError as error:
        file.seek(0)
        start = file.read(START_BYTES)
        file.close()
        raise _no_video(path, start, error) from error
    except BaseException:
        file.close()
        raise


@contextmanager
def opened(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """As `open_container`, closed at the end."""
    file, container, stream = open_container(path)
    try:
        yield container, stream
    finally:
        container.close()
        file.close()


def demux(container: InputContainer, stream: VideoStream) -> Iterator[Packet[VideoStream] | None]:
    """The packets of a stream from where the container is; None at the end, also at one that damage makes."""
    try:
        for packet in container.demux(stream):
            # As libav says that this is the end.
            if packet.size or packet.pts is not None or packet.dts is not None:
                yield packet
    # The latter is PyAV's, where a damaged file gives streams that its header does not have.
    except (av.FFmpegError, IndexError) as error:
        if isinstance(error, MemoryError):
            raise
    yield None


def _open_file(path: Path) -> BufferedReader:
    try:
        file = open_regular(path)
    except FileNotFoundError as error:
        raise MissingPhotoError(
            f"{path}: there is no such video; set dataset.image_dir to a video, or to a folder of photos"
        ) from error
    except OSError as error:
        raise PhotoError(
            f"{path}: the video cannot be read ({error.strerror}). Check its permissions and the disk."
        ) from error
    if not file.peek(1):
        file.close()
        raise PhotoError(f"{path}: the video is empty (0 bytes). Download it again.")
    return file


def _find_stream(path: Path, container: InputContainer) -> VideoStream:
    streams = [one for one in container.streams.video if not one.disposition & Disposition.attached_pic]
    if not streams:
        kinds = ", ".join(sorted({one.type for one in container.streams})) or "nothing"
        raise PhotoError(
            f"{path}: expected a video, found a file without moving pictures (only {kinds}). Set "
            f"dataset.image_dir to the video itself."
        )
    stream = streams[0]
    if stream.codec_context is None:
        raise PhotoError(
            f"{path}: found a video in a codec that is not read. Convert it to H.264: ffmpeg -i IN OUT.mp4"
        )
    width, height = stream.codec_context.width, stream.codec_context.height
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE_PX:
        raise PhotoError(
            f"{path}: expected at most {MOST_PIXELS // 1_000_000} megapixels and sides of at most "
            f"{LONGEST_SIDE_PX}, found {width} x {height}. Scale the video down."
        )
    return stream


def _no_video(path: Path, start: bytes, error: av.FFmpegError) -> PhotoError:
    foreign = name_foreign(start)
    if foreign is not None and not foreign[0].startswith("a video"):
        return PhotoError(f"{path}: found {foreign[0]} instead of a video. {foreign[1]}")
    return PhotoError(
        f"{path}: expected a folder of photos or a video ({_NAMES}), found a file that cannot be opened as "
        f"one ({error.strerror}). Where it is one, download it again, or convert it to MP4."
    )
