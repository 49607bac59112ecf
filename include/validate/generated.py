"""The generated part of a published text, in SQL."""

from include.recipes.registry import known_recipes, load_recipe


def generated_text() -> str:
    """An expression over a row of ``accepted``: its text without the source that some recipes publish in front."""
    appending = [f"'{name}'" for name in known_recipes() if load_recipe(name).append_to_source]
    behind = "substr(text, length(regexp_replace(source, '^\\s+|\\s+$', '', 'g')) + 3)"
    return f"CASE WHEN recipe IN ({', '.join(appending)}) THEN {behind} ELSE text END" if appending else "text"
