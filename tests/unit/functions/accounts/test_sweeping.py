"""What is over is removed, now and then, after somebody came in; what counts stays."""

from functions.accounts.service.authentication.throttle import THROTTLES
from functions.accounts.service.sweeping import ENDS, EVERY
from functions.kit.contract.access.identity import OWNER
from tests.support.in_memory.accounts_house import DAY, HERE, House

ANN = "ann@example.org"


def leave_one_of_each(house: House) -> None:
    house.sign_in(ANN)
    house.services.sign_in.new_link(OWNER)
    house.services.invitations.make("main", "bob@example.org", "viewer", None)


def counts(house: House) -> dict[str, int]:
    return {name: len(house.database.page(name, 999, None)) for name in ENDS}


def test_what_is_over_goes_and_the_rest_stays() -> None:
    house = House()
    house.account(ANN)
    leave_one_of_each(house)
    house.deliver()
    assert counts(house) == {"tokens": 1, "invitations": 1, "sessions": 1, "throttles": 4}
    house.clock.advance(100 * DAY)
    link = house.services.sign_in.new_link(OWNER)
    house.services.sign_in.by_link(link.token, HERE)
    leave_one_of_each(house)
    house.deliver()
    left = counts(house)
    assert left.pop(THROTTLES) == 5  # those of before, anew, and the owner's
    assert left == {"tokens": 1, "invitations": 1, "sessions": 2}
    house.sign_in(ANN)


def test_a_replica_sweeps_once_an_hour() -> None:
    house = House()
    house.account(ANN)
    for _ in range(3):
        house.sign_in(ANN)
    assert len(house.later) == 1
    house.clock.advance(EVERY.total_seconds())
    house.sign_in(ANN)
    assert len(house.later) == 2
