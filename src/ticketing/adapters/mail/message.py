"""The texts of mails."""

from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from ticketing.domain.accounts.account import Account

_RESET = """\
Hello {username},

we received a request to set a new password for your account. Open this link within 30 minutes:

{link}

If you did not request this, ignore this mail: your password does not change.
"""


def reset_message(sender: str, account: Account, link: str) -> EmailMessage:
    """Return the mail with the reset link. Raises ValueError for an invalid address."""
    message = EmailMessage()
    message["Subject"] = "Set a new password"
    message["From"] = _address(sender)
    message["To"] = _address(account.email or "")
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: prevents automatic replies
    message.set_content(_RESET.format(username=account.username, link=link), cte="7bit")
    return message


def _address(written: str) -> Address:
    """Return the address of exactly one mailbox. Raises ValueError for a list or a comment."""
    local, _, domain = written.rpartition("@")
    try:
        wanted = f"{local}@{domain.encode('idna').decode()}"
        address = Address(addr_spec=wanted)
    except (MessageError, UnicodeError) as error:
        raise ValueError("invalid address") from error
    if address.addr_spec != wanted:
        raise ValueError("more than one address")
    return address
