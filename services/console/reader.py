"""Who reads: in which language, in which light, with or without keys. Kept in cookies of the browser."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from infra.messages.language import Language, UnknownLanguageError, choose_language

COOKIE_DAYS = 365
_SECONDS_A_DAY = 86_400


class Theme(StrEnum):
    """In which light pages are shown."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


class Keys(StrEnum):
    """Whether single letters are commands: who dictates to a computer wants them off (WCAG 2.1.4)."""

    ON = "on"
    OFF = "off"


class Reader(msgspec.Struct, frozen=True):
    """How pages are shown to somebody."""

    language: Language
    theme: Theme = Theme.AUTO
    keys: Keys = Keys.ON

    @classmethod
    def of(cls, request: Request) -> "Reader":
        """Return what the cookies say, and where they say nothing what the browser asks for."""
        cookies = request.cookies
        return cls(
            language=_language(cookies.get("holdfast_language"), request.headers),
            theme=_one_of(Theme, cookies.get("holdfast_theme"), Theme.AUTO),
            keys=_one_of(Keys, cookies.get("holdfast_keys"), Keys.ON),
        )

    def changed(self, language: str | None, theme: str | None, keys: str | None) -> "Reader":
        """Return the reader after a wish; what cannot be had stays as it was."""
        return Reader(
            _one_of(Language, language, self.language),
            _one_of(Theme, theme, self.theme),
            _one_of(Keys, keys, self.keys),
        )

    def keep_in(self, response: Response) -> None:
        """Let the browser remember."""
        kept = {"language": self.language, "theme": self.theme, "keys": self.keys}
        for name, value in kept.items():
            response.set_cookie(
                f"holdfast_{name}",
                value.value,
                max_age=COOKIE_DAYS * _SECONDS_A_DAY,
                httponly=True,
                samesite="lax",
            )


Wish = TypeVar("Wish", bound=StrEnum)


def _one_of(choices: type[Wish], wished: str | None, otherwise: Wish) -> Wish:
    return next((choice for choice in choices if choice.value == wished), otherwise)


def _language(kept: str | None, headers: Mapping[str, str]) -> Language:
    """Return the language kept, else the first one asked for that is spoken, else English."""
    for wish in (kept, *_accepted(headers.get("accept-language", ""))):
        if wish:
            try:
                return choose_language(wish)
            except UnknownLanguageError:
                continue
    return Language.ENGLISH


def _accepted(header: str) -> list[str]:
    """Return languages as a browser asks for them; they come in its order.

    >>> _accepted("zh-CN,zh;q=0.9, en;q=0.8")
    ['zh-CN', 'zh', 'en']
    """
    return [part.partition(";")[0].strip() for part in header.split(",")]
