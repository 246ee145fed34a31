# Thin calls: everything they do is in seq2seq_lib, tests or pytest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
AUDIT := .venv-audit
PIP_AUDIT := 2.10.1
# These tests know models, training and records alone: quick to run on another Python or torch.
MODEL_TESTS := tests/test_batches.py tests/test_config.py tests/test_seq2seq.py tests/test_variants.py \
	tests/test_training.py tests/test_records.py tests/test_output_layer.py tests/test_recurrence.py tests/test_hardware.py

.PHONY: report test lab study bench lock test-models audit clean

report: $(VENV)/.ready  ## run the notebooks on the embedded corpus, write HTML and PDF to report/
	$(BIN)/python -m seq2seq_lib report --out report

test: $(VENV)/.ready  ## lint, unit tests, notebooks re-executed with the smoke profile
	$(BIN)/ruff check .
	$(BIN)/ruff format --check seq2seq_lib tests data benchmarks conftest.py
	$(BIN)/python -m pytest tests -q -n auto --dist loadfile
	SEQ2SEQ_PROFILE=smoke $(BIN)/python -m pytest --nbval-lax --nbval-cell-timeout=600 notebooks -q -n auto --dist loadfile

lab: $(VENV)/.ready  ## open JupyterLab on the notebooks
	$(BIN)/python -m seq2seq_lib lab

study: $(VENV)/.ready  ## the full-size study on Multi30k: hours on a CPU; goes on where it stopped
	$(BIN)/python -m seq2seq_lib study all --profile report

bench: $(VENV)/.ready  ## a training step beside the course's loop, how its cost grows, a large corpus: about 20 minutes
	$(BIN)/python -m benchmarks.training_step
	$(BIN)/python -m benchmarks.growth
	$(BIN)/python -m benchmarks.large_corpus

test-models: $(VENV)/.ready  ## the tests of models, training and records alone
	$(BIN)/python -m pytest $(MODEL_TESTS) -q -n auto --dist loadfile

audit: $(AUDIT)/.ready-$(PIP_AUDIT)  ## known advisories on the locked packages; needs PyPI, and says so without it
	$(AUDIT)/bin/python -m tests.audit

lock:  ## resolve pyproject.toml anew; needs uv
	uv pip compile pyproject.toml --extra report --extra test --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements.lock

clean:  ## remove what the other targets made, local records and weights included
	rm -rf $(VENV) $(AUDIT) report data/cache

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; (3, 11) <= v <= (3, 14) or sys.exit("This report needs Python 3.11 to 3.14, but $(PYTHON) is %d.%d: install one of them and say, for example, make PYTHON=python3.13 report." % v)'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps --no-build-isolation -e .
	@touch $@

$(AUDIT)/.ready-$(PIP_AUDIT):
	$(PYTHON) -m venv --clear $(AUDIT)
	$(AUDIT)/bin/python -m pip install --disable-pip-version-check -q pip-audit==$(PIP_AUDIT)
	@touch $@
