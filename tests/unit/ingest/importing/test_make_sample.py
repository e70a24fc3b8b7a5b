"""The script that cuts the sample: whole customers by a hash, and the same bytes each time."""

import gzip
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[4] / "samples" / "make_sample.py"
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_sample", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def row(customer: str, invoice: int = 1) -> str:
    return f"{invoice},A,LAMP,1,2010-12-01 08:00:00,1.0,{customer},France\n"


def zipped(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.encode(), mtime=1))
    return path


def test_about_thirty_in_a_hundred_customers_are_chosen(script: ModuleType) -> None:
    chosen = sum(script.is_chosen(f"{number}.0") for number in range(12_000, 18_000))

    assert 0.28 < chosen / 6_000 < 0.32


def test_a_chosen_customer_keeps_all_lines_and_others_none(
    script: ModuleType, tmp_path: Path
) -> None:
    rows = [row("12347.0", 1), row("12346.0", 2), row("12347.0", 3), row("12346.0", 4)]
    source = zipped(tmp_path / "full.csv.gz", HEADER + "".join(rows))

    script.make_sample(source, tmp_path / "sample.csv.gz")

    text = gzip.decompress((tmp_path / "sample.csv.gz").read_bytes()).decode()
    assert text == HEADER + rows[0] + rows[2]


def test_every_thousandth_line_without_a_customer_is_kept(
    script: ModuleType, tmp_path: Path
) -> None:
    rows = [row("", number) for number in range(2_001)]
    source = zipped(tmp_path / "full.csv.gz", HEADER + "".join(rows))

    script.make_sample(source, tmp_path / "sample.csv.gz")

    text = gzip.decompress((tmp_path / "sample.csv.gz").read_bytes()).decode()
    assert text == HEADER + rows[0] + rows[1_000] + rows[2_000]


def test_the_same_file_always_gives_the_same_bytes(script: ModuleType, tmp_path: Path) -> None:
    source = zipped(tmp_path / "full.csv.gz", HEADER + row("12347.0"))

    script.make_sample(source, tmp_path / "one.csv.gz")
    script.make_sample(source, tmp_path / "other.csv.gz")

    assert (tmp_path / "one.csv.gz").read_bytes() == (tmp_path / "other.csv.gz").read_bytes()


@pytest.mark.slow
def test_the_shipped_sample_is_what_the_script_makes(
    script: ModuleType, datasets: Path, tmp_path: Path
) -> None:
    script.make_sample(datasets / "online_retail.csv.gz", tmp_path / "sample.csv.gz")

    made = gzip.decompress((tmp_path / "sample.csv.gz").read_bytes())
    shipped = gzip.decompress((SCRIPT.parent / "online-retail-sample.csv.gz").read_bytes())
    assert made == shipped
