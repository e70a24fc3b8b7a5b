"""Which language a person reads."""

from enum import StrEnum

from infra.mendable import MendableError


class Language(StrEnum):
    """A language that every message is translated into."""

    ENGLISH = "en"
    CHINESE = "zh"


class UnknownLanguageError(MendableError, ValueError):
    """The language that was asked for is not one that Holdfast speaks."""

    def __init__(self, wish: str) -> None:
        spoken = ", ".join(Language)
        super().__init__(f"language {wish!r} is not spoken here; there are {spoken}")


def choose_language(
    option: str | None, lc_all: str | None = None, lang: str | None = None
) -> Language:
    """Return the language of ``--lang``, else of ``LC_ALL``, else of ``LANG``, else English.

    An option must be known; an environment that names another language reads English.

    >>> choose_language(None, None, "zh_CN.UTF-8").value
    'zh'
    >>> choose_language(None, "C", "zh_CN.UTF-8").value
    'en'

    Raises:
        UnknownLanguageError: ``option`` names a language that there is no catalogue for.
    """
    if option:
        found = _spoken(option)
        if found is None:
            raise UnknownLanguageError(option)
        return found
    return _spoken(lc_all or lang or "") or Language.ENGLISH


def _spoken(name: str) -> Language | None:
    primary = name.replace("-", "_").partition(".")[0].partition("_")[0].lower()
    return next((language for language in Language if language.value == primary), None)
