# demo   a private PostGIS, a sample commune and the map: PORT=8000, DATA=path of your own file
# test   all checks and tests     check  what CI checks besides tests     bench  benchmarks, ONLY=name for one
# soak   the laws of the pure floors with 2,000 examples, and the slow tests: hours; ONLY=tests/geo for some
.PHONY: demo test check bench soak

PORT ?= 8000
DATA ?=
ONLY ?=

demo:
	@cli/setup.sh run
	@exec .venv/bin/diachinh demo --port "$(PORT)" $(if $(DATA),--data "$(DATA)")

test: check
	@exec .venv/bin/pytest -n 3 --dist loadfile --no-loadscope-reorder

check:
	@cli/setup.sh test
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports
	PATH="$$PWD/.venv/bin:$$PATH" npm --prefix web run --silent check

bench:
	@cli/setup.sh bench
	@exec .venv/bin/python -m tests.bench $(ONLY)

soak:
	@cli/setup.sh test
	@exec .venv/bin/pytest -n 2 --dist load -m "" --timeout 7200 --hypothesis-profile soak $(or $(ONLY),tests/geo tests/importers)
