"""What is done with all rows of a list that were chosen: asked about once, then one by one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import request

from web.client.errors import Failure, Invalid
from web.http import toasts
from web.http.confirmations import Question
from web.http.htmx import Reply, render, see_other

MOST_NAMED = 10
SURE = "sure"


@dataclass(frozen=True)
class Act:
    """Something that is done with each.

    Attributes:
        verb: "Delete", as a button says it.
        done: "deleted".
        noun: what each is; its plural has an s more.
        warning: what follows.
    """

    verb: str
    done: str
    noun: str
    warning: str

    def of(self, count: int) -> str:
        """Return so many of them in words."""
        return f"{count:,} {self.noun}" if count == 1 else f"{count:,} {self.noun}s"


def act_on_chosen(
    act: Act, do: Callable[[str], None], name: Callable[[str], str], back: str
) -> Reply:
    """Ask about what the form chose; once that is answered, do it, and tell what was not done.

    Args:
        act: what is done.
        do: does it to one, by the value of its row.
        name: of a row, by its value.
        back: the list's address.
    """
    chosen = chosen_rows()
    if request.form.get(SURE) != "yes":
        return render("confirm/show.html", "question", question=_question(act, chosen, name, back))
    failures = _failures(chosen, do, name)
    done = len(chosen) - len(failures)
    told = f"{act.of(done)} {act.done}." if done else ""
    toasts.say(" ".join([told, *failures]).strip())
    return see_other(back)


def chosen_rows() -> list[str]:
    """Return the values of the rows that a list's form chose.

    Raises:
        Invalid: it chose none.
    """
    chosen = request.form.getlist("chosen") or request.form.get("all", "").split("\n")
    chosen = [one for one in dict.fromkeys(chosen) if one]
    if not chosen:
        raise Invalid("Choose some rows first, by the boxes before them.")
    return chosen


def _question(act: Act, chosen: Sequence[str], name: Callable[[str], str], back: str) -> Question:
    names = [name(one) for one in chosen[:MOST_NAMED]]
    more = f" and {len(chosen) - MOST_NAMED:,} more" if len(chosen) > MOST_NAMED else ""
    return Question(
        action=request.path,
        title=f"{act.verb} {act.of(len(chosen))}?",
        warning=f"{', '.join(names)}{more}. {act.warning}",
        button=f"{act.verb} {act.of(len(chosen))}",
        fields={"all": "\n".join(chosen), SURE: "yes"},
        stays=True,
        back=back,
    )


def _failures(
    chosen: Sequence[str], do: Callable[[str], None], name: Callable[[str], str]
) -> list[str]:
    """Do it to each; return why some were left as they are."""
    told = []
    for one in chosen:
        try:
            do(one)
        except Failure as error:
            told.append(f"{name(one)}: {error.detail}")
    return told
