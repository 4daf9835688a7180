"""Rotate the signing key while its tokens are in use."""

import base64
import json

import jwt
import pytest

from tests.builders import register
from tests.integration.api.conftest import SECRET_KEY
from ticketing.domain.keys import key_id

ME, REFRESH = "/api/auth/me", "/api/auth/token/refresh"
NEW_KEY = "the key that follows, which is long enough too"
ROTATED = {"SECRET_KEY": NEW_KEY, "OLD_SECRET_KEYS": SECRET_KEY}


@pytest.fixture
def tokens(cinema):
    """Tokens signed by the first key."""
    return cinema.tokens(register(cinema.office.transactions, "maria"))


@pytest.fixture
def rotated(make_app, cinema):
    """The cinema after the rotation."""
    return cinema.of(make_app(**ROTATED))


def signed(token, key, *, algorithm="HS256", **header):
    """The claims of the token, signed again."""
    claims = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(claims, key, algorithm, headers=header)


def test_a_token_names_the_key_that_signed_it(tokens):
    for token in (tokens["access"], tokens["refresh"]):
        assert jwt.get_unverified_header(token)["kid"] == key_id(SECRET_KEY)


def test_tokens_of_the_old_key_stay_valid_and_the_new_key_signs(rotated, tokens):
    assert rotated.bearing(tokens["access"]).get(ME).status_code == 200

    renewed = rotated.guest().post(REFRESH, json={"refresh": tokens["refresh"]}).json

    for token in (renewed["access"], renewed["refresh"]):
        assert jwt.get_unverified_header(token)["kid"] == key_id(NEW_KEY)
    assert rotated.bearing(renewed["access"]).get(ME).status_code == 200


def test_tokens_of_a_removed_key_are_refused(make_app, cinema, tokens):
    later = cinema.of(make_app(SECRET_KEY=NEW_KEY))

    assert later.bearing(tokens["access"]).get(ME).json["code"] == "token_invalid"
    answer = later.guest().post(REFRESH, json={"refresh": tokens["refresh"]})
    assert (answer.status_code, answer.json["code"]) == (401, "token_invalid")


@pytest.mark.parametrize("key", [SECRET_KEY, NEW_KEY])
def test_a_token_without_a_key_id_is_tried_with_each_key(rotated, tokens, key):
    nameless = signed(tokens["access"], key)

    assert rotated.bearing(nameless).get(ME).status_code == 200


@pytest.mark.parametrize(
    ("key", "header"),
    [
        (NEW_KEY, {"kid": key_id(SECRET_KEY)}),  # another key than it says
        (SECRET_KEY, {"kid": "0" * 16}),
        (SECRET_KEY, {"kid": ""}),
        (SECRET_KEY, {"kid": SECRET_KEY}),
        (SECRET_KEY, {"kid": "../../../dev/null"}),
        (SECRET_KEY, {"kid": "' OR 1=1 --"}),
        ("\0" * 40, {"kid": "/dev/null"}),
        ("an unknown key of the same length", {}),
        ("an unknown key of the same length", {"kid": key_id(SECRET_KEY)}),
        ("k" * 40, {"jwk": {"kty": "oct", "k": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2trawo"}}),
        ("k" * 40, {"jku": "https://evil.example/keys.json"}),
    ],
)
def test_a_header_cannot_choose_another_key(rotated, tokens, key, header):
    forged = signed(tokens["access"], key, **header)

    assert rotated.bearing(forged).get(ME).json["code"] == "token_invalid"


@pytest.mark.filterwarnings("ignore:The HMAC key is")
@pytest.mark.parametrize("algorithm", ["HS384", "HS512", "none"])
@pytest.mark.parametrize("header", [{}, {"kid": key_id(SECRET_KEY)}])
def test_no_other_algorithm_is_accepted(rotated, tokens, algorithm, header):
    forged = signed(
        tokens["access"], None if algorithm == "none" else SECRET_KEY, algorithm=algorithm, **header
    )

    assert rotated.bearing(forged).get(ME).json["code"] == "token_invalid"


@pytest.mark.parametrize("kid", [7, None, ["x"], {"a": 1}, True])
def test_a_key_id_must_be_a_string(rotated, tokens, kid):
    _, claims, signature = tokens["access"].split(".")
    header = json.dumps({"alg": "HS256", "typ": "JWT", "kid": kid}).encode()
    encoded = base64.urlsafe_b64encode(header).decode().rstrip("=")

    answer = rotated.bearing(f"{encoded}.{claims}.{signature}").get(ME)

    assert (answer.status_code, answer.json["code"]) == (401, "token_invalid")


def test_a_repeat_gets_the_same_refresh_token_while_the_key_is_the_same(cinema, tokens):
    answers = [
        cinema.guest().post(REFRESH, json={"refresh": tokens["refresh"]}).json for _ in range(2)
    ]

    assert answers[0]["refresh"] == answers[1]["refresh"]


def test_cookies_of_the_old_key_stay_valid(make_app):
    before, after = make_app(), make_app(**ROTATED)

    assert after.config["SECRET_KEY_FALLBACKS"] == [before.config["SECRET_KEY"]]
    assert after.config["SECRET_KEY"] not in (before.config["SECRET_KEY"], NEW_KEY.encode())
