"""Free text: which characters are valid, and how names are compared."""

import unicodedata


def text_fault(value: str, *, longest: int, shortest: int = 0) -> str | None:
    """Return what is wrong with ``value``, of ``shortest`` to ``longest`` characters, or None.

    Surrounding white space does not count. Control characters (PostgreSQL cannot store NUL) and
    lone surrogates (UTF-8 cannot encode them) are invalid; line breaks and tabs are valid.
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
    """Return whether every character can be stored and displayed."""
    return value.isprintable() or not any(
        unicodedata.category(character) in ("Cc", "Cs") and character not in "\t\n\r"
        for character in value
    )


def comparison_key(value: str) -> str:
    """Return the form in which names are compared: NFKC-normalised and case-folded.

    It is computed here and not in the database, so that every store agrees.
    """
    folded = unicodedata.normalize("NFKC", value).casefold()
    # Folding can denormalise the text again, and normalising can add spaces.
    return unicodedata.normalize("NFKC", folded).strip()
