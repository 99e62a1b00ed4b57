"""What lies in folders of sheets; without torch, for small processes."""

from pathlib import Path


def sheets_below(folder: Path) -> dict[str, bytes]:
    """The files below `folder` without what is said about them: manifest and failures."""
    files = files_below(folder)
    return {name: data for name, data in files.items() if not name.startswith(("manifest", "failures"))}


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
