"""Stores: what they are opened with, what their errors become, and that no credentials are said."""

import sys

import obstore
import pytest
from obstore.exceptions import BaseError

from render.errors import StoreError
from render.files.stores import open as opening
from render.files.stores.explain import explain_store_error
from render.files.stores.open import open_store
from render.files.stores.urls import parse_url
from tests.helpers.file_server import FileServer

SECRET = "wJalrXUtnFEMI"


@pytest.fixture(autouse=True)
def hurried(monkeypatch, tmp_path):
    """No credentials of this machine, and no long waits."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setattr(opening, "FIRST_WAIT", opening.FIRST_WAIT / 100)


@pytest.fixture
def server():
    with FileServer({"a/x y.jpg": b"picture"}).running() as server:
        yield server


def ask(url):
    try:
        return obstore.get(open_store(url.parent), url.name).bytes()
    except (BaseError, OSError) as error:
        return explain_store_error(url, error)


def test_requests_that_fail_are_sent_again(server):
    server.failures = 3
    assert ask(parse_url(f"{server.url}/a/x%20y.jpg")) == b"picture"
    assert server.requests == [("GET", "a/x y.jpg")] * 4


def test_a_server_that_always_fails_is_said_after_a_while(server):
    server.failures = 100
    said = ask(parse_url(f"{server.url}/a/x"))
    assert "the server answered 503 Service Unavailable after 8 retries" in said


def test_what_is_not_there(server):
    assert (
        ask(parse_url(f"{server.url}/a/z"))
        == f"{server.url}/a/z: there is nothing of this name. Check the URL."
    )


def test_nothing_answers(monkeypatch):
    monkeypatch.setattr(opening, "MOST_RETRIES", 1)
    assert "cannot be reached: nothing answers there" in ask(parse_url("http://127.0.0.1:1/x"))


def test_an_s3_server_is_reached_without_encryption_only_by_an_address_that_says_so(monkeypatch, server):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    server.files["bucket/a/x"] = b"object"
    assert ask(parse_url("s3://bucket/a/x")) == b"object"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://127.0.0.1:1")
    monkeypatch.setattr(opening, "MOST_RETRIES", 0)
    assert not opening._allows_http(parse_url("s3://bucket/a/x"))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1:9000",
        "nonsense",
        "http://",
        "https://h:99999",
        "http://h h",
        "ftp://h",
        f"http://u:{SECRET}@h",
        " http://h",
    ],
)
def test_addresses_of_s3_servers_that_are_none_are_refused(monkeypatch, address):
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    with pytest.raises(StoreError, match="expected AWS_ENDPOINT_URL to be such as https://host") as caught:
        open_store(parse_url("s3://bucket/x"))
    assert SECRET not in str(caught.value)


def test_profiles_are_read_through_boto3(monkeypatch, server, tmp_path):
    pytest.importorskip("boto3")
    (tmp_path / "credentials").write_text(
        f"[lab]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = {SECRET}\n"
    )
    monkeypatch.setenv("AWS_PROFILE", "lab")
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    server.files["bucket/x"] = b"object"
    assert ask(parse_url("s3://bucket/x")) == b"object"
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(StoreError, match=r"profile.*nobody"):
        open_store(parse_url("s3://bucket/"))


def test_without_boto3_a_profile_says_what_to_install(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "lab")
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(StoreError, match="pip install boto3"):
        open_store(parse_url("s3://bucket/"))


def test_without_obstore_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(StoreError, match=r"pip install 'smpl-render\[stores\]'"):
        open_store(parse_url("s3://bucket/"))


class Denied(BaseError):
    pass


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (
            f"status code: 403 Forbidden: <Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>{SECRET}</>",
            "the credentials are not accepted (403 Forbidden, SignatureDoesNotMatch)",
        ),
        ("Error performing PUT http://169.254.169.254/latest/api/token in 1ms", "no credentials were found"),
        ("Generic MicrosoftAzure error: Account must be specified", "no credentials were found"),
        (
            "Received redirect without LOCATION, this normally",
            "the bucket lies in another region. Set AWS_REGION",
        ),
        ("status code: 404 Not Found: <Code>NoSuchBucket</Code>", "there is no such bucket"),
        ("Content-Length Header missing from response", "the server does not say how long the file is"),
        ("HTTP error: request or response body error", "the server's answer ended in its middle"),
        ("HTTP error: error following redirect", "the server leads from one address to the next"),
        ("Server returned non-2xx status code: 302 Found: ", "the server leads to an address that is not"),
        (f"odd https://h/x?token={SECRET}", "odd https://h/x?..."),
    ],
)
def test_errors_in_words(said, meant):
    explained = explain_store_error(parse_url("s3://bucket/x"), Denied(said))
    assert explained.startswith(f"s3://bucket/x: {meant}")
    assert SECRET not in explained
