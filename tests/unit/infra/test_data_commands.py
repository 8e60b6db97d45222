"""The commands on data, models and predictions: what they send, and how they tell the answer."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask, Response, jsonify, request
from rich.console import Console
from werkzeug.serving import make_server

from infra.local.cli import mayfly
from infra.local.commands.data import rows
from infra.local.commands.progress import Meter
from infra.local.errors import LocalError
from infra.local.nearest import advice

Call = Callable[..., Result]
KEY = "mfk_elsewhere"
KINDS = {"age": "number", "sex": "category", "survived": "boolean"}
COLUMNS = [{"name": name, "kind": kind} for name, kind in KINDS.items()]
DATASET: dict[str, Any] = {"id": "titanic", "state": "ready", "rows": 2, "rows_done": 2}
DATASET |= {"revision": 1, "columns": COLUMNS}
IMPORT = {"id": "1", "dataset": "titanic", "rows": 2, "rows_done": 2, "revision": 2}
MODEL = {"name": "titanic", "latest": 2, "aliases": {"champion": 1}, "traffic": {}}
CHANGE = {"revision": 2, "summary": "Set age", "records": 1, "state": "done"}
SIGNATURE = {"features": [{"column": "age"}], "columns": [
    {"name": "age", "kind": "number", "maximum": 120, "suggested": {"minimum": 1, "maximum": 80}},
    {"name": "sex", "kind": "category", "required": True, "levels": ["f", "m"]},
]}  # fmt: skip
COMPARED = {"better": 2, "text": "Version 2 is better."}
PREVIEW = {
    "rows": 2,
    "columns": [{"name": "age", "kind": "number", "decisions": [{"reason": "is"}]}],
}
PREVIEW |= {"flaws": [{"row": 2, "column": "age", "reason": "is no number"}], "questions": []}
JOB = {"id": "ab", "model": "titanic", "dataset": "titanic", "progress": 1.0, "version": 2}
JOB |= {"state": "succeeded", "place": None, "notes": [], "rungs": [], "rung": 0}
REPORT: dict[str, Any] = {
    "id": "r1",
    "dataset": None,
    "model": "titanic",
    "version": 2,
    "state": "succeeded",
}
REPORT |= {"phase": "typeset", "seconds": {"gather": 1.0}, "files": {"pdf": {"bytes": 4}}}
LISTS = {"/datasets/datasets": DATASET, "/models/models": MODEL, "/training/jobs": JOB}
ANSWERS: dict[str, Any] = {
    "GET /datasets/datasets/titanic": DATASET,
    "POST /datasets/datasets": {**DATASET, "state": "importing"},
    "POST /datasets/datasets/titanic/imports": {**IMPORT, "state": "checking"},
    "POST /training/jobs": {**JOB, "state": "queued"},
    "GET /training/jobs/ab": JOB,
    "GET /models/models/titanic": MODEL,
    "PUT /models/models/titanic/aliases/champion": MODEL,
    "PATCH /datasets/datasets/titanic/records": CHANGE,
    "DELETE /datasets/datasets/titanic/records": {**CHANGE, "state": "running", "total": 2},
    "GET /datasets/datasets/titanic/changes/2": {**CHANGE, "records": 2, "written": 2, "total": 2},
    "POST /datasets/datasets/titanic/undo": CHANGE,
    "POST /datasets/datasets/titanic/restore": CHANGE,
    "POST /datasets/datasets/preview": PREVIEW,
    "GET /prediction/models/titanic/signature": SIGNATURE,
    "GET /models/models/titanic/compare": COMPARED,
    "POST /reports/reports": {**REPORT, "state": "queued", "seconds": {}, "files": {}},
    "GET /reports/reports/r1": REPORT,
    "POST /monitoring/models/titanic/labels": {"labels": 2, "matched": 1, "waiting": 1},
}


class Functions:
    """Functions elsewhere, by the contract's own shapes, that note what they are asked."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, list[str]], bytes]] = []
        self.state = "done"
        self.app = Flask("functions")
        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        self.app.add_url_rule("/function/<path:path>", None, self._answer, methods=methods)

    def _answer(self, path: str) -> Any:
        asked = f"{request.method} /{path}"
        form = {name: [file.read().decode()] for name, file in request.files.items()}
        body = request.get_data() if not form else json.dumps(form).encode()
        self.seen.append((asked, request.args.to_dict(flat=False), body))
        if request.headers["Authorization"] != f"Bearer {KEY}":
            return jsonify(detail="Who is that?", instance="/"), 401
        if asked.endswith("/imports/1"):
            flaws = [{"row": 2, "column": "age", "reason": "'x' is no number"}]
            report = {"new": 1, "changed": 0, "same": 0, "removed": 0, "bad": 1, "flaws": flaws}
            return jsonify(IMPORT | {"state": self.state, "failure": None, "report": report})
        if asked.endswith("/report.pdf"):
            return Response(b"%PDF", content_type="application/pdf")
        if asked.endswith("/predict"):
            head = {"X-Prediction-Id": "0a", "X-Model-Version": "1", "Content-Type": "text/csv"}
            return Response('label,set\n1,"[""1""]"\n0,\n', headers=head)
        if request.method == "GET" and f"/{path}" in LISTS:
            return jsonify(items=[LISTS[f"/{path}"]], next=None)
        if asked in ANSWERS:
            return jsonify(ANSWERS[asked])
        return jsonify(detail=f"There is no {path}.", instance=f"/{path}"), 404

    def asked(self, what: str) -> tuple[dict[str, list[str]], bytes]:
        [found] = [(query, body) for asked, query, body in self.seen if asked == what]
        return found


@pytest.fixture
def functions() -> Functions:
    return Functions()


@pytest.fixture
def call(functions: Functions, tmp_path: Path) -> Iterator[Call]:
    server = make_server("127.0.0.1", 0, functions.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    env = {"MAYFLY_HOME": str(tmp_path / "none"), "MAYFLY_KEY": KEY}
    env["MAYFLY_URL"] = f"http://127.0.0.1:{server.server_port}"
    yield lambda *words, **options: CliRunner().invoke(
        mayfly, [str(word) for word in words], env=env | options.pop("env", {}), **options
    )
    server.shutdown()
    thread.join()
    server.server_close()
    assert not (tmp_path / "none").exists()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "titanic.csv.txt"
    path.write_text("id,sex\n1,female\n2,male\n")
    return path


def told(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_file_is_sent_as_a_form_and_its_dataset_awaited(
    call: Call, functions: Functions, file: Path
) -> None:
    done = call("import", file)
    assert done.stdout.splitlines() == [
        "dataset titanic is ready: 2 rows, 3 columns, revision 1",
        "to look at it: ./mayfly datasets titanic",
        "to learn from it: ./mayfly train titanic --target survived --wait",
    ]
    query, body = functions.asked("POST /datasets/datasets")
    assert query == {"name": ["titanic"]}
    assert json.loads(body) == {"file": [file.read_text()]}
    assert "titanic: rows: 2 of 2" in done.stderr


def test_a_url_is_fetched_by_the_function(call: Call, functions: Functions) -> None:
    reading = '{"dialect": {"decimal": ","}}'
    assert told(call("import", "https://e.org/titanic.csv.gz", "--json", "--reading", reading))
    _, body = functions.asked("POST /datasets/datasets")
    source = {"url": "https://e.org/titanic.csv.gz"}
    assert json.loads(body) == {"name": "titanic", "reading": json.loads(reading), "source": source}


@pytest.mark.parametrize(
    ("words", "query"),
    [
        (("--append",), {"mode": ["append"]}),
        (("--replace", "--separate"), {"mode": ["replace"], "bad_rows": ["separate"]}),
        (("--upsert", "age", "--upsert", "sex"), {"mode": ["upsert"], "key": ["age", "sex"]}),
    ],
)
def test_rows_go_into_a_dataset_that_is_there(
    call: Call, functions: Functions, file: Path, words: tuple[str, ...], query: Any
) -> None:
    done = call("import", file, *words)
    assert done.stdout == "import 1 into titanic is done: 1 new, 1 bad; revision 2\n"
    assert functions.asked("POST /datasets/datasets/titanic/imports")[0] == query


def test_bad_rows_are_told_with_their_place(call: Call, functions: Functions, file: Path) -> None:
    functions.state = "refused"
    done = call("import", file, "--append")
    assert (done.exit_code, done.stdout) == (1, "")
    said = "is refused: row 2, column age: 'x' is no number. Mend them, or take the good rows"
    assert f"{said} alone: --separate" in done.stderr


def test_a_file_is_looked_at_first(call: Call, functions: Functions, file: Path) -> None:
    said = call("import", file, "--look").stdout
    assert "2 rows, 1 columns; nothing is stored yet" in said
    assert "would be refused: row 2, column age: is no number" in said
    assert {asked for asked, _, _ in functions.seen} == {"POST /datasets/datasets/preview"}


@pytest.mark.parametrize(
    ("words", "asked", "query", "body", "rows"),
    [
        (
            ("set", "titanic", "age=29.5", "survived=no", "sex=", "--filter", "age>80"),
            "PATCH /datasets/datasets/titanic/records",
            {"filter": ["age>80"]},
            {"values": {"age": 29.5, "survived": False, "sex": None}},
            "1 row",
        ),
        (
            ("remove", "titanic", "--all"),
            "DELETE /datasets/datasets/titanic/records",
            {"all": ["true"]},
            None,
            "2 rows",  # which it waits for
        ),
        (("undo", "titanic"), "POST /datasets/datasets/titanic/undo", {}, {}, "1 row"),
        (
            ("restore", "titanic", "1"),
            "POST /datasets/datasets/titanic/restore",
            {},
            {"revision": 1},
            "1 row",
        ),
    ],
)
def test_rows_are_changed_and_the_way_back_is_told(
    call: Call, functions: Functions, words: Any, asked: str, query: Any, body: Any, rows: str
) -> None:
    said = call("datasets", *words).stdout.splitlines()
    assert said == [
        f"titanic: Set age: {rows}, revision 2",
        "to take it back: ./mayfly datasets undo titanic 2",
    ]
    sent = functions.asked(asked)
    assert (sent[0], json.loads(sent[1]) if sent[1] else None) == (query, body)


def test_what_a_model_takes_and_which_version_is_better_is_told(call: Call) -> None:
    fields = call("models", "fields", "titanic").stdout
    assert "120 or less" in fields
    assert "1 to 80" in fields
    assert "f, m" in fields
    assert call("models", "compare", "titanic", 1, 2).stdout.splitlines() == [
        "Version 2 is better.",
        "to have it serve: ./mayfly promote titanic 2",
    ]


def test_a_training_is_asked_for_as_it_was_said(call: Call, functions: Functions) -> None:
    words = ("--budget", "balanced", "--column", "age", "--group", "sex", "--algorithm", "ridge")
    job = told(call("train", "titanic", "--target", "survived", *words, "--wait", "--json"))
    assert job["state"] == "succeeded"
    assert json.loads(functions.asked("POST /training/jobs")[1]) == {
        "dataset": "titanic",
        "target": "survived",
        "budget": "balanced",
        "algorithms": ["ridge"],
        "columns": ["age"],
        "split": {"by": "group", "column": "sex"},
    }


def test_predictions_have_ids_and_labels_come_by_them(
    call: Call, functions: Functions, file: Path, tmp_path: Path
) -> None:
    done = call("predict", "titanic", file)
    assert done.stdout == 'id,label,set\n0a-0,1,"[""1""]"\n0a-1,0,\n'
    assert functions.asked("POST /prediction/models/titanic/predict")[1] == file.read_bytes()
    labels = call("labels", "titanic", file, "--label", "sex")
    assert "2 labels of titanic: 1 predictions have one, 1 wait" in labels.stdout
    sent = functions.asked("POST /monitoring/models/titanic/labels")[1]
    assert sent.decode().splitlines() == ["id,label", "1,female", "2,male"]


def test_a_promotion_may_have_a_condition(call: Call, functions: Functions) -> None:
    assert call("promote", "titanic", 2, "--if-better", "--margin", "0.01").exit_code == 0
    body = json.loads(functions.asked("PUT /models/models/titanic/aliases/champion")[1])
    assert body == {"version": 2, "if_better": {"than": "champion", "margin": 0.01}}


def test_a_report_is_made_awaited_and_written(
    call: Call, functions: Functions, tmp_path: Path
) -> None:
    file = tmp_path / "titanic.pdf"
    done = call("report", "titanic@2", "-o", file)
    assert done.stdout == f"report r1 on version 2 of titanic: 4 bytes in {file}\n"
    assert "the report r1" in done.stderr
    assert file.read_bytes() == b"%PDF"
    body = json.loads(functions.asked("POST /reports/reports")[1])
    assert body == {"model": "titanic", "version": 2, "kinds": ["pdf"]}


@pytest.mark.parametrize(
    ("words", "body", "says"),
    [
        (("titanic@2",), {"model": "titanic", "version": 2}, "is being made"),
        (("titanic", "--of", "model", "--wait"), {"model": "titanic"}, "is made: report.pdf"),
        (
            ("titanic", "--of", "dataset", "--target", "age", "--kind", "html", "--kind", "pdf"),
            {"dataset": "titanic", "target": "age", "kinds": ["html", "pdf"]},
            "see http://pages/reports/r1",
        ),
    ],
)
def test_without_a_file_it_is_told_where_the_report_is(
    call: Call, functions: Functions, words: Any, body: Any, says: str
) -> None:
    done = call("report", *words, env={"MAYFLY_WEB_URL": "http://pages/"})
    assert says in done.stdout, done.output
    assert "http://pages/reports/r1" in done.stdout
    assert json.loads(functions.asked("POST /reports/reports")[1]) == body


def test_where_no_report_comes_of_it_the_reason_is_told(
    call: Call, functions: Functions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = {**REPORT, "state": "failed", "failure": "it takes too much"}
    monkeypatch.setitem(ANSWERS, "GET /reports/reports/r1", failed)
    done = call("report", "titanic@2", "-o", tmp_path / "x.pdf")
    assert (done.exit_code, "No report came of r1: it takes too much" in done.stderr) == (1, True)
    assert not (tmp_path / "x.pdf").exists()
    assert told(call("report", "titanic@2", "--json"))["id"] == "r1"


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("trian", "x"), 2, "Did you mean"),
        (("train", "titanik", "--target", "x"), 1, "no dataset 'titanik'. Did you mean 'titanic'?"),
        (("train", "titanic", "--target", "sxe"), 1, "no column 'sxe'. Did you mean 'sex'?"),
        (("jobs", "zz"), 1, "There is no job 'zz'. There are 'ab'."),
        (("promote", "titanic", "two"), 2, "'two' is not a valid integer"),
        (("promote", "titanic", "1", "--margin", "1"), 2, "go with --if-better"),
        (("traffic", "titanic", "--end", "--reason", "over"), 2, "goes without"),
        (("traffic", "titanic", "--split", "1=90"), 2, "makes 90 %, not 100"),
        (("traffic", "titanic", "--split", "90"), 2, "is no split, such as 1=90,2=10"),
        (("import", "none.csv"), 1, "none.csv is not there. Name a file, or -"),
        (("import", "-"), 2, "say --name"),
        (("import", "x.csv", "--append", "--upsert", "a"), 2, "two ways"),
        (("import", "x.csv", "--reading", "{"), 2, "is no JSON"),
        (("export", "titanic"), 2, "titanic is a dataset and a model: say --kind"),
        (("export", "titanic", "-o", "x.xlsx"), 2, "its name has to end in .csv"),
        (("report", "titanic"), 2, "titanic is a dataset and a model: say --of"),
        (("report", "titanik"), 1, "no dataset or model 'titanik'. Did you mean 'titanic'?"),
        (("report", "titanik@2"), 1, "no model 'titanik'. Did you mean 'titanic'?"),
        (("report", "titanic@two"), 2, "behind @ stands a version's number"),
        (("report", "titanic@2", "--target", "age"), 2, "--target is for datasets"),
        (("report", "titanic@2", "--of", "dataset"), 2, "A version is of a model"),
        (("report", "titanic", "--of", "dataset", "--target", "agee"), 1, "Did you mean 'age'?"),
        (("report", "titanic@2", "-o", "x.doc"), 2, "its name has to end in .pdf"),
        (("report", "titanic@2", "-o", "x.pdf", "--kind", "html"), 2, "have it made by --kind pdf"),
        (("export", "titanik"), 1, "no dataset or model 'titanik'. Did you mean 'titanic'?"),
        (("datasets", "set", "titanic", "age=x", "--all"), 2, "age takes a number, not 'x'"),
        (("datasets", "set", "titanic", "age", "--all"), 2, "write age=VALUE"),
        (("datasets", "set", "titanic", "agee=1", "--all"), 1, "Did you mean 'age'?"),
        (("datasets", "remove", "titanic"), 2, "Say which rows"),
        (("export", "titanic", "--json"), 2, "needs a name: -o FILE"),
        (("export", "titanic", "--kind", "model", "-o", "x.csv"), 2, "A model is written as .onnx"),
        (("open",), 1, "Where the pages of that system are is not known."),
        (("completion", "tcsh"), 2, "'tcsh' is not one of 'bash', 'zsh', 'fish'"),
    ],
)
def test_what_is_wrong_is_told(call: Call, words: tuple[str, ...], code: int, says: str) -> None:
    done = call(*words)
    assert (done.exit_code, done.stdout, says in done.stderr) == (code, "", True), done.output


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"MAYFLY_KEY": "other"}, "401 Who is that?"),
        ({"MAYFLY_KEY": "two words"}, "MAYFLY_KEY holds no API key."),
        ({"MAYFLY_KEY": ""}, "--key-file or MAYFLY_KEY names another."),
        ({"MAYFLY_URL": "nowhere"}, "MAYFLY_URL='nowhere' is no URL"),
        ({"MAYFLY_URL": "http://127.0.0.1:1"}, "Does it run, and is its address (MAYFLY_URL"),
        ({"MAYFLY_URL": "http://{nam}"}, "MAYFLY_URL='http://{nam}' has a brace"),
    ],
)
def test_a_system_elsewhere_that_is_none_is_told(
    call: Call, env: dict[str, str], says: str
) -> None:
    done = call("jobs", env=env)
    assert (done.exit_code, says in done.stderr) == (1, True), done.output


@pytest.mark.parametrize(
    ("url", "is_sent"),
    [
        ("http://127.0.0.1:1", True),
        ("http://[::1]:1", True),
        ("http://mayfly.localhost:1", True),
        ("http://mayfly.invalid:1", False),
        ("http://127.0.0.1.mayfly.invalid:1", False),
        ("http://{name}.mayfly.invalid{path}", False),
    ],
)
@pytest.mark.parametrize("words", [("jobs",), ("env",), ("invoke", "datasets", "/datasets")])
def test_the_key_of_this_machine_goes_to_no_other(
    tmp_path: Path, words: tuple[str, ...], url: str, *, is_sent: bool
) -> None:
    (tmp_path / "key").write_text("mfk_of_this_machine\n")
    env = {"MAYFLY_HOME": str(tmp_path), "MAYFLY_URL": url, "MAYFLY_KEY": ""}
    done = CliRunner().invoke(mayfly, words, env=env)
    assert ("No API key is named for http://" in done.stderr) is not is_sent
    assert is_sent or "mfk_" not in done.output


def test_the_variables_lead_another_shell_there(call: Call) -> None:
    found = told(call("env", "--json"))
    assert (found["MAYFLY_KEY"], "MAYFLY_WEB_URL" in found) == (KEY, False)
    assert call("env").stdout.startswith(f"export MAYFLY_URL={found['MAYFLY_URL']}\n")
    assert "unset MAYFLY_KEY" in call("env", "--unset").stdout


def test_the_version_is_told() -> None:
    assert CliRunner().invoke(mayfly, ["--version"]).output.startswith("mayfly 0.")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_a_script_that_asks_this_mayfly(shell: str) -> None:
    script = CliRunner().invoke(mayfly, ["completion", shell]).output
    assert f"{shell}_complete" in script
    assert f"{Path(__file__).resolve().parents[3]}/mayfly" in script


def test_commands_are_completed_without_being_loaded() -> None:
    env = {"_MAYFLY_COMPLETE": "bash_complete", "COMP_WORDS": "./mayfly pre", "COMP_CWORD": "1"}
    runner = CliRunner()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in env.items():
            patch.setenv(name, value)
        done = runner.invoke(mayfly, [], complete_var="_MAYFLY_COMPLETE")
    assert done.output == "plain,predict\n"


def test_names_are_near_or_listed() -> None:
    assert advice("Titanic", ["titanic", "heart"]) == "Did you mean 'titanic'?"
    assert advice("x", ["b", "a"]) == "There are 'a', 'b'."
    assert advice("x", [str(number) for number in range(10)]).endswith("and 2 more.")
    assert advice("x", [], "none") == "none"


def meter(*, is_terminal: bool) -> str:
    out = io.StringIO()
    with Meter(Console(file=out, force_terminal=is_terminal, width=80)) as found:
        for done in range(101):
            found.tell("rows [x]", done, 100, f"{done} of 100")
    return out.getvalue()


def test_progress_is_a_bar_on_a_terminal_and_few_lines_elsewhere() -> None:
    lines = meter(is_terminal=False).splitlines()
    assert lines[0] == "rows [x]: 0 of 100"
    assert lines[-1] == "rows [x]: 100 of 100"
    assert 5 < len(lines) < 15
    assert "\x1b[" in meter(is_terminal=True)


@pytest.mark.parametrize(
    ("name", "text", "form", "count"),
    [
        ("a.csv", "a\n" + "1\n" * 1000, "csv", True),
        ("a.csv", "a\n" + "1\n" * 1001, "csv", False),
        ("a", '{"a": 1}\n\n{"a": 2}\n', "jsonl", True),
        ("a", '[{"a": 1}]', "json", True),
        ("a.json", '{"records": [{"a": 1}]}', "json", True),
        ("a.jsonl", '{"a": 1}\n' * 1001, "jsonl", False),
        ("a", "PAR1", "parquet", False),
    ],
)
def test_few_rows_go_as_one_call(
    tmp_path: Path, name: str, text: str, form: str, *, count: bool
) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert rows.form_of(path, name) == form
    assert (rows.few(path, form) is not None) is count


def test_objects_become_csv_that_means_the_same(tmp_path: Path) -> None:
    path, target = tmp_path / "a.jsonl", tmp_path / "a.csv"
    path.write_text('{"a": "007", "b": true}\n{"c": "x\\ny", "a": null}\n')
    rows.as_csv(path, "jsonl", target)
    assert target.read_text() == 'a,b,c\n007,true,\n,,"x\ny"\n'
    for wrong in ("[1]", '{"a": 1}\n{'):
        path.write_text(wrong)
        with pytest.raises(LocalError, match=r"is no JSON"):
            rows.as_csv(path, "jsonl", target)
