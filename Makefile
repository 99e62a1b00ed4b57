# The two commands that matter are `make demo` and `make test`; each sets up what it needs on first use.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# A worker a core; two at least, for what one waits for.
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$((n > 2 ? n : 2)))

.PHONY: demo test test-fast lint api coverage mutants bench soak readme-pictures

demo: .venv/.runtime
	$(BIN)/smpl-render

test: .venv/.dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# What tells most in little time, while one writes.
test-fast: .venv/.dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow"

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The public names and signatures, after they were changed on purpose.
api: .venv/.dev
	$(BIN)/python -m tests.helpers.api

# Lines and branches that the tests reach, child processes too.
coverage: .venv/.dev
	rm -f .coverage.*
	$(BIN)/python -m coverage run -m pytest
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --skip-covered --sort=cover

# How many of a seeded sample of small faults the tests find.
mutants: .venv/.dev
	$(BIN)/python -m tests.mutants

bench: .venv/.dev
	$(BIN)/python -m benchmarks.raster
	$(BIN)/python -m benchmarks.layers
	$(BIN)/python -m benchmarks.skinning
	$(BIN)/python -m benchmarks.end_to_end
	$(BIN)/python -m benchmarks.labels
	$(BIN)/python -m benchmarks.scaling
	$(BIN)/python -m benchmarks.ingest

# Whether a run of 10,000 sheets keeps its memory, and whether one that is killed 20 times ends as it should.
soak: .venv/.runtime
	$(BIN)/python -m benchmarks.soak
	$(BIN)/python -m benchmarks.kills

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.runtime: requirements.txt pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps -e .
	touch $@

.venv/.dev: requirements-dev.txt .venv/.runtime
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	touch $@

# The pictures of the README, from the demo set.
readme-pictures: .venv/.runtime
	$(BIN)/smpl-render samples=5 output.quality=82
	cp outputs/demo/overlay/demo_000003_5.jpg extradata/readme/overlay.jpg
	$(BIN)/smpl-render job=contact samples=1
	$(BIN)/python extradata/readme/shrink.py outputs/demo/contact/demo_000000_1.png extradata/readme/contact.jpg 1000
	$(BIN)/smpl-render job=turntable samples=6 output=webp size=210x280 panels='[orbit:0:8/clay/ground]' frames=30 output.fps=10
	cp outputs/demo/turntable/demo_000003_6.webp extradata/readme/turntable.webp
	$(BIN)/python extradata/readme/clothes.py outputs/demo/clothes.png
	$(BIN)/smpl-render samples=16 supersample=2 output.quality=82 output.dir=outputs/demo/textures body.texture=outputs/demo/clothes.png \
		panels='[camera/texture, orbit:30:10/texture, orbit:200:0/texture]'
	cp outputs/demo/textures/demo_000009_16.jpg extradata/readme/textures.jpg
