"""How far a layer of a dump may be from earlier dumps."""

from typing import Annotated

from pydantic import Field

from include.sections import Count, Section, Share


class DriftParams(Section):
    """Warnings, all of them: settings of ours move these figures, too."""

    min_rows: Count = 1_000
    """Dumps of at least so many rows are compared, and of those the recipes with as many: with fewer, a share moves by
    up to 0.05 by chance alone (three standard errors of a half)."""
    min_volume_ratio: Annotated[float, Field(gt=0, le=1)] = 0.5
    max_volume_ratio: Annotated[float, Field(ge=1)] = 2.0
    """Rows over the median of earlier dumps; as for documents (:mod:`include.validate.documents_params`)."""
    max_language_drift: Share = 0.1
    """By how much a language's share of the rows may differ from its median in earlier dumps."""
    max_recipe_drift: Share = 0.1
    """The same for a recipe's share of the rows."""
    max_reason_drift: Share = 0.1
    """The same for the share of rows that a reason rejects."""
    max_accepted_drift: Share = 0.15
    """The same for the accepted share, of all rows and of each recipe's."""
    max_collapse_drift: Share = 0.1
    """The same for the share of a recipe's texts that begin alike, and for how far their lengths vary."""
    max_length_ratio: Annotated[float, Field(ge=1)] = 1.5
    """By what factor a recipe's 10 %, 50 % or 90 % quantile of words may differ from its median in earlier dumps."""
