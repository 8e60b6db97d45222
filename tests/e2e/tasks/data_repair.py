"""A morning of data repair: what each step is, on the pages and in a shell."""

from playwright.sync_api import Locator, expect

from tests.e2e.tasks.players import Desk, InShell, OnPages

MEMBERS = 40
TYPED = 295  # in place of 29.5
MISSPELT = "Berln"
TWICE = "m07b"


def prepare(desk: Desk) -> None:
    """Have the file of members."""
    cities = ("Bonn", "Berlin", "Berlin", "Köln")
    rows = [(f"m{n:02}", cities[n % 4], 20.5 + n) for n in range(MEMBERS)]
    rows[3] = ("m03", "Köln", TYPED)
    for n in (5, 9, 22):
        rows[n] = (rows[n][0], MISSPELT, rows[n][2])
    rows.insert(8, (TWICE, *rows[7][1:]))
    lines = "".join(f"{member},{city},{age}\n" for member, city, age in rows)
    (desk.folder / "members.csv").write_text(f"member,city,age\n{lines}")


class ByHand(OnPages):
    """On the pages."""

    def look_before_it_is_stored(self) -> None:
        self.begin()
        self.follow("More ways to bring data in")
        self.hand.give(self.page.get_by_label("File", exact=True), self.desk.folder / "members.csv")
        self.press("Look first")
        preview = self.page.get_by_role("region", name="So it is read")
        expect(preview).to_contain_text("41 rows, 3 columns. Nothing is stored yet.")
        self.press("Upload")
        expect(self._range).to_have_text("1–25 of 41")  # noqa: RUF001 - a dash

    def find_what_is_odd(self) -> None:
        self.follow("Columns")
        expect(self.page.get_by_role("row", name="age")).to_contain_text("295")
        expect(self.page.get_by_role("row", name="city")).to_contain_text(MISSPELT)

    def mend_a_cell(self) -> None:
        self.follow("Rows")
        for order in ("ascending", "descending"):
            self.follow("age")
            expect(self.page.locator(f"th[aria-sort={order}]")).to_contain_text("age")
        cell = self.page.locator("table.sheet tbody tr").first.locator("td").nth(4)
        expect(cell).to_have_text(str(TYPED))
        self.hand.edit(cell)
        box = self.page.locator("td.editing input[type=text]")
        expect(box).to_be_focused()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type("29,5")
        self.page.keyboard.press("Enter")
        expect(cell).to_have_text("29.5")

    def set_many_rows_at_once(self) -> None:
        self._filter("city", MISSPELT)
        expect(self._range).to_have_text("1–3 of 3")  # noqa: RUF001 - a dash
        self.hand.pick(self.page.get_by_label("Which rows"), "All 3 rows that fit")
        self.press("Set a column…")
        question = self.page.get_by_role("dialog")
        self.hand.pick(question.get_by_label("Column"), "city")
        self.hand.write(question.get_by_label("Value"), "Berlin")
        self.press("Set it", within=question)
        expect(self.page.locator("#toasts")).to_contain_text("3 rows")

    def delete_what_is_double(self) -> None:
        self.follow("city is")
        expect(self.page.locator(".chip")).to_have_count(0)
        self._filter("member", TWICE)
        self.hand.tick(self.page.locator("input[name=chosen]"))
        self.press("Delete…", within=self.page.locator("#many"))
        self.press("Delete 1 row", within=self.page.get_by_role("dialog"))
        expect(self._facts).to_contain_text("40 rows")

    def take_it_back(self) -> None:
        self.press("Undo", within=self.page.locator("#toasts"))
        expect(self._facts).to_contain_text("41 rows")

    def go_back_to_the_beginning(self) -> None:
        self.follow("History")
        expect(self.page.locator("table.history")).to_contain_text("Set city")
        self.follow("Restore revision 1")
        self.press("Restore revision 1", within=self.page.get_by_role("dialog"))
        expect(self.page.locator("#toasts")).to_contain_text("as they were at revision 1")

    @property
    def _range(self) -> Locator:
        return self.page.locator(".range")

    @property
    def _facts(self) -> Locator:
        return self.page.locator(".facts").first

    def _filter(self, column: str, value: str) -> None:
        self.hand.pick(self.page.locator("#filter-column"), column)
        self.write("Value", value)
        self.press("Filter")
        expect(self.page.locator(".chip").last).to_contain_text(value)


class ByCommand(InShell):
    """In a shell."""

    def look_before_it_is_stored(self) -> None:
        told = self.shell.json("import", "members.csv", "--look")
        assert told["rows"] == MEMBERS + 1
        assert not self.shell.json("datasets")
        self.shell.call("import", "members.csv")

    def find_what_is_odd(self) -> None:
        said = self.shell.call("datasets", "show", "members")
        assert f"to {TYPED}" in said
        assert MISSPELT in said

    def mend_a_cell(self) -> None:
        self.shell.call("export", "members", "--filter", "age>120", "-o", "odd.csv")
        odd = self.desk.folder / "odd.csv"
        text = odd.read_text()
        assert f",{TYPED}.0" in text
        odd.write_text(text.replace(f",{TYPED}.0", ",29.5"))
        done = self.shell.json("import", "odd.csv", "--name", "members", "--upsert", "member")
        assert done["report"]["changed"] == 1

    def set_many_rows_at_once(self) -> None:
        where = ("--filter", f"city=={MISSPELT}")
        assert "3 rows" in self.shell.call("datasets", "set", "members", "city=Berlin", *where)

    def delete_what_is_double(self) -> None:
        where = ("--filter", f"member=={TWICE}")
        said = self.shell.call("datasets", "remove", "members", *where)
        assert "./mayfly datasets undo members" in said
        assert self._rows() == MEMBERS

    def take_it_back(self) -> None:
        self.shell.call("datasets", "undo", "members")
        assert self._rows() == MEMBERS + 1

    def go_back_to_the_beginning(self) -> None:
        kinds = [one["kind"] for one in self.shell.json("datasets", "history", "members")]
        assert len(kinds) == 5, kinds
        self.shell.call("datasets", "restore", "members", "1")
        assert MISSPELT in self.shell.call("export", "members")

    def _rows(self) -> int:
        return int(self.shell.json("datasets", "show", "members")["rows"])
