"""Objects of S3 and of servers that speak its protocol: signed addresses to read them by, and listings.

Credentials, region and endpoint come from where every AWS tool finds them; without credentials nothing is signed.
"""

import os
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from include.ingest.policy import FetchPolicy, SourceUnavailable, explain
from include.ingest.ratelimit import wait_for_turn

SIGNATURE_SECONDS = 3600
KEYS_PER_ANSWER = 1_000
"""S3's own bound."""


def signed(url: str, policy: FetchPolicy) -> str:
    """The HTTPS address of ``s3://bucket/key``: all that HTTP gives (ranges, ETags, the watchdog) then holds for S3."""
    bucket, key = _split(url)
    place = {"Bucket": bucket, "Key": key}
    client = _client(policy, _region(bucket, policy, os.getpid()), os.getpid())
    address: str = client.generate_presigned_url("get_object", Params=place, ExpiresIn=SIGNATURE_SECONDS)
    return address


def list_keys(url: str, policy: FetchPolicy) -> Iterator[str]:
    """The keys below ``url``, relative to it, in the order of S3 (by bytes).

    Raises:
        OSError: the bucket does not exist or may not be listed. SourceUnavailable: no answer after all attempts.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

    bucket, prefix = _split(f"{url}/")
    client = _client(policy, _region(bucket, policy, os.getpid()), os.getpid())
    try:
        pages = client.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=prefix, PaginationConfig={"PageSize": KEYS_PER_ANSWER}
        )
        for page in pages:
            yield from (entry["Key"][len(prefix) :] for entry in page.get("Contents", ()))
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if status == 429 or status >= 500:
            raise SourceUnavailable(f"{url} cannot be listed: {explain(error)}. Run again later") from None
        raise OSError(f"{url} cannot be listed: {explain(error)}") from None
    except BotoCoreError as error:
        raise SourceUnavailable(f"{url} cannot be listed: {explain(error)}. Run again later") from None


def _split(url: str) -> tuple[str, str]:
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key


@lru_cache(maxsize=64)
def _region(bucket: str, policy: FetchPolicy, process: int) -> str | None:
    """Where the bucket is: an address that is signed for another region is refused. None leaves botocore's default."""
    from botocore.exceptions import BotoCoreError, ClientError

    client = _client(policy, None, process)
    if not client.meta.endpoint_url.endswith("amazonaws.com"):
        return None
    try:
        answer = client.head_bucket(Bucket=bucket)
    except ClientError as error:  # AWS names the region in a refusal, too
        answer = error.response
    except BotoCoreError:
        return None
    region: str | None = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("x-amz-bucket-region")
    return region


@lru_cache(maxsize=16)
def _client(policy: FetchPolicy, region: str | None, process: int) -> Any:
    from botocore import UNSIGNED  # type: ignore[import-untyped]
    from botocore.config import Config  # type: ignore[import-untyped]
    from botocore.session import get_session  # type: ignore[import-untyped]

    session = get_session()
    region = region or session.get_config_variable("region") or "us-east-1"
    config = Config(
        signature_version="s3v4" if session.get_credentials() else UNSIGNED,
        user_agent_extra=policy.user_agent,
        read_timeout=policy.stall_seconds,
        retries={"mode": "standard", "total_max_attempts": policy.attempts},
    )
    client = session.create_client("s3", region_name=region, config=config)

    def take_turn(request: Any, **_: Any) -> None:
        wait_for_turn(urlsplit(request.url).netloc, policy.requests_per_second)

    client.meta.events.register("before-send.s3", take_turn)
    return client
