"""From the WARC files of a dump to documents: :mod:`include.ingest.stage` is the way in."""
