"""E-mail addresses, judged by the email-validator library."""

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from ticketing.domain.accounts.account import MAX_EMAIL_LENGTH
from ticketing.domain.accounts.errors import InvalidEmail
from ticketing.domain.accounts.names import EmailAddress, NameKeys

# Of the library's list, private networks have mail servers for localhost, local and test.
SPECIAL_USE_DOMAIN_NAMES[:] = ["arpa", "invalid", "onion"]


def parse_email(text: str) -> EmailAddress:
    """The ``ParseEmail`` port, without a look at the network.

    Domains are those of IDNA 2008, non-transitional, and of private networks. Local parts are
    ASCII, since not every mail server on the way accepts others (SMTPUTF8, RFC 6531).
    """
    address = text.strip()
    if len(address) > MAX_EMAIL_LENGTH:
        raise InvalidEmail(f"At most {MAX_EMAIL_LENGTH} characters.")
    try:
        valid = validate_email(
            address,
            check_deliverability=False,
            globally_deliverable=False,
            allow_smtputf8=False,
            strict=True,
        )
    except EmailNotValidError as fault:
        raise InvalidEmail(str(fault)) from None
    if valid.ascii_domain.rpartition(".")[2].isdigit():
        raise InvalidEmail("The part after the @-sign is an IP address, not a domain.")
    mailbox = valid.ascii_email or ""  # a local part in ASCII has it
    return EmailAddress(f"{valid.local_part.casefold()}@{valid.ascii_domain}", mailbox)


NAME_KEYS = NameKeys(parse_email)
"""How every store, log-in and sign-up compares names."""
