"""The first owner's way in: by the link that `./mayfly up` prints, with a session, and out."""

from tests.support.callers.accounts import Door


def test_the_first_owner_comes_in_by_a_link_and_goes(door: Door, key: dict[str, str]) -> None:
    token = door.post("/sign-in/links", None, key)["token"]
    signed = door.post("/sign-in/link", {"token": token})
    assert (signed["account"]["id"], signed["account"]["operator"]) == ("owner", True)
    session = door.headers(signed)
    me = door.get("/me", session)
    assert (me["kind"], me["workspace"], me["plan"]) == ("session", "main", "unlimited")
    door.post("/sign-in/link", {"token": token}, expect=401)
    door.post("/sign-out", None, session, expect=204)
    assert door.seconds_until_refused(session) < 1
