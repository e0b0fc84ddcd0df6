"""The artifacts that a real dbt wrote: see ``dbt/README.md``."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.lineage.dbt_source import DbtProject, read_dbt
from headwater.lineage.uses import Declared

FOLDER = Path(__file__).parent / "dbt"
NAMESPACE = "duckdb://shop"


@pytest.fixture(params=["with its catalogue", "without"])
def declared(request: pytest.FixtureRequest) -> dict[str, Declared]:
    manifest, catalog = (
        (name, (FOLDER / name).read_bytes()) for name in ("manifest.json", "catalog.json")
    )
    given = catalog if request.param.startswith("with ") else None
    found = read_dbt(manifest, given, DbtProject(NAMESPACE))
    assert found.notes == ()
    return {each.output.name: each for each in found.declared}


def drawn(declared: Declared) -> dict[str, list[str]]:
    assert declared.made_from is not None
    made = {**declared.made_from, "*": declared.influences}
    return {
        column: sorted(
            f"{use.source.dataset.name}.{use.source.column} {use.subtype}"
            f"{' masked' if use.masked else ''}"
            for use in uses
        )
        for column, uses in made.items()
    }


def test_each_model_with_a_table_is_declared_and_the_exposure(
    declared: dict[str, Declared],
) -> None:
    assert set(declared) == {
        "shop.main.stg_orders",
        "shop.main.daily",
        "shop.main.mailing",
        "exposure.shop.board",
    }


def test_a_view_of_a_seed(declared: dict[str, Declared]) -> None:
    assert drawn(declared["shop.main.stg_orders"]) == {
        "order_id": ["shop.main.orders.order_id IDENTITY"],
        "customer": ["shop.main.orders.customer IDENTITY"],
        "email": ["shop.main.orders.email TRANSFORMATION"],
        "amount": ["shop.main.orders.amount IDENTITY"],
        "ordered_on": ["shop.main.orders.ordered_on TRANSFORMATION"],
        "*": [],
    }


def test_an_ephemeral_model_stands_for_what_it_reads(declared: dict[str, Declared]) -> None:
    found = drawn(declared["shop.main.daily"])
    assert found["region"] == ["shop.main.customers.region IDENTITY"]
    assert found["total"] == ["shop.main.stg_orders.amount AGGREGATION"]
    assert found["*"] == [
        "shop.main.customers.active FILTER",
        "shop.main.customers.customer JOIN",
        "shop.main.customers.region GROUP_BY",
        "shop.main.stg_orders.customer JOIN",
        "shop.main.stg_orders.ordered_on GROUP_BY",
    ]
    assert declared["shop.main.daily"].purpose == "billing"


def test_an_incremental_model_asks_the_table_that_it_makes(declared: dict[str, Declared]) -> None:
    found = drawn(declared["shop.main.mailing"])
    assert found["email_hash"] == ["shop.main.stg_orders.email TRANSFORMATION masked"]
    assert found["*"] == [
        "shop.main.mailing.ordered_on FILTER",
        "shop.main.stg_orders.ordered_on FILTER",
    ]
    assert list(found)[:6] == [
        "order_id",
        "customer",
        "email",
        "amount",
        "ordered_on",
        "email_hash",
    ]
    assert declared["shop.main.mailing"].purpose == "marketing"


def test_an_exposure_is_made_from_the_whole_model(declared: dict[str, Declared]) -> None:
    board = declared["exposure.shop.board"]
    assert [dataset.name for dataset in board.inputs] == ["shop.main.daily"]
    assert board.made_from is None
