"""From the WARC files of a dump to documents.

::

    plan      which files, in which batches                       source, columnar_index, plan
    batch     read, measure, decide, sign: one task per batch     fetch, warc, workers, page, read, decide
    stage     duplicates, documents: one task per group of bands  dedup
    gate      include.validate.documents_gate

What is read is stored with its signals; filters are settings over them (:mod:`include.ingest.decide`).
"""
