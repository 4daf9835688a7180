"""Free text: which characters are valid, and how names are compared."""

import unicodedata


def text_fault(value: str, *, max_length: int, min_length: int = 0) -> str | None:
    """Return what is wrong with ``value``, of ``min_length`` to ``max_length`` characters, or None.

    Surrounding white space does not count. Control characters (PostgreSQL cannot store NUL) and
    lone surrogates (UTF-8 cannot encode them) are invalid; line breaks and tabs are valid.
    """
    length = len(value.strip())
    if length < min_length:
        return "This may not be empty." if min_length == 1 else f"At least {min_length} characters."
    if length > max_length:
        return f"At most {max_length} characters."
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
