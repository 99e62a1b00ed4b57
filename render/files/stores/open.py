"""Opens what lies at a URL: options of the client, retries, and where credentials come from."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from render.errors import StoreError
from render.files.stores.explain import explain_store_error
from render.files.stores.urls import StoreUrl, is_server, redact

if TYPE_CHECKING:
    from obstore.store import ObjectStore

# A tar of a gigabyte must get through; a connection on which nothing comes any more is found by the second.
REQUEST_TIMEOUT, READ_TIMEOUT, CONNECT_TIMEOUT = (
    timedelta(minutes=5),
    timedelta(seconds=30),
    timedelta(seconds=10),
)
# 0.2, 0.4, ... 8 s with jitter, together half a minute: one request in twenty that fails is tried again until
# it is served, and a server that is not there is said after a while that people wait.
MOST_RETRIES = 8
FIRST_WAIT, LONGEST_WAIT, RETRY_TIMEOUT = (
    timedelta(milliseconds=200),
    timedelta(seconds=8),
    timedelta(minutes=2),
)

# As boto3 has them.
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
_PROFILES = (("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"), ("AWS_CONFIG_FILE", "~/.aws/config"))


def open_store(url: StoreUrl) -> ObjectStore:
    """A store whose keys are names below a URL, taken as that of a folder. It is asked nothing yet.

    Credentials are what obstore finds by itself in the environment (AWS_*, GOOGLE_*, AZURE_*) and from the
    roles of machines, and for s3:// also the profiles of ~/.aws, if boto3 is installed.

    Args:
        url: Of a folder; that of a file is opened by its `parent`.

    Raises:
        StoreError: obstore is not installed, or the settings of the environment are refused.
    """
    try:
        from obstore.exceptions import BaseError
        from obstore.store import AzureStore, GCSStore, HTTPStore, LocalStore, S3Store
    except ImportError as error:
        raise StoreError(f"{url}: URLs need obstore; run pip install 'smpl-render[stores]'") from error
    prefix = url.key or None
    options: dict[str, Any] = {
        "client_options": {
            "timeout": REQUEST_TIMEOUT,
            "read_timeout": READ_TIMEOUT,
            "connect_timeout": CONNECT_TIMEOUT,
            "allow_http": _allows_http(url),
        },
        "retry_config": {
            "max_retries": MOST_RETRIES,
            "backoff": {"init_backoff": FIRST_WAIT, "max_backoff": LONGEST_WAIT, "base": 2},
            "retry_timeout": RETRY_TIMEOUT,
        },
    }
    try:
        if url.scheme == "file":
            return LocalStore(url.local_path)
        if url.scheme == "s3":
            return S3Store(url.place, prefix=prefix, **_find_profile(url), **options)
        if url.scheme == "gs":
            return GCSStore(url.place, prefix=prefix, **options)
        if url.scheme == "az":
            return AzureStore(url.place, prefix=prefix, **options)
        return HTTPStore.from_url(str(url).removesuffix("/"), **options)
    # ValueError: what obstore does not take, and a profile without credentials.
    except (BaseError, ValueError) as error:
        raise StoreError(explain_store_error(url, error)) from None


def _allows_http(url: StoreUrl) -> bool:
    """Whether requests may go without encryption: where the user has said so by an address."""
    if url.scheme == "http":
        return True
    return url.scheme == "s3" and _find_endpoint(url).lower().startswith("http://")


def _find_endpoint(url: StoreUrl) -> str:
    """The server that stands for Amazon's; nothing where none does."""
    for key in _ENDPOINTS:
        address = os.environ.get(key, "")
        # obstore would end this process.
        if address and not is_server(address):
            raise StoreError(
                f"{url}: expected {key} to be such as https://host or http://127.0.0.1:9000, found "
                f"{redact(address)[:100]!r}"
            )
        if address:
            return address
    return ""


def _find_profile(url: StoreUrl) -> dict[str, Any]:
    """The profiles of ~/.aws, of which obstore knows nothing; nothing where the environment says more."""
    said = os.environ
    options: dict[str, Any] = {}
    # obstore does not know AWS_ENDPOINT_URL_S3.
    if endpoint := _find_endpoint(url):
        options["endpoint"] = endpoint
    if said.get("AWS_ACCESS_KEY_ID") or said.get("AWS_SKIP_SIGNATURE", "").lower() in ("1", "true"):
        return options
    has_profiles = any(os.path.isfile(Path(said.get(key) or path).expanduser()) for key, path in _PROFILES)
    if not (has_profiles or said.get("AWS_PROFILE")):
        return options
    try:
        import boto3
        from botocore.exceptions import BotoCoreError
        from obstore.auth.boto3 import Boto3CredentialProvider
    except ImportError:
        if not said.get("AWS_PROFILE"):
            return options
        raise StoreError(f"{url}: the profiles of AWS_PROFILE need boto3; run pip install boto3") from None
    try:
        session = boto3.Session()
        # A file that says no more than the region is no reason to refuse.
        if session.get_credentials() is None:
            return options
        return {**options, "credential_provider": Boto3CredentialProvider(session)}
    # What it says names the profile, or the file.
    except BotoCoreError as error:
        raise StoreError(f"{url}: the profile of AWS cannot be used ({error})") from None
