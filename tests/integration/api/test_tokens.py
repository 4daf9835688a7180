"""Access and refresh tokens: which are valid, and for how long."""

import time
from datetime import UTC, datetime

import jwt
import pytest

from tests.builders import PASSWORD, register
from tests.integration.api.conftest import SECRET_KEY
from ticketing.domain.accounts.account import Role

ME = "/api/auth/me"
REFRESH, LOGOUT = "/api/auth/token/refresh", "/api/auth/logout"
OLD_LOGIN, OLD_REFRESH = "/api/token/", "/api/token/refresh/"


@pytest.fixture
def account_id(cinema):
    return register(cinema.office.transactions, "maria")


@pytest.fixture
def tokens(cinema, account_id):
    """The tokens of a session."""
    return cinema.tokens(account_id)


@pytest.fixture
def old_tokens(cinema, account_id):
    """The tokens of a session opened by a predecessor's log-in."""
    return cinema.tokens(account_id, rotates=False)


def refused(answer, code):
    return (answer.status_code, answer.json["code"]) == (401, code)


def renew(client, refresh):
    return client.post(REFRESH, json={"refresh": refresh})


def forged(token, *, key=SECRET_KEY, algorithm="HS256", **claims):
    """Return the token with other claims; None removes one."""
    read = jwt.decode(token, options={"verify_signature": False}) | claims
    kept = {name: value for name, value in read.items() if value is not None}
    return jwt.encode(kept, key, algorithm)


def tampered(token):
    """Return the payload of another token with the signature of this one."""
    _, payload, _ = forged(token, role="admin").split(".")
    header, _, signature = token.split(".")
    return f"{header}.{payload}.{signature}"


# --- access tokens


def test_an_access_token_identifies_the_caller(cinema, tokens):
    assert cinema.bearing(tokens["access"]).get(ME).json["username"] == "maria"


def test_the_scheme_bearer_ignores_case(guest, tokens):
    for word in ("bearer", "BEARER"):
        headers = {"Authorization": f"{word} {tokens['access']}"}
        assert guest.get(ME, headers=headers).status_code == 200


def test_an_access_token_is_valid_for_expires_in_seconds(guest, tokens):
    claims = jwt.decode(tokens["access"], SECRET_KEY, ["HS256"])

    assert claims["exp"] - claims["iat"] == tokens["expires_in"] == 900
    expired = forged(tokens["access"], exp=int(datetime.now(UTC).timestamp()) - 1)
    answer = guest.get(ME, headers={"Authorization": f"Bearer {expired}"})
    assert refused(answer, "token_expired")


def test_a_token_from_a_server_whose_clock_is_ahead_is_valid(guest, tokens):
    ahead = forged(tokens["access"], iat=int(datetime.now(UTC).timestamp()) + 5)

    assert guest.get(ME, headers={"Authorization": f"Bearer {ahead}"}).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        *("", " ", "Bearer", "Bearer ", "Bearer  ", "Bearer x", "Bearer a.b.c", "Bearer ..", "x"),
        *("Bearer é", "Bearer \xff.\xff.\xff", "Bearer null", "Bearer " + "A" * 5000),
        *("Basic bWFyaWE6eA==", "Digest x", "{access}", "Token {access}", "Bearer{access}"),
        *("Bearer {access} x", "Bearer {access}.x", "Bearer {access}x", "Bearer x{access}"),
        *('Bearer "{access}"', "Bearer,{access}", "Bearer {access},Bearer {access}"),
    ],
)
def test_a_malformed_header_is_refused(guest, tokens, header):
    answer = guest.get(ME, headers={"Authorization": header.format(access=tokens["access"])})

    assert answer.status_code == 401
    assert answer.json["code"] in ("token_missing", "token_invalid")


def test_a_missing_header_is_refused(guest):
    assert refused(guest.get(ME), "token_missing")


def test_a_token_in_a_query_or_a_cookie_is_ignored(guest, tokens):
    guest.set_cookie("access_token_cookie", tokens["access"])

    assert refused(guest.get(f"{ME}?jwt={tokens['access']}"), "token_missing")


BAD_ACCESS = {
    "other key": lambda token: forged(token, key="another key that is long enough"),
    "other algorithm": lambda token: forged(token, algorithm="HS512"),
    "no algorithm": lambda token: forged(token, key="", algorithm="none"),
    "no signature": lambda token: token.rpartition(".")[0] + ".",
    "tampered": tampered,
    "refresh token": lambda token: forged(token, type="refresh"),
    "no subject": lambda token: forged(token, sub=None),
    "subject is no id": lambda token: forged(token, sub="maria"),
    "subject is a number": lambda token: forged(token, sub=1),
    "no role": lambda token: forged(token, role=None),
    "unknown role": lambda token: forged(token, role="owner"),
    "not yet": lambda token: forged(token, nbf=4102444800),
    "no times": lambda token: forged(token, exp="soon"),
}


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("spoil", BAD_ACCESS.values(), ids=BAD_ACCESS)
def test_a_forged_access_token_is_refused(guest, tokens, spoil):
    answer = guest.get(ME, headers={"Authorization": f"Bearer {spoil(tokens['access'])}"})

    assert refused(answer, "token_invalid")


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("spoil", BAD_ACCESS.values(), ids=BAD_ACCESS)
def test_a_forged_copy_of_a_cached_token_is_refused(guest, cinema, tokens, spoil):
    assert cinema.bearing(tokens["access"]).get(ME).status_code == 200

    answer = guest.get(ME, headers={"Authorization": f"Bearer {spoil(tokens['access'])}"})

    assert refused(answer, "token_invalid")


def test_a_cached_token_expires(cinema, tokens, monkeypatch):
    maria = cinema.bearing(tokens["access"])
    assert maria.get(ME).status_code == 200
    now = time.time()

    monkeypatch.setattr(time, "time", lambda: now + 890)
    assert maria.get(ME).status_code == 200
    monkeypatch.setattr(time, "time", lambda: now + 900)
    assert refused(maria.get(ME), "token_expired")


def test_applications_do_not_share_cached_tokens(make_app, cinema, tokens):
    assert cinema.bearing(tokens["access"]).get(ME).status_code == 200

    other_app = cinema.of(make_app(SECRET_KEY="a key of another box office altogether"))

    assert refused(other_app.bearing(tokens["access"]).get(ME), "token_invalid")


def test_each_token_identifies_its_own_account(cinema, tokens):
    maria, otto = cinema.bearing(tokens["access"]), cinema.customer("otto")

    for _ in range(2):
        assert maria.get(ME).json["username"] == "maria"
        assert otto.get(ME).json["username"] == "otto"


def test_only_valid_tokens_are_cached(app, guest, cinema, tokens):
    remembered = app.extensions["ticketing.access_tokens"].cache_info
    before = remembered()

    cinema.bearing(tokens["access"]).get(ME)
    for spoil in ("x", ".x"):
        guest.get(ME, headers={"Authorization": f"Bearer {tokens['access']}{spoil}"})

    assert remembered().currsize == before.currsize + 1
    assert remembered().maxsize == 10_000


def test_a_refresh_token_is_no_access_token(cinema, tokens):
    assert refused(cinema.bearing(tokens["refresh"]).get(ME), "token_invalid")


def test_public_calls_ignore_the_token(guest):
    answer = guest.get("/api/movies", headers={"Authorization": "Bearer x"})

    assert answer.status_code == 200


# --- refresh tokens


def test_a_refresh_token_gets_new_tokens(guest, cinema, tokens):
    renewed = renew(guest, tokens["refresh"])

    assert renewed.status_code == 200
    assert set(renewed.json) == {"access", "refresh", "token_type", "expires_in"}
    assert renewed.json["refresh"] != tokens["refresh"]
    assert cinema.bearing(renewed.json["access"]).get(ME).status_code == 200
    assert renew(guest, renewed.json["refresh"]).status_code == 200


def test_a_repeat_within_30_seconds_gets_the_same_tokens(guest, tokens, clock):
    successor = renew(guest, tokens["refresh"]).json["refresh"]

    clock.advance(seconds=29)

    assert renew(guest, tokens["refresh"]).json["refresh"] == successor
    assert renew(guest, successor).status_code == 200


def test_a_repeat_after_30_seconds_ends_the_session(guest, cinema, tokens, clock):
    renewed = renew(guest, tokens["refresh"]).json
    clock.advance(seconds=30)

    assert refused(renew(guest, tokens["refresh"]), "token_revoked")
    assert refused(renew(guest, renewed["refresh"]), "token_revoked")
    clock.advance(seconds=2)
    for access in (tokens["access"], renewed["access"]):
        assert refused(cinema.bearing(access).get(ME), "token_revoked")


def test_a_repeat_after_the_successor_was_used_ends_the_session(guest, cinema, tokens, clock):
    successor = renew(guest, tokens["refresh"]).json["refresh"]
    newest = renew(guest, successor).json

    assert refused(renew(guest, tokens["refresh"]), "token_revoked")
    assert refused(renew(guest, newest["refresh"]), "token_revoked")
    clock.advance(seconds=2)
    assert refused(cinema.bearing(newest["access"]).get(ME), "token_revoked")


def test_ending_a_session_leaves_others_active(guest, cinema, account_id, tokens, clock):
    other = cinema.tokens(account_id)
    guest.post(LOGOUT, json={"refresh": tokens["refresh"]})
    clock.advance(seconds=2)

    assert cinema.bearing(other["access"]).get(ME).status_code == 200
    assert renew(guest, other["refresh"]).status_code == 200


BAD_REFRESH = {
    "empty": lambda token: "",
    "no token": lambda token: "x",
    "surrogates": lambda token: "\ud800.\ud800.\ud800",
    "NULs": lambda token: "\x00.\x00.\x00",
    "deep": lambda token: "[" * 16_000,
    "long": lambda token: token + "x" * 15_000,
    "Bearer": lambda token: f"Bearer {token}",
    "other key": lambda token: forged(token, key="another key that is long enough"),
    "no algorithm": lambda token: forged(token, key="", algorithm="none"),
    "tampered": tampered,
    "access token": lambda token: forged(token, type="access"),
    "no session": lambda token: forged(token, sid=None),
    "no generation": lambda token: forged(token, generation=None),
}


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("path", [REFRESH, LOGOUT, OLD_REFRESH])
@pytest.mark.parametrize("spoil", BAD_REFRESH.values(), ids=BAD_REFRESH)
def test_a_forged_refresh_token_is_refused(guest, tokens, path, spoil):
    answer = guest.post(path, json={"refresh": spoil(tokens["refresh"])})

    assert refused(answer, "token_invalid")


def test_an_access_token_is_no_refresh_token(guest, tokens):
    for path in (REFRESH, LOGOUT, OLD_REFRESH):
        assert refused(guest.post(path, json={"refresh": tokens["access"]}), "token_invalid")


def test_a_refresh_token_expires(guest, tokens):
    claims = jwt.decode(tokens["refresh"], SECRET_KEY, ["HS256"])
    assert claims["exp"] - claims["iat"] == 7 * 86_400

    expired = forged(tokens["refresh"], exp=int(datetime.now(UTC).timestamp()) - 1)
    assert refused(renew(guest, expired), "token_expired")


@pytest.mark.parametrize("path", [REFRESH, LOGOUT, OLD_REFRESH])
@pytest.mark.parametrize(
    "body", [{}, {"refresh": None}, {"refresh": 5}, {"refresh": ["x"]}, {"refresh": "x", "y": 1}]
)
def test_an_invalid_body_is_refused(guest, path, body):
    assert guest.post(path, json=body).status_code == 422


# --- the end of a session


def test_logging_out_ends_the_session_within_two_seconds(guest, cinema, tokens, clock):
    maria = cinema.bearing(tokens["access"])
    assert maria.get(ME).status_code == 200

    assert guest.post(LOGOUT, json={"refresh": tokens["refresh"]}).status_code == 204

    assert refused(renew(guest, tokens["refresh"]), "token_revoked")
    clock.advance(seconds=2)
    assert refused(maria.get(ME), "token_revoked")


def test_logging_out_twice_is_no_error(guest, tokens):
    expired = forged(tokens["refresh"], exp=int(datetime.now(UTC).timestamp()) - 1)
    for refresh in (tokens["refresh"], tokens["refresh"], expired):
        assert guest.post(LOGOUT, json={"refresh": refresh}).status_code == 204


def test_every_server_refuses_an_ended_session(make_app, guest, cinema, tokens, clock):
    elsewhere = cinema.of(make_app(WORKERS="2")).bearing(tokens["access"])
    assert elsewhere.get(ME).status_code == 200

    guest.post(LOGOUT, json={"refresh": tokens["refresh"]})
    clock.advance(seconds=2)

    assert refused(elsewhere.get(ME), "token_revoked")


def test_an_ended_session_is_refused_while_its_access_tokens_are_valid(
    guest, cinema, tokens, clock
):
    guest.post(LOGOUT, json={"refresh": tokens["refresh"]})
    clock.advance(minutes=15)

    assert refused(cinema.bearing(tokens["access"]).get(ME), "token_revoked")


@pytest.mark.parametrize(
    "change",
    [
        lambda accounts: accounts.change_role("maria", Role.STAFF),
        lambda accounts: accounts.change_password("maria", "another horse"),
    ],
)
def test_a_change_of_role_or_password_ends_all_sessions(
    guest, cinema, account_id, tokens, clock, change
):
    others = cinema.tokens(account_id)
    assert cinema.bearing(tokens["access"]).get(ME).status_code == 200

    change(cinema.office.accounts)
    clock.advance(seconds=2)

    for each in (tokens, others):
        assert refused(cinema.bearing(each["access"]).get(ME), "token_revoked")
        assert refused(renew(guest, each["refresh"]), "token_revoked")


def test_a_new_role_applies_from_the_next_log_in(cinema, account_id):
    cinema.office.accounts.change_role("maria", Role.STAFF)

    promoted = cinema.bearing(cinema.tokens(account_id)["access"])

    assert promoted.get(ME).json["role"] == "staff"
    assert promoted.get("/api/screens").status_code == 200


# --- the predecessors' sessions


@pytest.mark.parametrize("path", ["/login", "/token/", "/api/token/"])
def test_earlier_log_ins_open_a_session_that_does_not_rotate(guest, cinema, path):
    cinema.office.accounts.sign_up("maria", PASSWORD)

    opened = guest.post(path, json={"username": "maria", "password": PASSWORD})

    assert opened.status_code == 200
    assert guest.post(OLD_REFRESH, json={"refresh": opened.json["refresh"]}).status_code == 200
    assert refused(renew(guest, opened.json["refresh"]), "token_invalid")


def test_their_refresh_token_can_be_used_repeatedly(guest, cinema, old_tokens, clock):
    for _ in range(3):
        renewed = guest.post(OLD_REFRESH, json={"refresh": old_tokens["refresh"]})
        assert renewed.status_code == 200
        assert list(renewed.json) == ["access"]
        assert cinema.bearing(renewed.json["access"]).get(ME).status_code == 200
        clock.advance(hours=1)


def test_each_kind_of_refresh_token_requires_its_path(guest, tokens, old_tokens):
    assert refused(guest.post(OLD_REFRESH, json={"refresh": tokens["refresh"]}), "token_invalid")
    assert refused(renew(guest, old_tokens["refresh"]), "token_invalid")
    assert renew(guest, tokens["refresh"]).status_code == 200
    assert guest.post(OLD_REFRESH, json={"refresh": old_tokens["refresh"]}).status_code == 200


def test_their_session_ends_with_a_log_out(guest, cinema, old_tokens, clock):
    guest.post(LOGOUT, json={"refresh": old_tokens["refresh"]})
    clock.advance(seconds=2)

    refresh = {"refresh": old_tokens["refresh"]}
    assert refused(guest.post(OLD_REFRESH, json=refresh), "token_revoked")
    assert refused(cinema.bearing(old_tokens["access"]).get(ME), "token_revoked")
