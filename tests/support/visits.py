"""Readers of a running stack's pages, who come in by a link as the launcher prints one."""

import json

import httpx


def link(stack):
    """Return the address that signs the owner in, one time."""
    made = stack.mayfly("invoke", "accounts", "/sign-in/links", "--method", "POST")
    assert made.returncode == 0, made.stderr
    return f"{stack.web_url}/sign-in/link?token={json.loads(made.stdout)['token']}"


def reader(stack):
    """Return a client of the pages that is signed in as the owner."""
    client = httpx.Client(base_url=stack.web_url, timeout=60)
    answer = client.get(link(stack))
    assert answer.status_code == 303, answer.text
    return client


def cookies(client):
    """Return what a signed-in client sends along, for clients that are none of HTTPX's."""
    return {"Cookie": "; ".join(f"{one.name}={one.value}" for one in client.cookies.jar)}
