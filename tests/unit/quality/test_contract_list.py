"""The checker of contract lists sees what is wrong with one."""

from pathlib import Path

from tests.support.contract_list import ContractList, numbered

TEXT = """
| line | what | tested in |
|---|---|---|
| A1.1 | right | `test_contract_list.py::test_what_is_wrong_is_seen` |
| A1.2 | renamed | `test_contract_list.py::test_of_another_name` |
| A1.3 | elsewhere | `nowhere/test_contract_list.py::test_what_is_wrong_is_seen` |
| A1.4 | mistyped | `test_contract_list::test_what_is_wrong_is_seen` |
| A1.5 | no file | `test_gone.py::test_x` |
| A1.6 | promised | later |
| A2 | reasoned | no test: nothing can be seen |
"""


def test_what_is_wrong_is_seen(tmp_path: Path) -> None:
    (tmp_path / "list.md").write_text(TEXT)
    found = ContractList(str(tmp_path / "list.md"), {"": "tests/unit/quality"})
    assert found.lines() == numbered({"A1": 6, "A2": 0})
    assert found.unproven() == ["A1.6"]
    assert found.missing() == [
        "nowhere/test_contract_list.py::test_what_is_wrong_is_seen",
        "test_contract_list.py::test_of_another_name",
        "test_contract_list::test_what_is_wrong_is_seen",
        "test_gone.py::test_x",
    ]
