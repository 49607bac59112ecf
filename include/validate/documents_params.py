"""Bounds of the gate on documents (section ``documents_gate``)."""

from typing import Annotated

from pydantic import Field

from include.sections import Count, Section, Share


class DocumentsGateParams(Section):
    """Bounds of the expectations on a dump's documents."""

    min_pages: Count = 1_000
    """Shares and volumes are compared among dumps of at least so many pages: with fewer, a share moves by up to 0.05
    by chance alone (three standard errors of a half)."""
    min_volume_ratio: Annotated[float, Field(gt=0, le=1)] = 0.5
    max_volume_ratio: Annotated[float, Field(ge=1)] = 2.0
    """Critical: texts over the median of earlier dumps. Common Crawl's dumps of 2014 and 2015 have 1.6 to 3.7 billion
    pages (huggingface.co/datasets/commoncrawl/statistics), 0.8 to 1.8 of their median."""
    max_language_drift: Share = 0.1
    """Critical: by how much a language's share of the texts may differ from its median in earlier dumps."""
    max_reason_drift: Share = 0.1
    """Warning: the same for the share of pages that a reason rejects. A changed bound of ours moves it as well."""
    max_failed_share: Share = 0.05
    """Critical: pages that could not be read, of all pages."""
    min_accepted_share: Share = 0.01
    """Critical: documents, of the HTML pages in a kept language. Below it, a filter or the deduplication is broken:
    deduplication over all dumps, the harshest step known, left a tenth of the oldest (FineWeb, arXiv 2406.17557)."""
    max_accepted_share: Share = 0.98
    """Warning: above it, the filters hardly filter."""
    max_incomplete_share: Share = 0.01
    """Critical: files that were not read to their end, of all files, rounded up to whole files."""
