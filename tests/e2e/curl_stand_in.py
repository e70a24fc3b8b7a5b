"""Does what the guide's examples ask of curl, on a machine that has none."""

import sys

import httpx


def main(arguments: list[str]) -> None:
    """Post ``--data-binary`` with every ``-H`` to the first argument that is no option's."""
    headers: dict[str, str] = {}
    url, body = "", ""
    remaining = iter(arguments)
    for argument in remaining:
        if argument == "-H":
            name, _, value = next(remaining).partition(": ")
            headers[name] = value
        elif argument == "--data-binary":
            body = next(remaining)
        elif argument != "-sS":
            url = argument
    sys.stdout.write(httpx.post(url, content=body, headers=headers).text)


if __name__ == "__main__":
    main(sys.argv[1:])
