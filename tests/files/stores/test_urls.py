"""URLs: which are taken, what is read in them, and that no secret is shown."""

from pathlib import Path

import pytest

from render.errors import StoreError
from render.files.stores.urls import StoreUrl, is_url, parse_url, redact

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("s3://bucket/a/b.zip", StoreUrl("s3", "bucket", "a/b.zip")),
        ("S3://bucket", StoreUrl("s3", "bucket", "", True)),
        # As the tools of buckets have it.
        ("s3://bucket/a%20b c/", StoreUrl("s3", "bucket", "a%20b c", True)),
        ("gs://my_bucket/x", StoreUrl("gs", "my_bucket", "x")),
        ("az://container/x/", StoreUrl("az", "container", "x", True)),
        ("https://Host.org:8080/a%20b/%C3%BC.jpg", StoreUrl("https", "host.org:8080", "a b/ü.jpg")),
        ("http://localhost:9/x", StoreUrl("http", "localhost:9", "x")),
        ("http://[::1]:9/x", StoreUrl("http", "[::1]:9", "x")),
        ("http://127.1.2.3/x", StoreUrl("http", "127.1.2.3", "x")),
        ("file:///data/my%20photos/", StoreUrl("file", "", "data/my photos", True)),
    ],
)
def test_urls_are_read(text, url):
    assert is_url(text)
    assert parse_url(text) == url
    assert parse_url(str(url)) == url


@pytest.mark.parametrize("path", ["/data/x", "data/x", "C:/photos", "a:b", "//host/share", "~/x"])
def test_paths_are_no_urls(path):
    assert not is_url(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"s3://me:{SECRET}@bucket/x", "no user and no password"),
        (f"https://me:{SECRET}@host/x", "no user and no password"),
        (f"https://host/x?X-Amz-Signature={SECRET}", "without [?] and #"),
        (f"s3://bucket/x#{SECRET}", "without [?] and #"),
        (f"ftp://me:{SECRET}@host/x", "begins with s3://"),
        ("http://example.org/x", "use https://"),
        ("s3://bucket/../x", '"[.][.]"'),
        ("https://host/%2e%2e/x", '"[.][.]"'),
        ("s3://bucket//x", 'found ""'),
        ("s3://bucket/x//", 'found ""'),
        ("https://host/%00", "a control character"),
        ("s3://bucket/a\nb", "without control characters"),
        ("s3:///x", "the name of a bucket"),
        ("s3://bu cket/x", "the name of a bucket"),
        ("https:///x", "the name of a server"),
        ("https://host:99999/x", "the name of a server"),
        ("file://host/x", "three slashes"),
        ("s3://bucket/" + "x" * 5000, "at most 4096 bytes"),
    ],
)
def test_what_cannot_be_used_is_refused_without_showing_a_secret(text, said):
    with pytest.raises(StoreError, match=said) as refused:
        parse_url(text)
    assert SECRET not in str(refused.value)


def test_names_and_folders():
    url = parse_url("s3://bucket/a/b.zip")
    assert (url.name, str(url.parent)) == ("b.zip", "s3://bucket/a/")
    assert url.parent.join("b.zip") == url
    assert parse_url("s3://bucket/").join("x") == parse_url("s3://bucket/x")
    assert parse_url("file:///data/x").local_path == Path("/data/x")
    assert url.local_path is None


def test_users_and_queries_are_taken_out_of_messages():
    said = f"GET https://me:{SECRET}@h/x?token={SECRET}&a=1 failed (see s3://b/c?sig={SECRET})"
    assert redact(said) == "GET https://...@h/x?... failed (see s3://b/c?...)"
