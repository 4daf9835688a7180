"""Accounts."""

from dataclasses import replace

import pytest

from tests.builders import NOW, an_account, register
from tests.contracts.fixtures import NO_TEXT, UNKNOWN, Fixtures, check_busy, wide
from ticketing.domain.accounts.account import Role
from ticketing.domain.accounts.errors import AccountNotFound

MAX_EMAIL_LENGTH = f"{'ß' * 64}@{'㍿' * 185}.org"


class AccountsContract(Fixtures):
    @pytest.mark.parametrize("email", [None, "Maria@Example.org", "ma.ría+tag@bücher.example"])
    def test_an_account_is_stored_and_found(self, transactions, queries, email):
        account = an_account("Maria", email=email, role=Role.STAFF, password_hash="$argon2id$v=19")
        added = transactions(lambda uow: uow.accounts.add(account))
        assert added == replace(account, id=added.id)
        assert added.id > 0
        assert transactions(lambda uow: uow.accounts.get(added.id)) == added
        assert queries.accounts.account(added.id) == added

    def test_the_longest_names_fit(self, transactions, queries):
        register(transactions, "m" * 150, email=MAX_EMAIL_LENGTH)
        assert queries.accounts.account_named("M" * 150).email == MAX_EMAIL_LENGTH
        assert queries.accounts.account_named(MAX_EMAIL_LENGTH.upper()).email == MAX_EMAIL_LENGTH

    @pytest.mark.parametrize("account_id", UNKNOWN)
    def test_an_unknown_account_is_refused(self, transactions, queries, account_id):
        with pytest.raises(AccountNotFound):
            transactions(lambda uow: uow.accounts.get(account_id))
        with pytest.raises(AccountNotFound):
            queries.accounts.account(account_id)

    def test_an_account_is_found_by_its_names_regardless_of_case(self, transactions, queries):
        maria = register(transactions, "Maria", email="Maria@Straße.example")
        register(transactions, "other", email="other@example.org")
        names = ["Maria", "mARIA", " maria ", wide("maria")]
        for name in [*names, "maria@STRAßE.example", "maria@xn--strae-oqa.example"]:
            found = transactions(lambda uow, name=name: uow.accounts.find(name))
            assert found == queries.accounts.account_named(name)
            assert found.id == maria

    def test_one_mailbox_is_one_address_however_it_is_written(self, transactions, queries):
        maria = register(transactions, "maria", email="x@例え.jp")
        for name in ("x@例え.jp", "X@xn--r8jz45g.jp", "x@例え。jp"):
            assert queries.accounts.account_named(name).id == maria
        other = an_account("other", email="x@xn--r8jz45g.jp")
        check_busy(transactions, lambda uow: uow.accounts.add(other))

    def test_two_domains_are_two_addresses(self, transactions, queries):
        """Under the keys of earlier releases they were one."""
        addresses = ["alice@faß.example", "alice@fass.example", "alice@FAẞ.example"]
        alice, other = (register(transactions, f"alice{n}", email=addresses[n]) for n in (0, 1))
        found = [queries.accounts.account_named(address).id for address in addresses]
        assert found == [alice, other, alice]
        transactions(lambda uow: uow.accounts.save(uow.accounts.get(alice).deleted(NOW)))
        assert queries.accounts.account_named("alice@fass.example").id == other
        assert queries.accounts.account_named("alice@faß.example") is None

    def test_an_unused_domain_finds_no_account_of_a_similar_one(self, transactions, queries):
        register(transactions, "alice", email="alice@faß.example")
        assert queries.accounts.account_named("alice@fass.example") is None
        assert transactions(lambda uow: uow.accounts.find("alice@fass.example")) is None

    @pytest.mark.parametrize(
        "email", ["jörg@example.com", "al\u200bice@example.com", "a;b@example.com", "a..b@b.de"]
    )
    def test_an_address_that_is_no_longer_valid_still_finds_its_account(
        self, transactions, queries, email
    ):
        account_id = register(transactions, "maria", email=email)
        assert queries.accounts.account_named(f" {email.upper()}").id == account_id
        assert queries.accounts.account_named(wide("example")) is None
        other = an_account("other", email=email)
        check_busy(transactions, lambda uow: uow.accounts.add(other))
        transactions(lambda uow: uow.accounts.save(uow.accounts.get(account_id).deleted(NOW)))
        assert queries.accounts.account_named(email) is None
        register(transactions, "other", email=email)

    @pytest.mark.parametrize("name", ["", "mari", "maria@", "m%", "_aria", *NO_TEXT])
    def test_any_other_text_finds_no_account(self, transactions, queries, name):
        register(transactions, "maria", email="maria@example.org")
        assert transactions(lambda uow: uow.accounts.find(name)) is None
        assert queries.accounts.account_named(name) is None

    @pytest.mark.parametrize(
        "concurrent",
        [
            an_account("MARIA"),
            an_account("other", email="maria@example.org"),
            an_account("other", email=f"maria@{wide('example')}.org"),
        ],
    )
    def test_a_name_taken_by_a_concurrent_sign_up_is_retried(self, transactions, concurrent):
        register(transactions, "maria", email="Maria@example.org")
        check_busy(transactions, lambda uow: uow.accounts.add(concurrent))

    def test_several_accounts_have_no_address(self, transactions):
        assert register(transactions, "one") < register(transactions, "two")

    def test_a_changed_role_or_password_is_stored(self, transactions, queries):
        account_id = register(transactions, "maria", email="maria@example.org")
        changed = replace(
            queries.accounts.account(account_id), role=Role.ADMIN, password_hash="other"
        )
        transactions(lambda uow: uow.accounts.save(changed))
        assert transactions(lambda uow: uow.accounts.find("maria@example.org")) == changed
        assert transactions(lambda uow: uow.accounts.find("MARIA")) == changed

    def test_names_that_an_account_no_longer_has_are_free(self, transactions, queries):
        account_id = register(transactions, "maria", email="maria@example.org")
        other = register(transactions, "otto")
        renamed = replace(queries.accounts.account(account_id), username="Anna", email=None)
        transactions(lambda uow: uow.accounts.save(renamed))
        assert (
            queries.accounts.account_named("anna")
            == queries.accounts.account(account_id)
            == renamed
        )
        assert queries.accounts.account_named("maria") is None
        assert queries.accounts.account_named("maria@example.org") is None
        assert queries.accounts.account_named("otto").id == other
        again = register(transactions, "Maria", email="Maria@example.org")
        assert queries.accounts.account_named("maria@example.org").id == again

    @pytest.mark.parametrize("names", [{"username": "OTTO"}, {"email": "Otto@example.org"}])
    def test_a_name_taken_by_another_account_is_retried(self, transactions, queries, names):
        account_id = register(transactions, "maria")
        register(transactions, "otto", email="otto@example.org")
        renamed = replace(queries.accounts.account(account_id), **names)
        check_busy(transactions, lambda uow: uow.accounts.save(renamed))
        assert queries.accounts.account_named("maria").id == account_id

    def test_a_deleted_account_is_not_found_by_name(self, transactions, queries):
        account_id = register(transactions, "maria", email="maria@example.org", role=Role.ADMIN)
        deleted = queries.accounts.account(account_id).deleted(NOW)
        transactions(lambda uow: uow.accounts.save(deleted))
        assert queries.accounts.account(account_id) == deleted
        assert transactions(lambda uow: uow.accounts.lock(account_id)) == deleted
        for name in ("maria", "maria@example.org", deleted.username):
            assert queries.accounts.account_named(name) is None
            assert transactions(lambda uow, name=name: uow.accounts.find(name)) is None
