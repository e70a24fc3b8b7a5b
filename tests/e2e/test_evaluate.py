"""`holdfast evaluate` and ``GET /v1/quality`` as an analyst meets them, in processes of their own."""

import json
from pathlib import Path
from urllib.request import urlopen

import pytest

from infra.folder import DataFolder
from tests.faults.commands import holdfast, import_arguments, serving
from tests.unit.ops.folders import order, written
from tests.unit.ops.snapshots import snapshot_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    return snapshot_folder(tmp_path_factory.mktemp("evaluate"), 200)


def test_the_figures_are_shown(folder: DataFolder) -> None:
    ended = holdfast("evaluate", "--data", folder.path)

    assert (ended.code, ended.err) == (0, "")
    assert "as of 2011-08-14, 312 labels" in ended.out
    assert "area under the curve" in ended.out


def test_figures_are_told_to_programs(folder: DataFolder) -> None:
    ended = holdfast("evaluate", "--json", "--data", folder.path)

    found = json.loads(ended.out)
    assert (ended.code, ended.out.count("\n")) == (0, 1)
    assert set(found["second_half"]) == {"active", "all"}
    assert found["all_ticks"]["all"]["labels"] > found["second_half"]["all"]["labels"] > 0
    assert found["days_28_126"]["all"]["auc"] is not None
    assert found["labels"]["missing"] == 0


def test_figures_are_shown_in_chinese(folder: DataFolder) -> None:
    assert "曲线下面积" in holdfast("--lang", "zh", "evaluate", "--data", folder.path).out


def test_before_the_first_label_its_day_is_said(tmp_path: Path) -> None:
    snapshot_folder(tmp_path, 40)

    ended = holdfast("evaluate", "--data", tmp_path)

    assert ended.code == 0
    assert "No label counts yet: the first comes on 2011-05-25." in ended.out


def test_where_no_day_was_closed_it_fails_and_says_so(tmp_path: Path) -> None:
    written(tmp_path, [order("A", 1)], fold=False)

    ended = holdfast("evaluate", "--data", tmp_path)
    told = holdfast("evaluate", "--json", "--data", tmp_path)

    assert (ended.code, ended.out) == (2, "")
    assert "none of them folded yet: `holdfast serve` does that." in ended.err
    assert (told.code, json.loads(told.out)["type"]) == (2, "nothing-folded")


def test_a_folder_without_a_log_is_refused(tmp_path: Path) -> None:
    ended = holdfast("evaluate", "--data", tmp_path / "nowhere")

    assert ended.code == 2
    assert "log.db does not exist" in ended.complaint


def test_the_serving_process_tells_the_same_as_the_command(tmp_path: Path) -> None:
    data, lines = tmp_path / "data", tmp_path / "orders.csv"
    lines.write_text(
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
        "536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
    )
    assert holdfast(*import_arguments(data, lines)).code == 0
    with serving(data) as server:
        with urlopen(f"{server.url}/v1/quality", timeout=60) as answer:
            served = json.loads(answer.read())
        told = json.loads(holdfast("evaluate", "--json", "--data", data).out)

    assert served == told
    assert (served["as_of"], served["labels"]["released"]) == ("2010-12-01", 0)
    assert served["second_half"]["all"]["auc"] is None
