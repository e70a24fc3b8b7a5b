"""What pages show: of customers, of one, of the log, of quality, and where there is nothing."""

from pathlib import Path

import httpx
import pytest

from infra.folder import DataFolder
from tests.unit.console.consoles import CARD, asking, got
from tests.unit.ops.folders import id_of, order, written


def said(answer: httpx.Response) -> str:
    """A page as one line with single blanks."""
    assert answer.status_code == 200, answer.text
    return " ".join(answer.text.split())


def test_the_first_page_leads_to_whoever_is_at_risk(folder: DataFolder) -> None:
    assert got(folder, "/").headers["location"] == "/customers"

    page = said(got(folder, "/customers"))

    assert "no order for 41 days, usual gap 5" in page
    assert f'href="{CARD}"' in page
    assert "m.li" in page


def test_a_card_says_why_with_the_facts_behind_it(folder: DataFolder) -> None:
    page = said(got(folder, CARD))

    assert "11 orders from 2011-01-03 to 2011-02-22" in page
    assert "mobile-data: used 0 GB on 2011-04-03" in page
    assert "What raises the likelihood of leaving" in page
    assert '<rect class="anomaly"' not in page
    assert 'class="anomaly"' in page
    assert "no purchase" not in page


def test_every_chart_stands_beside_a_table(folder: DataFolder) -> None:
    page = got(folder, CARD).text

    assert page.count("<svg") == 3
    assert page.count("As a table") + page.count("Week by week, part by part") == 3


def test_a_card_of_the_past_says_so_and_knows_no_better(folder: DataFolder) -> None:
    page = said(got(folder, f"{CARD}?at=2011-02-01"))

    assert "As of 2011-02-01" in page
    assert "Nothing can be commanded here." in page
    assert "No signal stands." in page
    assert "2011-02-22" not in page


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{CARD}?at=yesterday", 404),
        ("/customers/nobody", 404),
        (f"/customers/{'9' * 400}", 404),
        ("/customers/%00", 404),
        (f"{CARD}?at=2010-01-01", 200),
        (f"{CARD}?tab=nonsense", 200),
        ("/quality?span=x&who=y", 200),
        ("/find?q=" + "x" * 900, 200),
    ],
)
def test_addresses_that_people_mistype(folder: DataFolder, path: str, status: int) -> None:
    answer = got(folder, path)

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


def test_each_tab_lists_its_facts(folder: DataFolder) -> None:
    page = said(got(folder, f"{CARD}?tab=transactions"))

    assert "return-A-47" in page
    assert "There is nothing of this kind." in said(got(folder, f"{CARD}?tab=complaints"))


def test_a_key_finds_its_customer(folder: DataFolder) -> None:
    assert got(folder, "/find?q=shop:A").headers["location"] == CARD
    assert "No customer is known as nobody" in said(got(folder, "/find?q=nobody"))


def test_operators_see_positions_and_days(folder: DataFolder) -> None:
    page = said(got(folder, "/ops"))

    assert "Nobody is in quarantine." in page
    assert "Oldest unclosed day" in page
    assert "live" in page


def test_pages_speak_the_readers_language(folder: DataFolder) -> None:
    assert "风险客户" in said(got(folder, "/customers", accept_language="zh-CN,zh;q=0.9"))
    assert "At risk" in said(got(folder, "/customers", accept_language="fr, de;q=0.5"))


def test_a_wish_is_kept_and_leads_back(folder: DataFolder) -> None:
    async def wish(client: httpx.AsyncClient) -> tuple[str, str]:
        form = {"language": "zh", "theme": "dark", "keys": "off", "back": "/ops"}
        answer = await client.post("/preferences", data=form)
        page = await client.get("/ops")
        return answer.headers["location"], page.text

    back, page = asking(folder, wish)

    assert back == "/ops"
    assert '<html lang="zh" data-theme="dark" data-keys="off">' in page


def test_where_nothing_is_folded_nobody_is_said_to_be_well(tmp_path: Path) -> None:
    unfolded = written(tmp_path / "data", [order("A", 0)], fold=False)

    page = said(got(unfolded, "/customers"))

    assert "none of it folded yet" in page or "none of them folded yet" in page
    assert 'data-level="stale"' in page
    assert "No signal stands." not in page
    assert "not folded yet" in said(got(unfolded, f"/customers/{id_of('A')}"))


def test_where_nobody_is_flagged_it_is_said(tmp_path: Path) -> None:
    calm = written(tmp_path / "data", [order("A", 0)], 2)

    assert "No signal stands." in said(got(calm, "/customers"))
    assert "Nothing can be measured yet" in said(got(calm, "/quality"))


def test_a_log_that_is_not_there_is_explained(tmp_path: Path) -> None:
    answer = got(DataFolder(tmp_path), "/customers")

    assert answer.status_code == 503
    assert "This cannot be shown" in answer.text
    assert str(tmp_path) in answer.text
