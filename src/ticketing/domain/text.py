"""Text that people write: what may stand in it, and how it is compared."""

import unicodedata


def text_fault(value: str, *, longest: int, shortest: int = 0) -> str | None:
    """What is wrong with ``value`` as text of ``shortest`` to ``longest`` characters, if anything.

    White space around it does not count. Control characters (NUL among them, which PostgreSQL
    cannot store) and lone surrogates (which UTF-8 cannot encode) are no text; line breaks and
    tabs are.
    """
    length = len(value.strip())
    if length < shortest:
        return "This may not be empty." if shortest == 1 else f"At least {shortest} characters."
    if length > longest:
        return f"At most {longest} characters."
    if not is_wellformed(value):
        return "Control characters and lone surrogates are not allowed."
    return None


def is_wellformed(value: str) -> bool:
    """Whether every character can be stored and shown."""
    return value.isprintable() or not any(
        unicodedata.category(character) in ("Cc", "Cs") and character not in "\t\n\r"
        for character in value
    )


def comparison_key(value: str) -> str:
    """The form in which names are compared: normalised (NFKC), without regard to case.

    Computed here rather than in the database, so that every store agrees.
    """
    folded = unicodedata.normalize("NFKC", value).casefold()
    # Folding can leave text that is not normalised, and normalising can bring spaces forth.
    return unicodedata.normalize("NFKC", folded).strip()
