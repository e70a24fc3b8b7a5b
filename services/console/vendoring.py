"""`make vendor`: brings what pages load from npm packages into ``static/vendor``, with a hash of each file.

The packages stand in ``npm/package.json``, their digests in ``npm/package-lock.json``, by which npm
refuses anything else; no script of theirs is run. A test holds the files against the manifest.
"""

import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

HERE = Path(__file__).parent
PACKAGES = HERE / "npm"
VENDORED = HERE / "static" / "vendor"
MANIFEST = VENDORED / "manifest.json"

FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx.LICENSE": "htmx.org/LICENSE",
    "sse.min.js": "htmx-ext-sse/dist/sse.min.js",
    "sse.LICENSE": "htmx-ext-sse/LICENSE",
    "inter.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "inter.LICENSE": "@fontsource-variable/inter/LICENSE",
}


class Vendored(msgspec.Struct, frozen=True):
    """One file: of which package and version it is, and the SHA-256 of its bytes."""

    package: str
    version: str
    sha256: str


def vendor() -> None:
    """Fetch the packages and copy what is needed. Raises ``CalledProcessError`` where npm refuses."""
    npm = shutil.which("npm") or "npm"
    with TemporaryDirectory(prefix="holdfast-vendor-") as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(PACKAGES / name, folder)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=folder, check=True)  # noqa: S603 - npm, with arguments of our own
        modules = Path(folder) / "node_modules"
        VENDORED.mkdir(parents=True, exist_ok=True)
        for name, source in FILES.items():
            shutil.copyfile(modules / source, VENDORED / name)
        found = {name: _described(modules, name, source) for name, source in FILES.items()}
    MANIFEST.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")


def manifest() -> dict[str, Vendored]:
    """Return what was vendored, by file name."""
    return msgspec.json.decode(MANIFEST.read_bytes(), type=dict[str, Vendored])


def digest_of(name: str) -> str:
    """Return the SHA-256 of a vendored file as it is now, in hexadecimal digits."""
    return sha256((VENDORED / name).read_bytes()).hexdigest()


def _described(modules: Path, name: str, source: str) -> Vendored:
    parts = source.split("/")
    package = "/".join(parts[:2] if source.startswith("@") else parts[:1])
    about = msgspec.json.decode((modules / package / "package.json").read_bytes())
    return Vendored(package, str(about["version"]), digest_of(name))


if __name__ == "__main__":
    vendor()
