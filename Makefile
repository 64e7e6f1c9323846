# Both commands make their own environment in .venv; they need Python 3.11 or newer and
# nothing else. See README.md for the plain pip lines.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
PIP := $(BIN)/python -m pip install --quiet --constraint constraints.txt
# Display-less machines run the viewer's tests on a virtual screen.
SCREEN := $(if $(or $(DISPLAY),$(filter Windows_NT,$(OS)),$(filter Darwin,$(shell uname -s))),,xvfb-run -a -s "-screen 0 1600x1000x24")

.PHONY: demo test lint clean

demo: $(VENV)/installed
	$(BIN)/photon-denoise demo -o demo-output

test: $(VENV)/installed-test
	@sh .ci/system-libraries
	$(SCREEN) $(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(PYTEST)

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) demo-output

$(VENV)/python-made:
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed: make PYTHON=python3.12 demo')"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet "pip>=25.1"
	@touch $@

# torch first and by its version: asked for by another package, pip would choose the newest.
$(VENV)/installed: $(VENV)/python-made pyproject.toml constraints.txt
	$(PIP) $$(grep '^torch==' constraints.txt)
	$(PIP) --editable .
	@touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(PIP) --group test
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed-test
	$(PIP) --group dev
	@touch $@
