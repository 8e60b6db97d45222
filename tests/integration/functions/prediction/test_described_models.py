"""A model shows in `/openapi.json` once it is there, and no longer than that."""

from tests.support.models.registrations import register
from tests.support.processes import seconds_until


def test_models_come_and_go_without_a_restart(client, models, key, name, trained):
    path = f"/models/{name}/predict"

    def paths():
        return client.get("/openapi.json", headers=key).json["paths"]

    assert path not in paths()
    register(models, key, name, trained)
    assert seconds_until(lambda: path in paths()) < 5
    body = paths()[path]["post"]["requestBody"]["content"]["application/json"]
    answer = client.post(path, json=body["example"], headers=key)
    assert answer.status_code == 200, answer.text

    said = client.get("/openapi.json", headers=key).headers["ETag"]
    again = client.get("/openapi.json", headers={**key, "If-None-Match": said})
    assert (again.status_code, again.data) == (304, b"")

    register(models, key, name, trained)
    models.put(f"/models/{name}/aliases/champion", json={"version": 2}, headers=key)
    assert seconds_until(lambda: "Version 2:" in paths()[path]["post"]["description"]) < 5
    revision = models.get(f"/models/{name}", headers=key).headers["ETag"]
    gone = models.delete(f"/models/{name}", headers={**key, "If-Match": revision})
    assert gone.status_code == 204
    assert seconds_until(lambda: path not in paths()) < 5
