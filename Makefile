# The two commands that matter are `make demo` and `make test`; each sets up what it needs on first use.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# A worker a core; two at least, for what one waits for.
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$((n > 2 ? n : 2)))

.PHONY: demo test test-fast test-cluster dearest lint api coverage mutants bench bench-peers soak docs docs-serve docs-commands docs-pictures docs-check notebook

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

# The pictures of the README and the documentation, from the demo set; all of them, or NAMES="overlay.jpg page.jpg".
# Those of pages need Chromium: apt install chromium.
docs-pictures: .venv/.dev
	$(BIN)/python -m tools.docs.pictures $(NAMES)

# The notebook of examples/, with what its cells show.
notebook: .venv/.dev
	$(BIN)/python -m tools.docs.notebook

# Whether they still are what their commands draw.
docs-check: .venv/.dev
	$(BIN)/python -m tools.docs.pictures --check $(NAMES)

# The documentation as a site: open site/index.html. A warning is an error.
docs: .venv/.dev
	$(BIN)/mkdocs build --strict --quiet

# The same with its search, which browsers keep from pages that are opened from the disk.
docs-serve: docs
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory site

# Whether each command of README and documentation does what is said, in fresh clones; PAGES="docs/start.md ...".
docs-commands: .venv/.dev
	$(BIN)/python -m tools.docs.commands $(PAGES)
