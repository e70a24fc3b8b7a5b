"""Which complaints a state keeps when there are more than it has room for."""

from domain.customer.known_complaints import KnownComplaint, KnownComplaints


def standing_open(number: int, since: int) -> KnownComplaint:
    return KnownComplaint(number, since, since, opened=True)


def closed(number: int, last_day: int) -> KnownComplaint:
    return KnownComplaint(number, last_day, None, opened=True)


def known(*complaints: KnownComplaint) -> KnownComplaints:
    """Complaints as they became known one after the other."""
    kept = KnownComplaints()
    for complaint in complaints:
        kept = kept.having(complaint)
    return kept


def numbers(complaints: KnownComplaints) -> list[int]:
    return sorted(complaint.complaint for complaint in complaints.kept)


def test_a_complaint_is_found_by_its_number() -> None:
    both = known(standing_open(1, 10), closed(2, 11))

    assert both.find(2) == closed(2, 11)
    assert both.find(3) is None


def test_what_is_told_of_a_known_complaint_replaces_what_was() -> None:
    changed = known(standing_open(1, 10), standing_open(2, 11), closed(1, 12))

    assert sorted(changed.kept, key=lambda kept: kept.complaint) == [
        closed(1, 12),
        standing_open(2, 11),
    ]
    assert changed.open_count() == 1


def test_the_closed_one_longest_unheard_of_makes_room_first() -> None:
    full = known(closed(1, 20), standing_open(2, 5), closed(3, 10), standing_open(4, 6))

    assert numbers(full.having(standing_open(5, 30))) == [1, 2, 4, 5]


def test_an_open_one_stays_however_old_while_a_closed_one_can_go() -> None:
    full = known(*[standing_open(number, number) for number in (1, 2, 3)], closed(4, 99))

    crowded = full.having(standing_open(5, 100))
    assert numbers(crowded) == [1, 2, 3, 5]
    assert (crowded.more_open, crowded.open_count()) == (0, 4)


def test_of_open_ones_alone_the_youngest_is_only_counted() -> None:
    full = known(*[standing_open(number, number) for number in (1, 2, 3, 4)])

    younger, older = full.having(standing_open(9, 9)), full.having(standing_open(0, 0))
    assert (numbers(younger), younger.more_open, younger.open_count()) == ([1, 2, 3, 4], 1, 5)
    assert (numbers(older), older.more_open, older.open_count()) == ([0, 1, 2, 3], 1, 5)
    assert older.open_since() == 0


def test_a_closed_newcomer_finds_no_room_among_four_that_are_open() -> None:
    full = known(*[standing_open(number, number) for number in (1, 2, 3, 4)])

    assert full.having(closed(9, 99)) == full


def test_only_what_is_counted_can_be_closed_unseen() -> None:
    crowded = known(*[standing_open(number, number) for number in (1, 2, 3, 4, 5)])

    assert crowded.closing_one().open_count() == 4
    assert crowded.closing_one().closing_one().open_count() == 4


def test_days_before_1970_are_days() -> None:
    assert known(standing_open(1, -400), standing_open(2, 0)).open_since() == -400
