# make demo   sets up .venv, then the whole loop on the embedded default; the page is out/demo/index.html
# make test   sets up .venv, then ruff, mypy and all the tests
# make docs   sets up .venv, then the pages under docs/ as a site; the first is out/site/index.html

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO_OUT ?= out/demo
# python3 is the right one under pyenv (.python-version); elsewhere it may be called python3.13, or come from uv
IS_313 := -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))'

.PHONY: demo test docs setup clean

demo: $(STAMP)
	$(BIN)/akd demo -o $(DEMO_OUT)

test: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist worksteal $(PYTEST_ARGS)

docs: $(STAMP)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict -f configs/docs/mkdocs.yml

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@set -e; \
	if python3 $(IS_313) 2>/dev/null; then python3 -m venv $(VENV); \
	elif python3.13 $(IS_313) 2>/dev/null; then python3.13 -m venv $(VENV); \
	elif command -v uv >/dev/null; then uv venv --python 3.13 --seed --allow-existing $(VENV); \
	else echo "make: Python 3.13 is needed: install python3.13 with its venv module, or pyenv, or uv" >&2; exit 1; fi
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt -e '.[test]'
	@touch $@

clean:
	rm -rf $(VENV) build *.egg-info
