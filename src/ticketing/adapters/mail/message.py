"""What the mails say."""

from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from ticketing.domain.accounts.account import Account

_RESET = """\
Hello {username},

somebody, most likely you, wants to set a new password for this account. Open this link within
half an hour:

{link}

If it was not you, there is nothing to do: your password stays as it is.
"""


def reset_message(sender: str, account: Account, link: str) -> EmailMessage:
    """Raises ValueError where the account's address is none that mail goes to."""
    message = EmailMessage()
    message["Subject"] = "Set a new password"
    message["From"] = _address(sender)
    message["To"] = _address(account.email or "")
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers from absent owners
    message.set_content(_RESET.format(username=account.username, link=link), cte="7bit")
    return message


def _address(written: str) -> Address:
    """Exactly one mailbox: what reads as a list, or as more than an address, is refused."""
    local, _, domain = written.rpartition("@")
    try:
        wanted = f"{local}@{domain.encode('idna').decode()}"
        address = Address(addr_spec=wanted)
    except (MessageError, UnicodeError) as error:
        raise ValueError("this is not an address") from error
    if address.addr_spec != wanted:
        raise ValueError("this is more than an address")
    return address
