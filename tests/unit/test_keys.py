from ticketing.domain.keys import derived_key, key_id

SECRET, OTHER = "0123456789abcdef0123456789abcdef", "abcdef0123456789abcdef0123456789"


def test_a_key_depends_on_secret_and_purpose():
    key = derived_key(SECRET, "a purpose")

    assert key == derived_key(SECRET, "a purpose")
    assert len({key, derived_key(SECRET, "another"), derived_key(OTHER, "a purpose")}) == 3
    assert len(key) == 32


def test_a_key_is_the_same_in_every_version():
    assert derived_key(SECRET, "a purpose").hex().startswith("ecfa60b46e6943eb")


def test_a_key_id_does_not_reveal_the_secret():
    assert key_id(SECRET) != key_id(OTHER)
    assert len(key_id(SECRET)) == 16
    assert not derived_key(SECRET, "cookies").hex().startswith(key_id(SECRET))


def test_a_key_id_is_the_same_in_every_version():
    """Tokens that were issued before an upgrade contain it."""
    assert key_id(SECRET) == "9ec664cc82e8cd33"
