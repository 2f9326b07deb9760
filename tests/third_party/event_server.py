"""An ASGI application that sends streams: events, JSON lines, long arrays, the words of a chat.

`gate=NAME` in the query makes a stream wait before each record but the first, until a client opens the gate
(`POST /gates/NAME`). `hold=N` makes it wait forever after the record N, if it began before it.
"""

import asyncio
import json
from collections import defaultdict

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

PING_SECONDS = 0.02
gates = defaultdict(lambda: asyncio.Semaphore(0))


class Pace:
    """When the records of a stream are sent."""

    def __init__(self, request):
        self.gate = request.query_params.get("gate")
        self.hold = int(request.query_params.get("hold", "0"))
        self.first = True

    async def before(self, number):
        if self.hold and number == self.hold + 1 and not self.first:
            await asyncio.Event().wait()
        if self.gate and not self.first:
            await gates[self.gate].acquire()
        self.first = False


def count_of(request):
    return int(request.query_params.get("count", "3"))


def stream(content, media_type):
    return StreamingResponse(content, media_type=media_type, headers={"Cache-Control": "no-store"})


async def events(request):
    """Events from the one after `Last-Event-ID` on; 204 after the last one."""
    seen = int(request.headers.get("last-event-id", "0"))
    count, pings = count_of(request), int(request.query_params.get("pings", "0"))
    if seen >= count:
        return Response(status_code=204)

    async def content():
        pace = Pace(request)
        yield "\ufeffretry: 20\r\n: the events of a real server\r\n\r\n"
        for number in range(seen + 1, count + 1):
            await pace.before(number)
            for _ in range(pings):
                await asyncio.sleep(PING_SECONDS)
                yield ": ping\n\n"
            data = json.dumps({"number": number, "text": "naïve"}, ensure_ascii=False)
            yield f"event: tick\nid: {number}\ndata: {data}\n\n"

    return stream(content(), "text/event-stream")


async def lines(request):
    """JSON lines, of which the second is damaged."""

    async def content():
        pace = Pace(request)
        for number in range(1, count_of(request) + 1):
            await pace.before(number)
            yield f"{{'number': {number}}}\n" if number == 2 else f'{{"number": {number}}}\n'

    return stream(content(), "application/x-ndjson")


async def array(request):
    async def content():
        pace = Pace(request)
        for number in range(1, count_of(request) + 1):
            await pace.before(number)
            # The comma shows that the number before it is complete.
            yield f'{"[" if number == 1 else ""}{{"number": {number}}},\n'
        yield '{"number": 0}]'

    return stream(content(), "application/json")


async def chat(request):
    prompt = (await request.json())["prompt"]

    async def content():
        for word in prompt.split():
            yield f"data: {json.dumps({'word': word})}\n\n"
        yield "data: [DONE]\n\n"

    return stream(content(), "text/event-stream")


async def gate(request):
    gates[request.path_params["name"]].release()
    return JSONResponse({})


app = Starlette(routes=[
    Route("/events", events),
    Route("/lines", lines),
    Route("/array", array),
    Route("/chat", chat, methods=["POST"]),
    Route("/gates/{name}", gate, methods=["POST"]),
])
