#!/usr/bin/env bash
# Makes the environments: scripts/setup.sh [airflow|dev|engine|peers]...
# Each is installed from its lock file and skipped when it is already that lock's.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

is_311() { "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; }

find_python() {
  for candidate in "${PYTHON:-}" python3.11 python3; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null && is_311 "$candidate"; then
      command -v "$candidate"
      return
    fi
  done
  fail "Python 3.11 is needed and was not found (python3 here is $(python3 --version 2>&1 || echo missing)). Install it" \
    "(on Debian: python3.11 and python3.11-venv) or name it: make demo PYTHON=/path/to/python3.11"
}

need_space() { # GiB
  local free
  free=$(df -Pk . | awk 'NR == 2 {print int($4 / 1048576)}')
  [ "$free" -ge "$1" ] || fail "$1 GiB of disk space are needed here and $free are free. Make room and run again."
}

get_uv() {
  [ -x .uv/bin/uv ] && return
  "$python" -m venv .uv || fail "'$python -m venv' failed. On Debian, install python3.11-venv."
  .uv/bin/python -m pip install -q --disable-pip-version-check --no-input uv==0.13.9 ||
    fail "uv could not be installed: is a package index reachable? pip's own settings (PIP_INDEX_URL, PIP_CERT, pip.conf) apply."
}

install() { # environment, lock, GiB, what to do when it fails
  local stamp=$1/.lock want
  want=$(sha256sum "$2" | cut -d' ' -f1)
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && return
  need_space "$3"
  echo "setup: installing $1 from $2"
  [ -x "$1/bin/python" ] || .uv/bin/uv venv -q --python "$python" "$1"
  # The locks are complete, so nothing is resolved again (some packages' demands are overridden on purpose).
  .uv/bin/uv pip sync -q --python "$1/bin/python" "$2" || fail "$1 could not be installed from $2. $4"
  echo "$want" > "$stamp"
}

export UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=${UV_LINK_MODE:-copy} UV_HTTP_TIMEOUT=${UV_HTTP_TIMEOUT:-180}
# uv does not read pip's settings; these two are what a closed network usually sets.
[ -z "${PIP_FIND_LINKS:-}" ] || export UV_FIND_LINKS=${UV_FIND_LINKS:-$PIP_FIND_LINKS}
[ -z "${PIP_INDEX_URL:-}" ] || export UV_DEFAULT_INDEX=${UV_DEFAULT_INDEX:-$PIP_INDEX_URL}
reach="Is a package index reachable? Set UV_DEFAULT_INDEX to yours if it is not the public one."

python=$(find_python)
get_uv
for part in "$@"; do
  case $part in
    airflow)
      [ -f .venv/.dev ] && install .venv requirements-dev.txt 3 "$reach" || install .venv requirements.txt 3 "$reach"
      .venv/bin/python -m include.native ;;
    dev)
      install .venv requirements-dev.txt 3 "$reach"
      touch .venv/.dev
      .venv/bin/python -m include.native ;;
    engine)
      if [ "${REWRAP_ENGINE:-}" = gpu ] || { [ -z "${REWRAP_ENGINE:-}" ] && command -v nvidia-smi >/dev/null; }; then
        install .venv-engine requirements-engine-gpu.txt 16 "$reach"
      else
        install .venv-engine requirements-engine.txt 6 "$reach If it is torch's CPU build that is missing, set UV_EXTRA_INDEX_URL \
to PyTorch's index of CPU wheels (its address stands on PyTorch's installation page) or UV_FIND_LINKS to a folder with the wheel."
      fi ;;
    peers) install .venv-peers requirements-peers.txt 2 "$reach" ;;
    *) fail "unknown part '$part': airflow, dev, engine or peers" ;;
  esac
done
