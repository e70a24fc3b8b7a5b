"""The shipped sample, and the full file that it was cut from, import as their README says."""

import datetime
import gzip
from pathlib import Path

import pytest

from services.ingest.importing.ledger import Accounting
from services.ingest.importing.map_file import load_map
from services.ingest.importing.request import ImportRequest
from services.ingest.importing.summary import FactDays
from tests.unit.ingest.door_given import at
from tests.unit.ingest.importing.import_given import (
    NOON,
    facts_in,
    imported,
    london_log,
    tried,
)

SAMPLES = Path(__file__).parents[4] / "samples"
WHOLE_YEAR = FactDays(datetime.date(2010, 12, 1), datetime.date(2011, 12, 9))


def asked_for(file: Path, folder: Path) -> ImportRequest:
    online_retail = load_map(SAMPLES / "online-retail.map.yaml")
    return ImportRequest((file,), online_retail, folder / "imports", at(NOON))


def test_the_sample_imports_without_a_dead_letter(tmp_path: Path) -> None:
    log = london_log()

    summary = imported(log, asked_for(SAMPLES / "online-retail-sample.csv.gz", tmp_path))

    assert summary.accounting == Accounting(
        lines=115_445, accepted=6_474, grouped=108_835, skipped={"no-customer": 136}
    )
    assert summary.appended == {
        "crm.customer.registered.v1": 1_294,
        "crm.order.placed.v1": 5_422,
        "crm.order.returned.v1": 1_052,
    }
    assert summary.days == WHOLE_YEAR
    assert len(facts_in(log)) == 7_768
    times = [fact.time for fact in facts_in(log)]
    assert times == sorted(times)


def test_every_customer_of_the_sample_is_registered_before_all_else(tmp_path: Path) -> None:
    log = london_log()

    imported(log, asked_for(SAMPLES / "online-retail-sample.csv.gz", tmp_path))

    types: dict[str, list[str]] = {}
    for fact in facts_in(log):
        types.setdefault(str(fact.customer_id), []).append(fact.type)
    assert {of_customer[0] for of_customer in types.values()} == {"crm.customer.registered.v1"}
    begin_with_a_return = [
        customer
        for customer, of_customer in types.items()
        if of_customer[1] == "crm.order.returned.v1"
    ]
    assert len(begin_with_a_return) == 51


def test_the_sample_is_small_and_bears_no_time_of_its_making() -> None:
    content = (SAMPLES / "online-retail-sample.csv.gz").read_bytes()

    assert len(content) < 2_000_000
    assert content[4:8] == bytes(4)
    with gzip.open(SAMPLES / "online-retail-sample.csv.gz", "rt", encoding="utf-8") as file:
        assert next(file) == (
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
        )


@pytest.mark.slow
def test_a_dry_run_of_the_full_file_accounts_for_every_line(datasets: Path, tmp_path: Path) -> None:
    report = tried(asked_for(datasets / "online_retail.csv.gz", tmp_path))

    assert report.accounting == Accounting(
        lines=541_909, accepted=22_190, grouped=384_639, skipped={"no-customer": 135_080}
    )
    assert report.facts == {
        "crm.customer.registered.v1": 4_372,
        "crm.order.placed.v1": 18_536,
        "crm.order.returned.v1": 3_654,
    }
    assert report.days == WHOLE_YEAR
    assert report.refusals == ()
