# The two commands that matter are `make demo` and `make test`; each sets up what it needs on first use.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# A worker a core; two at least, for what one waits for.
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$((n > 2 ? n : 2)))

.PHONY: demo test test-fast test-cluster dearest lint api coverage mutants bench bench-peers soak readme-pictures

demo: .venv/.runtime
	$(BIN)/smpl-render

# Without bytecode each worker, and each command that a test starts, compiles all of the program and tests anew.
test test-fast dearest: export PYTHONDONTWRITEBYTECODE =

test: .venv/.dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# What tells most in little time, while one writes.
test-fast: .venv/.dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow and not cluster"

# On real clusters and servers on this machine; those that are missing are installed where root can.
test-cluster: .venv/.dev
	test "$$(id -u)" != 0 || tests/cluster/slurm/install.sh
	$(BIN)/python -m pytest -m cluster tests/cluster

# The tests and files that take most processor time.
dearest: .venv/.dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not cluster" -p tests.helpers.processor_time

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

# Ours beside what people would pick; what cannot be had is named, and left out. SHEETS=200 takes less time.
bench-peers: .venv/.peers
	$(BIN)/python -m benchmarks.peers $(if $(SHEETS),--sheets $(SHEETS))

# Whether a run of 10,000 sheets keeps its memory, and whether one that is killed 20 times ends as it should.
soak: .venv/.runtime
	$(BIN)/python -m benchmarks.soak
	$(BIN)/python -m benchmarks.kills
	$(BIN)/python -m benchmarks.executors --sheets 20000 --repeats 1

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.runtime: requirements.txt pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps -e .
	touch $@

.venv/.dev: requirements-dev.txt .venv/.runtime
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	touch $@

.venv/.peers: requirements-peers.txt .venv/.dev
	$(BIN)/python -m pip install --quiet --no-deps -r requirements-peers.txt
	touch $@

# The pictures of the README, from the demo set. Those of pages need Chromium: apt install chromium.
shrink := $(BIN)/python extradata/readme/shrink.py
screenshot := $(BIN)/python extradata/readme/screenshot.py
crowd := eft_fit/demo/n40_seed0
missed := dataset=eft body=demo dataset.name=missed dataset.fit_file=outputs/demo/missed.json dataset.image_dir=$(crowd)/images
readme-pictures: .venv/.dev
	$(BIN)/smpl-render samples=5 output.quality=82
	cp outputs/demo/overlay/demo_000003_5.jpg extradata/readme/overlay.jpg
	$(BIN)/smpl-render job=figure
	$(shrink) outputs/demo/figure/figure.png extradata/readme/figure.jpg 1200 85
	$(BIN)/python extradata/readme/other_fits.py eft_fit/demo/n12_seed0/demo_EFT.json outputs/demo/other.json
	$(BIN)/smpl-render job=figure figure=extradata/readme/errors.yaml
	$(shrink) outputs/demo/figure/errors.png extradata/readme/errors.jpg 1200 85
	$(BIN)/python extradata/readme/walk.py outputs/demo/walk.smpl
	$(BIN)/smpl-render job=figure dataset=smpl dataset.fit_file=outputs/demo/walk.smpl body=demo output.dir=outputs/demo/figure \
		figure.name=walk figure.rows='[{row: 0, strip: {every: 27, count: 9, panel: "orbit:78:5/studio/white+shadow"}}]'
	$(shrink) outputs/demo/figure/walk.png extradata/readme/walk.jpg 1200 85
	$(BIN)/smpl-render job=contact samples=5
	$(shrink) outputs/demo/contact/demo_000003_5.png extradata/readme/contact.jpg 900 75
	$(BIN)/smpl-render job=turntable samples=4 look=studio transition=16 frames=48 output=webp output.fps=16 size=360x480
	$(shrink) outputs/demo/turntable/demo_000002_4.webp extradata/readme/turntable.webp 360 75
	$(BIN)/python extradata/readme/clothes.py outputs/demo/clothes.png
	$(BIN)/smpl-render samples=16 supersample=2 output.quality=82 output.dir=outputs/demo/textures body.texture=outputs/demo/clothes.png \
		panels='[camera/texture, orbit:30:10/texture, orbit:200:0/texture]'
	cp outputs/demo/textures/demo_000009_16.jpg extradata/readme/textures.jpg
	$(BIN)/smpl-render dataset.count=40 samples=29 output.dir=outputs/demo/forty
	$(BIN)/python extradata/readme/missed_fits.py $(crowd)/demo_EFT.json outputs/demo/missed.json
	$(BIN)/smpl-render job=audit $(missed)
	$(shrink) outputs/missed/audit/audit.png extradata/readme/audit.jpg 1200 80 1020
	$(BIN)/smpl-render $(missed) look=glossstudio page=true
	$(screenshot) outputs/missed/overlay/index.html outputs/demo/page.png
	$(shrink) outputs/demo/page.png extradata/readme/page.jpg 1200 80
	$(BIN)/smpl-render job=compare dataset.count=40 samples=29 look=glossstudio reference=outputs/demo/missed.json
	$(shrink) outputs/demo/compare/demo_000016_29.jpg extradata/readme/compare.jpg 1200 82
	$(BIN)/smpl-render view samples=4 view=export
	$(screenshot) outputs/demo/view/demo_000002_4.html outputs/demo/turned.png 300x400 -9,2 -42,6 -55,0
	$(shrink) outputs/demo/turned.png extradata/readme/view.jpg 1200 85
