"""The catalogue of teachers for a terminal."""

from rich.table import Table

from include.teachers.catalogue import STRICTNESS
from include.teachers.entries import load_catalogue

COLOURS = {"allowed": "green", "conditional": "yellow", "forbidden": "red"}


def render_catalogue() -> Table:
    """One row for each licence or service: status, models by name, duties, and where that stands."""
    catalogue = load_catalogue()

    def strictness(terms: str) -> int:
        return STRICTNESS.index(catalogue.terms[terms].status)

    table = Table("may train others", "licence or terms", "names", "says, and duties", "source", show_lines=True)
    for name, terms in sorted(catalogue.terms.items(), key=lambda item: strictness(item[0])):
        globs = [glob for model in catalogue.models if name == max(model.terms, key=strictness) for glob in model.match]
        table.add_row(
            f"[{COLOURS[terms.status]}]{terms.status}[/]",
            "\n".join([terms.title, *(f"card: {identifier}" for identifier in terms.ids), *terms.hosts]),
            " ".join(glob.replace("[", r"\[") for glob in globs),
            "\n".join([terms.says, *(f"- {duty}" for duty in terms.duties)]),
            f"{terms.source} ({terms.evidence}, {terms.checked})",
        )
    return table
