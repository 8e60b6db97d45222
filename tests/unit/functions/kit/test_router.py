import pytest

from functions.kit.http.routing.router import Router


@pytest.fixture
def router():
    router: Router[str] = Router()
    for method, path in [
        ("GET", "/"),
        ("GET", "/pets"),
        ("POST", "/pets"),
        ("GET", "/pets/{name}"),
        ("GET", "/pets/new"),
        ("PUT", "/pets/{name}/toys/{toy}"),
        ("GET", "/{kind}/{name}/toys"),
    ]:
        router.add(method, path, f"{method} {path}")
    return router


@pytest.mark.parametrize(
    ("method", "path", "route", "parameters"),
    [
        ("GET", "/", "GET /", {}),
        ("GET", "/pets", "GET /pets", {}),
        ("GET", "/pets/", "GET /pets", {}),
        ("POST", "/pets", "POST /pets", {}),
        ("GET", "/pets/rex", "GET /pets/{name}", {"name": "rex"}),
        ("GET", "/pets/new", "GET /pets/new", {}),
        (
            "PUT",
            "/pets/new/toys/ball",
            "PUT /pets/{name}/toys/{toy}",
            {"name": "new", "toy": "ball"},
        ),
        ("GET", "/pets/rex/toys", "GET /{kind}/{name}/toys", {"kind": "pets", "name": "rex"}),
    ],
)
def test_a_path_leads_to_its_route(router, method, path, route, parameters):
    assert router.find(method, path) == (route, parameters)


@pytest.mark.parametrize("path", ["/pet", "/pets//", "//pets", "/pets/a/b", "/pets/rex/toys/a/b"])
def test_other_paths_lead_nowhere(router, path):
    assert router.find("GET", path) is None
    assert router.methods(path) == []


def test_the_methods_of_a_path(router):
    assert router.methods("/pets") == ["GET", "POST"]
    assert router.methods("/pets/rex/toys/ball") == ["PUT"]
    assert router.find("DELETE", "/pets") is None
