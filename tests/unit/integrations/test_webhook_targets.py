"""Which addresses (URLs) a webhook may have."""

import pytest

from services.integrations.webhooks.targets import LONGEST, Target, WebhookAddressError, read_target


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://hooks.example.org", Target(scheme="https", host="hooks.example.org", port=443, path="/")),
        (
            "https://Hooks.Example.org/in?a=b&c=%20",
            Target(scheme="https", host="hooks.example.org", port=443, path="/in?a=b&c=%20"),
        ),
        ("https://hooks.example.org:8443/x", Target(scheme="https", host="hooks.example.org", port=8443, path="/x")),
        (
            "https://xn--bcher-kva.example.org/",
            Target(scheme="https", host="xn--bcher-kva.example.org", port=443, path="/"),
        ),
    ],
)
def test_https_to_a_public_name(url, target):
    """With path, query, and a listed port."""
    assert read_target(url, demo=False) == target


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/", "ftp://hooks.example.org/", "//hooks.example.org/", "hooks.example.org", "",
        "https://", "https:///x", "https://user@hooks.example.org/", "https://user:word@hooks.example.org/",
        "https://hooks.example.org@127.0.0.1/", "https://hooks.example.org:443@10.0.0.1/", "https://hooks.example.org./",
        "https://.hooks.example.org/", "https://hooks..example.org/", "https://hooks.example.org:22/",
        "https://hooks.example.org:80/", "https://hooks.example.org:0443/", "https://hooks.example.org:/",
        "https://hooks.example.org:99999/", "https://127.0.0.1/", "https://2130706433/", "https://0x7f000001/",
        "https://0177.0.0.1/", "https://127.1/", "https://0x7f.1/", "https://1.1.1.1/", "https://a.0x7f/", "https://a.1/",
        "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://localhost/", "https://hooks.localhost/",
        "https://db.internal/", "https://printer.local/", "https://router.home.arpa/", "https://hooks/",
        "https://hooks.example.org/#x", "https://hooks.example.org\\@10.0.0.1/", "https://hooks.example.org /",
        "https://hooks.example.org/a b", "https://hooks.example.org/\r\nX: y", "https://hooks.example.org/\x00",
        "https://hooks%2eexample.org/", "https://ho_oks.example.org/", "https://-hooks.example.org/",
        "https://bücher.example.org/", "https://hooks。example。org/", "https://①②⑦.⓪.⓪.①/", "https://hooks.example.org/é",
        "https://" + "a" * 64 + ".example.org/", "https://" + ".".join(["abcdefgh"] * 29) + "/",
        "https://hooks.example.org/" + "a" * LONGEST, " https://hooks.example.org/", "https://hooks.example.org/\n",
        "https://hooks.example.org\n", "http://127.0.0.1:8000/", "http://localhost:8000/",
    ],
)  # fmt: skip
def test_everything_else_is_refused(url):
    """Numbers however they are written, users, dots at the end, other ports, escapes; and the error repeats nothing of it."""
    with pytest.raises(WebhookAddressError) as caught:
        read_target(url, demo=False)
    assert "user:word" not in str(caught.value)
    assert "10.0.0.1" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_demo_may_call_its_own_machine(host):
    """By http, on a port that nobody needs rights for."""
    target = read_target(f"http://{host}:8000/in", demo=True)
    assert (target.loopback, target.port, target.authority) == (True, 8000, f"{host}:8000")


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://127.0.0.1:80/", "http://127.0.0.1:70000/", "http://127.0.0.2:8000/", "http://10.0.0.1:8000/",
     "http://hooks.example.org:8000/", "http://[::1]:8000/", "https://127.0.0.1:8443/", "https://localhost/"],
)  # fmt: skip
def test_a_demo_may_call_nothing_else(url):
    """Neither its network nor its own low ports."""
    with pytest.raises(WebhookAddressError):
        read_target(url, demo=True)
