#!/usr/bin/env bash
# Pins all dependencies: requirements*.in -> requirements*.txt. The torch build for CPUs must be to be found
# (UV_FIND_LINKS or UV_EXTRA_INDEX_URL; see scripts/setup.sh).
set -euo pipefail
cd "$(dirname "$0")/.."
[ -z "${PIP_FIND_LINKS:-}" ] || export UV_FIND_LINKS=${UV_FIND_LINKS:-$PIP_FIND_LINKS}
export UV_CUSTOM_COMPILE_COMMAND="make lock"
compile() { .uv/bin/uv pip compile -q --python-version 3.11 --no-annotate "$@"; }
compile requirements.in -o requirements.txt
compile requirements-dev.in -c requirements.txt -o requirements-dev.txt
compile requirements-peers.in -o requirements-peers.txt
compile requirements-engine.in --override overrides-engine.txt -o requirements-engine.txt
# Not the CPU build of torch here.
UV_FIND_LINKS= compile requirements-engine-gpu.in --override overrides-engine-gpu.txt -o requirements-engine-gpu.txt
