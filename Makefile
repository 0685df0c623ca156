# “make run” starts the practice, “make test” proves it. Both bring everything they need.

VENV ?= .venv
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
PY := $(VENV)/bin/python

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
# Where an environment forbids it, each of a hundred processes would compile all sources again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check format audit bench jobs pictures lock clean

run: $(VENV)/run.stamp
	@$(PY) manage.py run

test: $(VENV)/dev.stamp
	@$(PY) -m tests.browser.chromium
	@$(PY) -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(VENV)/dev.stamp
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m djlint templates --lint --quiet
	$(PY) -m mypy .
	$(PY) manage.py check
	RAPPORT_DATA=var/check $(PY) manage.py makemigrations --check --dry-run

format: $(VENV)/dev.stamp
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

audit: $(VENV)/dev.stamp
	$(PY) -m pip_audit --requirement requirements.txt --require-hashes --disable-pip

bench: $(VENV)/bench.stamp
	@$(PY) -m tests.bench

jobs: $(VENV)/dev.stamp
	@$(PY) -m tests.daily_jobs

pictures: $(VENV)/dev.stamp
	@$(PY) -m tests.take_pictures

# After a change of pyproject.toml. The lock files name versions and hashes, and no registry.
lock: $(VENV)/dev.stamp
	$(PY) -m uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --output-file requirements.txt
	$(PY) -m uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --output-file requirements-dev.txt
	$(PY) -m uv pip compile pyproject.toml --group dev --group bench --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --output-file requirements-bench.txt

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache

$(VENV)/made.stamp:
	@test -n "$(PYTHON)" || { echo "Rapport needs Python 3.11 or later. Install it, or name it: make run PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Rapport needs Python 3.11 or later, and $(PYTHON) is $$($(PYTHON) --version). Name another: make run PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's “venv” module is missing. On Debian and Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	@touch $@

$(VENV)/run.stamp: requirements.txt | $(VENV)/made.stamp
	@echo "Installing what Rapport runs on. The first time takes about a minute."
	@$(PY) -m pip install --quiet --require-hashes --requirement requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt | $(VENV)/made.stamp
	@echo "Installing what the tests need. The first time takes about a minute."
	@$(PY) -m pip install --quiet --require-hashes --requirement requirements-dev.txt
	@touch $@

$(VENV)/bench.stamp: requirements-bench.txt | $(VENV)/made.stamp
	@echo "Installing what the benchmarks compare with. The first time takes about a minute."
	@$(PY) -m pip install --quiet --require-hashes --requirement requirements-bench.txt
	@touch $@
