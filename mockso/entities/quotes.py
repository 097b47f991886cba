"""Acts on quotes: a sale's quote with its first version and alternative, further ones, lines of products.

No arithmetic but a line's own: its quantity, list price and discount. Source: study of entities, section j.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockso.entities import edits
from mockso.entities.edits import Act
from mockso.entities.verbs import Work, remove
from mockso.state.log import Value
from mockso.state.rows import Draft

# What a line takes over from its product.
_OF_PRODUCT = (
    *("ERPProductKey", "Name", "Description", "Code", "PriceUnit", "QuantityUnit", "ItemNumber", "Url"),
    *(
        "ProductCategoryKey",
        "ProductFamilyKey",
        "ProductTypeKey",
        "Supplier",
        "SupplierCode",
        "VAT",
        "VATInfo",
    ),
    *("UnitCost", "UnitMinimumPrice", "UnitListPrice", "ExtraInfo", "RawExtraInfo", "Rights", "Rule"),
    *("IsSubscription", "SubscriptionUnit"),
)


def _add_version(work: Work, rows: Draft, quote: int, alternative: str, description: str = "") -> int:
    number = len(rows.find("QuoteVersion", "QuoteId", quote)) + 1
    version = edits.add(
        work,
        rows,
        "QuoteVersion",
        {"QuoteId": quote, "Number": str(number), "State": "Draft", "Rank": number},
    )
    first = _add_alternative(work, rows, version, alternative, description)
    edits.change(work, rows, "QuoteVersion", version, {"LikelyQuoteAlternativeId": first})
    edits.change(work, rows, "Quote", quote, {"ActiveQuoteVersionId": version})
    return version


def _add_alternative(work: Work, rows: Draft, version: int, name: str, description: str = "") -> int:
    row = {"QuoteVersionId": version, "Name": name, "Description": description, "Status": "Ok"}
    return edits.add(work, rows, "QuoteAlternative", row)


def create_quote(work: Work, rows: Draft) -> Any:
    """A quote of a sale, with its first version and alternative."""
    sale = edits.number(work, "SaleId")
    edits.get(rows, "Sale", sale)
    connection = edits.number(work, "ConnectionId")
    edits.get(rows, "QuoteConnection", connection)
    quote = edits.add(work, rows, "Quote", {"SaleId": sale, "QuoteConnectionId": connection})
    _add_version(work, rows, quote, edits.text(work, "FirstAlternativeName") or "Alternative 1")
    return edits.answer(work, rows, quote)


def copy_quote(work: Work, rows: Draft) -> Any:
    """The quote of one sale for another."""
    for _, row in rows.find("Quote", "SaleId", edits.number(work, "CopyFromSaleId")):
        sale = edits.number(work, "CopyToSaleId")
        quote = edits.add(work, rows, "Quote", {**row, "SaleId": sale, "ActiveQuoteVersionId": 0})
        _copy_version(work, rows, int(row.get("ActiveQuoteVersionId", 0)), quote)
        return edits.answer(work, rows, quote)
    return None


def create_version(work: Work, rows: Draft) -> Any:
    """The next version of a quote, like one that is there; that one is archived."""
    before = edits.number(work, "QuoteVersionId")
    quote = int(edits.get(rows, "QuoteVersion", before).get("QuoteId", 0))
    version = _copy_version(work, rows, before, quote)
    edits.change(work, rows, "QuoteVersion", before, {"State": "Archived"})
    return edits.answer(work, rows, version)


def _copy_version(work: Work, rows: Draft, before: int, quote: int) -> int:
    number = len(rows.find("QuoteVersion", "QuoteId", quote)) + 1
    row = {
        **(rows.get("QuoteVersion", before) or {}),
        "QuoteId": quote,
        "Number": str(number),
        "Rank": number,
    }
    version = edits.add(work, rows, "QuoteVersion", {**row, "State": "Draft"})
    copies = {
        key: _copy_alternative(work, rows, int(key), version)
        for key, _ in rows.find("QuoteAlternative", "QuoteVersionId", before)
    }
    likely = copies.get(row.get("LikelyQuoteAlternativeId", 0), 0)
    edits.change(work, rows, "QuoteVersion", version, {"LikelyQuoteAlternativeId": likely})
    edits.change(work, rows, "Quote", quote, {"ActiveQuoteVersionId": version})
    return version


def _copy_alternative(work: Work, rows: Draft, before: int, version: int, name: str = "") -> int:
    row = {**edits.get(rows, "QuoteAlternative", before), "QuoteVersionId": version}
    if name:
        row["Name"] = name
    alternative = edits.add(work, rows, "QuoteAlternative", row)
    for _, line in rows.find("QuoteLine", "QuoteAlternativeId", before):
        edits.add(work, rows, "QuoteLine", {**line, "QuoteAlternativeId": alternative})
    return alternative


def create_alternative(work: Work, rows: Draft) -> Any:
    """One more alternative of a version."""
    version = edits.number(work, "QuoteVersionId")
    edits.get(rows, "QuoteVersion", version)
    name, description = (edits.text(work, f"QuoteAlternative{part}") for part in ("Name", "Description"))
    return edits.answer(work, rows, _add_alternative(work, rows, version, name, description))


def copy_alternative(work: Work, rows: Draft) -> Any:
    """An alternative again, under another name, with its lines."""
    before, version = edits.number(work, "QuoteAlternativeId"), edits.number(work, "QuoteVersionId")
    key = _copy_alternative(work, rows, before, version, edits.text(work, "QuoteAlternativeName"))
    return edits.answer(work, rows, key)


# --- lines --------------------------------------------------------------------------------------


def _product(rows: Draft, key: str) -> Value | None:
    found = rows.find("Product", "ERPProductKey", key)
    return found[0][1] if found else None


def create_line(work: Work, rows: Draft) -> Any:
    """A line of a product, one of it; the product is named by its key or sent whole."""
    alternative = edits.number(work, "QuoteAlternativeId")
    edits.get(rows, "QuoteAlternative", alternative)
    body = work.argument("Product")
    key = edits.text(work, "ERPProductKey")
    product = (
        edits.row_of(work, "Product", body)
        if body is not None
        else _product(rows, key) or {"ERPProductKey": key}
    )
    line = {name: product[name] for name in _OF_PRODUCT if name in product}
    rank = len(rows.find("QuoteLine", "QuoteAlternativeId", alternative)) + 1
    line |= {"QuoteAlternativeId": alternative, "Quantity": 1.0, "Rank": rank, "Status": "Ok"}
    return edits.answer(work, rows, edits.add(work, rows, "QuoteLine", _with_prices(line)))


def _with_prices(line: Value) -> dict[str, Any]:
    """A line with its totals: quantity times list price, less the discount."""
    quantity, price = float(line.get("Quantity", 0)), float(line.get("UnitListPrice", 0))
    total = quantity * price
    discount = total * float(line.get("DiscountPercent", 0)) / 100
    earning = total - discount - quantity * float(line.get("UnitCost", 0))
    return {
        **line,
        "SubTotal": round(total, 2),
        "DiscountAmount": round(discount, 2),
        "TotalPrice": round(total - discount, 2),
        "EarningAmount": round(earning, 2),
        "EarningPercent": round(100 * earning / (total - discount), 2) if total - discount else 0.0,
    }


def save_lines(work: Work, rows: Draft) -> Any:
    """Several lines at once, with their totals."""
    bodies = work.argument("QuoteLines")
    keys = []
    for body in bodies if isinstance(bodies, list) else ():
        key = edits.save(work, rows, "QuoteLine", body)
        edits.change(work, rows, "QuoteLine", key, _with_prices(edits.get(rows, "QuoteLine", key)))
        keys.append(key)
    return [edits.answer(work, rows, key) for key in keys]


def calculate_line(work: Work, rows: Draft) -> Any:
    """A line as it was sent, with its totals; nothing is stored."""
    body = work.argument("QuoteLine")
    row = _with_prices(edits.row_of(work, "QuoteLine", body))
    return work.compose(edits.key_in(work, "QuoteLine", body), row, rows)


def move_line(work: Work, rows: Draft) -> Any:
    """A line one place up or down: true is up (assumed)."""
    key = edits.number(work, "QuoteLineId")
    alternative = edits.get(rows, "QuoteLine", key).get("QuoteAlternativeId", 0)
    lines = sorted(
        rows.find("QuoteLine", "QuoteAlternativeId", alternative), key=lambda item: item[1].get("Rank", 0)
    )
    keys = [line for line, _ in lines]
    if key not in keys:
        keys.append(key)  # no list has the invented row of an open world
    place = keys.index(key)
    other = place + (-1 if work.argument("Direction") else 1)
    if 0 <= other < len(keys):
        keys[place], keys[other] = keys[other], keys[place]
    for rank, line in enumerate(keys, start=1):
        edits.change(work, rows, "QuoteLine", line, {"Rank": rank})
    return None


# --- products, price lists, connections ---------------------------------------------------------


def get_product(work: Work, rows: Draft) -> Any:
    """A product by its key."""
    for key, row in rows.find("Product", "ERPProductKey", edits.text(work, "ERPProductKey")):
        return work.compose(key, row, rows)
    return None


def find_products(work: Work, rows: Draft) -> Any:
    """The products whose name, code or key has a text in it."""
    wanted, prices = edits.text(work, "UserInput").lower(), edits.text(work, "PriceListKey")
    return [
        work.compose(key, row, rows)
        for key, row in rows.items("Product")
        if any(wanted in str(row.get(name, "")).lower() for name in ("Name", "Code", "ERPProductKey"))
        and (not prices or row.get("ERPPriceListKey") == prices)
    ]


def price_lists(work: Work, rows: Draft) -> Any:
    """The price lists of a connection in one currency; only active ones where the operation says so."""
    currency = edits.number(work, "CurrencyId")
    code = (rows.get("Currency", currency) or {}).get("Name", "")
    only = "Active" in work.plan.verb
    return [
        work.compose(key, row, rows)
        for key, row in rows.find("PriceList", "QuoteConnectionId", edits.number(work, "QuoteConnectionId"))
        if (not currency or row.get("Currency") in (code, str(currency)))
        and (row.get("IsActive", True) or not only)
    ]


def connections(work: Work, rows: Draft) -> Any:
    """The connections that an associate may use."""
    own = edits.number(work, "AssociateId")
    return [
        work.compose(key, row, rows)
        for key, row in rows.items("QuoteConnection")
        if row.get("AllAccess", True) or own in row.get("AssociateAccessIds", ())
    ]


def toggle_product(work: Work, rows: Draft) -> Any:
    """A product into the assortment, or out of it."""
    key = edits.number(work, "ProductId")
    row = {"InAssortment": not edits.get(rows, "Product", key).get("InAssortment")}
    edits.change(work, rows, "Product", key, row)
    return None


_CONNECTION = "QuoteConnectionId"

ACTS: Mapping[str, Act] = {
    f"v1QuoteAgent_{name}": Act(verb, kind, reads)
    for name, verb, kind, reads in (
        ("CreateAndSaveQuote", create_quote, "Quote", False),
        ("CreateAndSaveQuoteFromSale", copy_quote, "Quote", False),
        ("CreateAndSaveQuoteVersion", create_version, "QuoteVersion", False),
        ("CreateQuoteAlternative", create_alternative, "QuoteAlternative", False),
        ("CopyQuoteAlternative", copy_alternative, "QuoteAlternative", False),
        ("CreateQuoteLine", create_line, "QuoteLine", False),
        ("CreateQuoteLineFromProduct", create_line, "QuoteLine", False),
        ("SaveQuoteLines", save_lines, "QuoteLine", False),
        ("MoveQuoteLine", move_line, "QuoteLine", False),
        ("RecalculateQuoteLine", calculate_line, "QuoteLine", True),
        ("GetProduct", get_product, "Product", True),
        ("FindProduct", find_products, "Product", True),
        ("ToggleProductInAssortment", toggle_product, "Product", False),
        ("RemoveProduct", edits.removing("Product", "ProductId", remove), "Product", False),
        ("GetActivePriceListsByCurrencyId", price_lists, "PriceList", True),
        ("GetAllPriceListsByCurrencyId", price_lists, "PriceList", True),
        ("GetConnectionsForAssociate", connections, "QuoteConnection", True),
        (
            "DeleteConnection",
            edits.setting("QuoteConnection", _CONNECTION, Deleted=True),
            "QuoteConnection",
            False,
        ),
        (
            "RestoreConnection",
            edits.setting("QuoteConnection", _CONNECTION, Deleted=False),
            "QuoteConnection",
            False,
        ),
    )
}
