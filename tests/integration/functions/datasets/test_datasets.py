from tests.support.processes import ROOT

TITANIC = (ROOT / "examples" / "titanic.csv").read_bytes()
SMALL = "n,word\n1,a\n2,b\n3,a\n4,b\n"


def test_titanic_becomes_a_dataset(api, name):
    answer = api.upload(TITANIC, name)
    assert answer.status_code == 202
    assert answer.json["state"] == "importing"
    assert answer.json["rows"] == 1309
    path = answer.headers["Location"]
    api.queue.deliver(api.client)
    dataset = api.get(path)
    assert dataset.json["state"] == "ready"
    assert (dataset.json["rows_done"], dataset.json["revision"]) == (1309, 1)
    assert dataset.headers["ETag"] == '"1"'
    first = api.get(f"{path}/records?limit=2").json
    assert [record["id"] for record in first["items"]] == ["000000001", "000000002"]
    assert first["items"][0]["values"]["age"] == 29.0
    assert first["items"][0]["values"]["name"] == "Allen, Miss. Elisabeth Walton"
    second = api.get(f"{path}/records?limit=2&cursor={first['next']}").json
    assert [record["id"] for record in second["items"]] == ["000000003", "000000004"]


def test_the_same_file_again_adds_nothing(api, name):
    path = api.load(SMALL, name)
    answer = api.upload(SMALL, name)
    assert (answer.status_code, answer.json["rows"]) == (200, 4)
    assert not api.queue.calls
    answer = api.upload(SMALL + "5,c\n", name)
    assert answer.status_code == 409
    assert len(api.get(f"{path}/records").json["items"]) == 4
