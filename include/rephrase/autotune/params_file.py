"""Writes settings of a model into a params file as a person would: comments, order and layout stay."""

import json
from collections.abc import MutableMapping
from io import StringIO
from pathlib import Path
from typing import Any

import yaml

from include.errors import BadInput
from include.lake import write_atomically

Content = MutableMapping[str, Any]


def write_model_settings(file: Path, teacher: str, settings: dict[str, Any]) -> bool:
    """Put ``settings`` under ``rephrase.models.<teacher>``; other settings stay.

    Returns:
        Whether the file has changed.

    Raises:
        BadInput: the file is not a params file, or cannot be changed without changing something else.
    """
    try:
        before = file.read_text()
        wanted = _plain(before)
    except (OSError, yaml.YAMLError) as error:
        raise BadInput(f"The params file {file} cannot be read: {error}. Name one that you can write to.") from None
    _put(wanted, teacher, settings, file)
    if wanted == _plain(before):
        return False
    after = _edit(before, teacher, settings, file)
    if _plain(after) != wanted:
        raise BadInput(
            f"{file} cannot be changed by itself (does it use anchors?). Write this into rephrase.models yourself: "
            f"{teacher}: {settings}"
        )
    write_atomically(file, after.encode())
    return True


def _plain(text: str) -> Any:
    """What a file says, anchors written out."""
    return json.loads(json.dumps(yaml.safe_load(text) or {}, default=str))


def _put(content: Content, teacher: str, settings: dict[str, Any], file: Path) -> None:
    place = content
    for name in ("rephrase", "models", teacher) if settings else ():
        if not isinstance(place, MutableMapping):
            break
        if place.get(name) is None:
            _set(place, name, type(content)())
        place = place[name]
    if not isinstance(place, MutableMapping):
        raise BadInput(
            f"{file} holds {place!r} where settings must stand by name (rephrase.models.{teacher}). Mend it."
        )
    for name, value in reversed(settings.items()):
        _set(place, name, value)


def _set(place: Content, name: str, value: Any) -> None:
    """A new name goes to the front: what stands behind the last one may be a comment on the next section."""
    if name not in place and hasattr(place, "insert"):
        place.insert(0, name, value)
    else:
        place[name] = value


def _edit(before: str, teacher: str, settings: dict[str, Any], file: Path) -> str:
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap
    from ruamel.yaml.util import load_yaml_guess_indent

    editor = YAML()
    editor.preserve_quotes = True
    editor.width = 2**16  # no line is broken anew
    _, indent, offset = load_yaml_guess_indent(before)
    if indent:
        editor.indent(mapping=2, sequence=indent, offset=offset)
    editor.representer.add_representer(type(None), lambda to, _: to.represent_scalar("tag:yaml.org,2002:null", "null"))
    content, after = editor.load(before), StringIO()
    if content is None:  # nothing, or comments alone, which the editor forgets
        content = CommentedMap()
        after.write(before)
    _put(content, teacher, settings, file)
    editor.dump(content, after)
    return after.getvalue()
