"""Reads a live transcript with a Python client: sse.py httpx-sse|sseclient-py URL.

Neither comes back by itself when its connection breaks, so this does, with
the id of the last segment. Prints the segments' data, a JSON string a line.
"""

import json
import os
import sys

import httpx
import httpx_sse
import sseclient

name, url = sys.argv[1:]
headers = {"Authorization": "Bearer " + os.environ["KEY"], "Accept": "text/event-stream"}


def events(client):
    """One connection's events, as (name, id, data); 204 has none."""
    if name == "httpx-sse":
        with httpx_sse.connect_sse(client, "GET", url, headers=headers) as source:
            if source.response.status_code == 204:
                yield "done", "", ""
                return
            for e in source.iter_sse():
                yield e.event, e.id, e.data
    else:
        with client.stream("GET", url, headers=headers) as response:
            if response.status_code == 204:
                yield "done", "", ""
                return
            for e in sseclient.SSEClient(response.iter_bytes()).events():
                yield e.event, e.id, e.data


with httpx.Client(timeout=30) as client:
    done = False
    while not done:
        try:
            for event, last, data in events(client):
                if event == "segment":
                    headers["Last-Event-ID"] = last
                    print(json.dumps(data), flush=True)
                done = done or event == "done"
        except httpx.TransportError:
            pass  # the connection broke
