"""What pages load from elsewhere is what the manifest says, to the byte, of the versions that are locked."""

import json

from services.console.vendoring import FILES, MANIFEST, PACKAGES, VENDORED, digest_of, manifest


def test_every_vendored_file_is_the_one_of_the_manifest() -> None:
    found = manifest()

    assert set(found) == set(FILES)
    assert {name: one.sha256 for name, one in found.items()} == {
        name: digest_of(name) for name in found
    }
    assert {path.name for path in VENDORED.iterdir()} == {*found, MANIFEST.name}


def test_versions_are_those_that_are_locked() -> None:
    locked = json.loads((PACKAGES / "package-lock.json").read_text("utf-8"))["packages"]

    for one in manifest().values():
        entry = locked[f"node_modules/{one.package}"]
        assert entry["version"] == one.version
        assert entry["integrity"].startswith("sha512-")
