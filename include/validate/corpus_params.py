"""Bounds of the gate on a dump's corpus (section ``corpus_gate``)."""

from include.sections import Section, Share
from include.validate.drift_params import DriftParams


class CorpusGateParams(Section):
    """Bounds of the expectations on a corpus. What else they hold it to are the settings of the mix."""

    max_share_error: Share = 0.02
    """Critical: of the mix's tokens, by how much a source may miss its share; the length of one text for each source
    and quality bucket is allowed beside it, because texts are not cut."""
    drift: DriftParams = DriftParams()
    """Warnings: tokens, languages, recipes and lengths of the mix beside those of earlier dumps."""
