"""What `./mayfly new` writes with `--openfaas` and `--node`: functions in others' forms."""

from string import Template

HANDLER = Template('''"""$name: answers over HTTP, as OpenFaaS's template python3-http has it."""


def handle(event, context):
    """Greet whoever is named, or the world.

    Args:
        event: The request: body, headers, method, query, path.
        context: The function itself: hostname.
    """
    return {"statusCode": 200, "body": {"greeting": f"Hello, {event.query.get('name', 'world')}!"}}
''')

HANDLER_TEST = Template('''"""Run it: python -m pytest $name"""

from types import SimpleNamespace

from .handler import handle


def greeting(**query: str) -> str:
    event = SimpleNamespace(body=b"", headers={}, method="GET", path="/", query=query)
    answer = handle(event, SimpleNamespace(hostname="localhost"))
    assert answer["statusCode"] == 200
    return answer["body"]["greeting"]


def test_it_greets() -> None:
    assert greeting(name="Ada") == "Hello, Ada!"
    assert greeting() == "Hello, world!"
''')

HANDLER_PACKAGES = Template("# Packages of $name, a line each: installed by ./mayfly deploy.\n")

OPENFAAS = {
    "__init__.py": Template(""),
    "handler.py": HANDLER,
    "handler_test.py": HANDLER_TEST,
    "requirements.txt": HANDLER_PACKAGES,
}

INDEX = Template("""// $name: answers over HTTP.
const functions = require("@google-cloud/functions-framework");

// Greets whoever is named, or the world.
functions.http("handle", (request, response) => {
  response.json({ greeting: `Hello, $${request.query.name ?? "world"}!` });
});
""")

INDEX_TEST = Template("""// Run it: npm install, then npm test
const assert = require("node:assert");
const { after, before, test } = require("node:test");
const { getTestServer } = require("@google-cloud/functions-framework/testing");
require("./index.js");

const server = getTestServer("handle");
before(() => new Promise((listening) => server.listen(0, "127.0.0.1", listening)));
after(() => server.close());

async function greeting(query) {
  const answer = await fetch(`http://127.0.0.1:$${server.address().port}/$${query}`);
  return (await answer.json()).greeting;
}

test("it greets", async () => {
  assert.equal(await greeting("?name=Ada"), "Hello, Ada!");
  assert.equal(await greeting(""), "Hello, world!");
});
""")

PACKAGE = Template("""{
  "name": "$name",
  "private": true,
  "main": "index.js",
  "scripts": {
    "start": "functions-framework --target=handle",
    "test": "node --test"
  },
  "dependencies": {
    "@google-cloud/functions-framework": "^5.0.0"
  }
}
""")

SERVICE = Template("""# What ./mayfly deploy $name makes of this folder; Node is this machine's.
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: $name
spec:
  template:
    spec:
      containers:
        - image: $name
          command: [node_modules/.bin/functions-framework, --target=handle]
""")

NODE = {
    "index.js": INDEX,
    "index.test.js": INDEX_TEST,
    "package.json": PACKAGE,
    "service.yaml": SERVICE,
}
