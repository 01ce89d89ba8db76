PY := .venv/bin/python
help: ; @echo "make demo | make test | make lint | make test-long | make bench"
.PHONY: help
