"""An endpoint that takes a body and does nothing with it: what HTTP alone costs here."""

import sys

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import Response

app = FastAPI()


@app.post("/v1/events", status_code=202)
async def take(request: Request) -> Response:
    await request.body()
    return Response(b'{"status":"accepted"}', 202, media_type="application/json")


def main() -> None:
    """Serve on the port given, with the same server and settings as ``holdfast serve``."""
    port = int(sys.argv[1])
    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False)


if __name__ == "__main__":
    main()
