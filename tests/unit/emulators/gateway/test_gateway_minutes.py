"""What each minute's calls came to: written once, read back, and let go in time."""

from pathlib import Path

from emulators.gateway.metrics import BOUNDS, Metrics
from emulators.gateway.minutes import Minutes
from emulators.gateway.model.telling.anomalies import Minute
from emulators.kit.metrics import Histogram

START = 1_800_000_000 // 60 * 60
F = "f.openfaas-fn"


def called(metrics: Metrics, code: int, *seconds: float, function: str = F) -> None:
    histogram = metrics.seconds.setdefault((function, code), Histogram(BOUNDS))
    for each in seconds:
        histogram.observe(each)


def test_each_minute_has_what_came_within_it(tmp_path: Path) -> None:
    metrics = Metrics()
    minutes = Minutes(tmp_path, metrics)
    called(metrics, 200, 0.003)
    minutes.note(START + 30)  # the first minute is a part of one: nobody knows what came before
    called(metrics, 200, 0.003)
    minutes.note(START + 60)
    called(metrics, 200, 0.003, 0.3)
    called(metrics, 503, 0.003)
    minutes.note(START + 90)
    minutes.note(START + 120)
    minutes.note(START + 180)
    called(metrics, 200, 0.003, function="g.openfaas-fn")
    minutes.note(START + 240)
    found = minutes.histories(START + 300)
    minute = START // 60
    history = found[F]
    assert history.window(minute + 4) is None, "not each of them was counted"
    assert found.keys() == {F, "g.openfaas-fn"}
    for at in range(5, 10):
        minutes.note(START + 60 * at)
    whole = minutes.histories(START + 600)[F].window(minute + 6)
    own = [0] * (len(BOUNDS) + 1)
    own[0], own[6] = 2, 1
    assert whole == Minute(3, 1, own)


def test_a_gateway_that_was_away_has_not_counted(tmp_path: Path) -> None:
    metrics = Metrics()
    minutes = Minutes(tmp_path, metrics)
    minutes.note(START)
    called(metrics, 200, 0.1)
    minutes.note(START + 600)  # stopped meanwhile, as a laptop that slept
    assert minutes.histories(START + 600) == {}


def test_days_are_files_and_go_after_five_weeks(tmp_path: Path) -> None:
    metrics = Metrics()
    minutes = Minutes(tmp_path, metrics)
    for day in (0, 1, 36, 40):
        minutes.note(START + day * 86_400)
        called(metrics, 200, 0.1)
        minutes.note(START + day * 86_400 + 60)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert len(left) == 2
    assert left[0] < left[1]


def test_a_line_that_a_kill_cut_off_is_passed_over(tmp_path: Path) -> None:
    metrics = Metrics()
    minutes = Minutes(tmp_path, metrics)
    minutes.note(START)
    called(metrics, 200, 0.1)
    minutes.note(START + 60)
    (file,) = tmp_path.iterdir()
    with file.open("ab") as end:
        end.write(b'{"at": 3')
    assert minutes.histories(START + 120).keys() == {F}
    assert Minutes(tmp_path, Metrics()).histories(START + 120).keys() == {F}


def test_a_full_disk_costs_lines_alone(tmp_path: Path) -> None:
    (tmp_path / "minutes").write_text("no folder")
    metrics = Metrics()
    minutes = Minutes(tmp_path / "minutes", metrics)
    minutes.note(START)
    called(metrics, 200, 0.1)
    minutes.note(START + 60)
    minutes.note(START + 120)
