"""The clients in Python; c/peer.h says how a client is used.

    peer.py CLIENT BASE_URL PATH BYTES binary|json|value|walk THREADS
"""

import concurrent.futures
import logging
import sys

VALUE = "Ada Lovelace"


def check(path, length, status, body):
    if status != 200 or len(body) != length:
        raise SystemExit(f"{path}: status {status} with {len(body)} bytes")


def check_json(mode, data):
    if mode == "value" and data["name"] != VALUE:
        raise SystemExit("the value in the JSON is wrong")
    if mode == "walk" and abs(sum(map(values, data["items"])) - data["sum"]) > 0.001:
        raise SystemExit("the sum of the values in the JSON is wrong")


def values(item):
    return item["id"] + len(item["name"].encode()) + len(item["owner"]["login"].encode()) + item["price"] + item["active"]


def open_requests(base_url, path, length, mode):
    """One session for each thread, which is kept."""
    import requests

    session = requests.Session()
    accept = "application/octet-stream" if mode == "binary" else "application/json"

    def call():
        response = session.get(base_url + path, headers={"Accept": accept}, timeout=(10, 30))
        check(path, length, response.status_code, response.content)
        if mode in ("value", "walk"):
            check_json(mode, response.json())

    return call


def open_original(base_url, path, length, mode):
    """simple-api-client with its defaults; it parses every response."""
    from simple_api_client import ApiClient

    client = ApiClient(base_url, logging.getLogger("peer"))
    get = client.get_binary if mode == "binary" else client.get

    def call():
        response = get(path)
        check(path, length, response.status_code, response.bytes)
        if mode in ("value", "walk"):
            check_json(mode, response.data)

    return call


def repeat(call, times):
    for _ in range(times):
        call()


def main():
    client, base_url, path, length, mode, threads = sys.argv[1:]
    opener = {"requests": open_requests, "original": open_original}[client]
    calls = [opener(base_url, path, int(length), mode) for _ in range(int(threads))]
    pool = concurrent.futures.ThreadPoolExecutor(len(calls))
    for line in sys.stdin:
        share = -(-int(line) // len(calls))
        if len(calls) == 1:
            repeat(calls[0], share)
        else:
            list(pool.map(repeat, calls, [share] * len(calls)))
        print("done", flush=True)


main()
