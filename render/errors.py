"""Errors that speak to the user; the command line prints them without a traceback."""


class RenderError(Exception):
    """A fault that the user can mend.

    The message names the thing (file, row, key), what was expected, what was found, and what to do.
    """


class ConfigError(RenderError):
    """A setting is unknown, of the wrong type or out of range."""


class FitFileError(RenderError):
    """A fit file as a whole cannot be used."""


class BodyModelError(RenderError):
    """A body model file is missing, damaged or not of a known layout."""


class RasterizerError(RenderError):
    """A rasterizer is not installed or does not work on the device."""


class PhotoError(RenderError):
    """One photograph cannot be read; its sheets fail and the run goes on."""


class MissingPhotoError(PhotoError):
    """A photograph is not there."""


class OutputError(RenderError):
    """An output folder cannot be written; the run cannot go on."""


class InUseError(OutputError):
    """Another run is writing the same sheets; it may be about to end."""


class SheetError(RenderError):
    """One sheet cannot be encoded or named; it fails and the run goes on."""


class StoreError(RenderError):
    """What lies at a URL cannot be reached or used, or it is no URL that can be."""


class DownloadError(RenderError):
    """A file cannot be fetched or put where it belongs."""


def list_causes(error: BaseException | None) -> str:
    """What an exception says, and what each of those says that led to it."""
    said = []
    while error is not None:
        said.append(f"{type(error).__name__}: {error}")
        # As a traceback has it: `raise ... from None` hides what came before.
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "; because of ".join(said)
