# The two commands that matter are `make demo` and `make test`; each sets up what it needs on first use.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: demo test lint bench soak readme-pictures

demo: .venv/.runtime
	$(BIN)/python -m render

test: .venv/.dev
	$(BIN)/python -m pytest

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

bench: .venv/.runtime
	$(BIN)/python -m benchmarks.raster
	$(BIN)/python -m benchmarks.skinning
	$(BIN)/python -m benchmarks.end_to_end
	$(BIN)/python -m benchmarks.scaling
	$(BIN)/python -m benchmarks.ingest

# Whether a run of 10,000 sheets keeps its memory.
soak: .venv/.runtime
	$(BIN)/python -m benchmarks.soak

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.runtime: requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $@

.venv/.dev: requirements-dev.txt .venv/.runtime
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	touch $@

# The pictures of the README, from the demo set.
readme-pictures: .venv/.runtime
	$(BIN)/python -m render samples=5 output.quality=82
	cp outputs/demo/overlay/demo_000003_5.jpg extradata/readme/overlay.jpg
	$(BIN)/python -m render job=contact samples=1 supersample=4
	$(BIN)/python extradata/readme/shrink.py outputs/demo/contact/demo_000000_1.png extradata/readme/contact.jpg 1000
	$(BIN)/python -m render job=turntable samples=6 output=webp size=320x320 supersample=4 frames=36 output.fps=12
	cp outputs/demo/turntable/demo_000003_6.webp extradata/readme/turntable.webp
