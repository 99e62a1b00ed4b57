"""What went wrong at a URL, in words, without credentials."""

from __future__ import annotations

import re

from render.files.stores.urls import StoreUrl, redact

# Where each kind of store has its credentials.
_CREDENTIALS = {
    "s3": (
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE (with pip install boto3); "
        "AWS_SKIP_SIGNATURE=true reads what is public"
    ),
    "gs": (
        "set GOOGLE_APPLICATION_CREDENTIALS to a file of credentials; GOOGLE_SKIP_SIGNATURE=true reads what "
        "is public"
    ),
    "az": (
        "set AZURE_STORAGE_ACCOUNT_NAME, and AZURE_STORAGE_ACCOUNT_KEY or AZURE_STORAGE_SAS_TOKEN; "
        "AZURE_SKIP_SIGNATURE=true reads what is public"
    ),
    "https": "servers that ask for a password are not read from; fetch it with a tool that does",
    "http": "servers that ask for a password are not read from; fetch it with a tool that does",
    "file": "check the permissions of the folder",
}
# Where obstore asks machines for their role, when nothing else is there.
_ASKED_FOR_ROLE = re.compile(
    r"169\.254\.|metadata\.google|token request|Account must be specified|MissingAccount"
)
_STATUS = re.compile(r"status code: (\d{3}(?: [A-Za-z-]+){0,5})")
# Of the answers of stores only this is said: others of their fields hold keys and signatures.
_CODE = re.compile(r"<Code>([A-Za-z]{1,60})</Code>")
_WRONG_KEYS = (
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "InvalidToken",
    "AuthorizationFailure",
)
_NOT_REACHED = (
    ("ConnectionRefused", "nothing answers there"),
    ("dns error", "there is no server of that name"),
    ("certificate", "its certificate is not trusted"),
    ("TimedOut", "it does not answer in time"),
    ("timed out", "it does not answer in time"),
)
_NOT_SERVED = (
    ("RangeNotSupported", "the server does not give parts of files, which this needs. Fetch it first"),
    ("Content-Length Header missing", "the server does not say how long the file is. Fetch it first"),
    ("response body error", "the server's answer ended in its middle. Try again later"),
    ("error following redirect", "the server leads from one address to the next. Name the last one"),
    ("status code: 30", "the server leads to an address that is not read from. Name it itself"),
)


def explain_store_error(url: StoreUrl | str, error: BaseException) -> str:
    """What obstore's error means for the user, and what to do.

    Args:
        url: What was to be read or written.
        error: What obstore raised.

    Returns:
        A message that begins with the URL.
    """
    text = redact(str(error))
    kind, scheme = type(error).__name__, str(url).partition(":")[0]
    status, code = _STATUS.search(text), _CODE.search(text)
    answered = ", ".join(found[1] for found in (status, code) if found is not None)
    if code is not None and code[1] == "NoSuchBucket":
        return f"{url}: there is no such bucket. Check its name and AWS_ENDPOINT_URL."
    if isinstance(error, FileNotFoundError) or "canonicalize filesystem root" in text:
        return f"{url}: there is nothing of this name. Check the URL."
    if _ASKED_FOR_ROLE.search(text):
        return f"{url}: no credentials were found; {_CREDENTIALS[scheme]}."
    if kind == "UnauthenticatedError" or (code is not None and code[1] in _WRONG_KEYS):
        return f"{url}: the credentials are not accepted ({answered or kind}); {_CREDENTIALS[scheme]}."
    if kind in ("PermissionDeniedError", "PermissionError"):
        denied = answered or kind
        return f"{url}: access is denied ({denied}). Check the rights of the account; {_CREDENTIALS[scheme]}."
    if "redirect without LOCATION" in text or (code is not None and code[1] == "PermanentRedirect"):
        return f"{url}: the bucket lies in another region. Set AWS_REGION to it."
    for sign, meaning in _NOT_SERVED:
        if sign in text:
            return f"{url}: {meaning}."
    if answered:
        return f"{url}: the server answered {answered}{_describe_retries(text)}. Try again later."
    for sign, meaning in _NOT_REACHED:
        if sign in text:
            return f"{url}: the server cannot be reached: {meaning}. Check the address and the network."
    said = text.partition("\n")[0].partition("<")[0].strip()[:200]
    return f"{url}: {said or kind}"


def _describe_retries(text: str) -> str:
    found = re.search(r"after (\d+) retries", text)
    return f" after {found[1]} retries" if found and found[1] != "0" else ""
