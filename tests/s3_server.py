"""An S3 server in this process (moto's, which speaks the real protocol) for tests of anything that reads s3://."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from include.ingest import s3


@contextmanager
def s3_bucket(name: str = "dumps", faults: Callable[[str], int | None] | None = None) -> Iterator[str]:
    """An empty bucket; the environment points every AWS client of this process and its children there.

    ``faults`` is asked with the method of each request and may answer with a status to fail with.
    """
    import boto3
    import httpx
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    if faults:
        _put_before(moto, faults)
    host, port = moto.get_host_and_port()
    httpx.post(f"http://{host}:{port}/moto-api/reset")  # what earlier servers of this process held
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    try:
        with patch.dict(os.environ, {"AWS_ENDPOINT_URL": f"http://{host}:{port}", **keys}):
            _forget_clients()
            boto3.client("s3").create_bucket(Bucket=name)
            yield name
    finally:
        _forget_clients()
        moto.stop()


def upload(bucket: str, files: dict[str, bytes]) -> None:
    import boto3

    client = boto3.client("s3")
    for key, content in files.items():
        client.put_object(Bucket=bucket, Key=key, Body=content)


def _put_before(moto: Any, faults: Callable[[str], int | None]) -> None:
    inner = moto._server.app

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        status = faults(environ["REQUEST_METHOD"])
        if status is None:
            return inner(environ, start_response)
        start_response(f"{status} told to fail", [("Content-Length", "0")])
        return [b""]

    moto._server.app = app


def _forget_clients() -> None:
    s3._client.cache_clear()
    s3._region.cache_clear()
