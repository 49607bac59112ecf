"""Every stage from a shell: ``python -m include.cli --help``. dvc.yaml and the engine's process use it, too."""

from include.cli.commands import app
from include.cli.options import parse_overrides

__all__ = ["app", "parse_overrides"]
