"""What the machine is: GPU, driver, versions, room, tools."""

from __future__ import annotations

import shutil
import subprocess

from benchmarks.results import machine
from tools.gpu.notes import Notes
from tools.gpu.steps.words import read_words


def main(words: list[str] | None = None) -> None:
    """Notes all of it. A machine whose torch sees no GPU fails, unless the run is a dry one."""
    given = read_words(words=words)
    notes = Notes(given.notes)
    found = machine()
    cards = ", ".join(f"{gpu['name']}, driver {gpu['driver']}" for gpu in found["gpus"]) or "no NVIDIA GPU"
    notes.add("machine", found, f"{cards}; {found['cores_available']} cores, {found['cpu']}")
    room = {folder: round(shutil.disk_usage(folder).free / 1e9, 1) for folder in ("/tmp", "/dev/shm")}
    notes.add("free_gb", room)
    notes.add("compute_sanitizer", shutil.which("compute-sanitizer"))
    smi = shutil.which("nvidia-smi")
    if smi:
        query = [smi, "-q", "-d", "MEMORY,UTILIZATION,CLOCK"]
        notes.add("nvidia_smi", subprocess.run(query, capture_output=True, text=True).stdout[:4000])
    import torch

    sees = torch.cuda.is_available()
    name = torch.cuda.get_device_name(0) if sees else "no GPU"
    notes.add("torch", {"cuda": torch.version.cuda, "sees": name}, f"torch {torch.__version__} sees {name}")
    if not sees and not given.dry_run:
        raise SystemExit("torch sees no CUDA device")


if __name__ == "__main__":
    main()
