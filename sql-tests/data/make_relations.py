"""The relations of the plain SQL cases: 20,000 sales in seven files of uneven size, customers, products.

Seven files over two, three or four tasks never come out even, which is what the split handler must survive.
All values follow from the row number; nothing is random.
"""

import datetime as dt
from decimal import Decimal

import pyarrow as pa
from parquet_file import write_parquet

SALES_ROWS = 20_000
# Where one file ends and the next begins; uneven on purpose, one file holds a single row.
SALES_CUTS = [0, 1, 2_500, 4_000, 9_999, 13_000, 19_000, SALES_ROWS]
CUSTOMERS = 500
REGIONS = ["north", "south", "east", "west", None]
PRODUCTS = ["anvil", "bolt", "crate", "drum", "easel", "flask", "gear", "hinge", "iron", "jack", "kiln", "lamp"]


def write(root):
    sales = sales_table()
    for number, (start, end) in enumerate(zip(SALES_CUTS, SALES_CUTS[1:])):
        path = root / "parquet" / "sales" / f"part-{number:05}.parquet"
        write_parquet(path, sales.slice(start, end - start), row_group_size=2_000)
    write_parquet(root / "parquet" / "customers" / "customers.parquet", customers_table())
    write_parquet(root / "parquet" / "products" / "products.parquet", products_table())


def sales_table():
    rows = range(SALES_ROWS)
    first_day = dt.date(2022, 1, 1)
    first_second = dt.datetime(2022, 1, 1)
    return pa.table({
        "id": pa.array(rows, pa.int64()),
        # Customers 0..519: the last twenty are in no customer file, so outer joins have something to show.
        "customer_id": pa.array([row * 7919 % 520 for row in rows], pa.int32()),
        "product_id": pa.array([row * 31 % 13 if row % 101 else None for row in rows], pa.int32()),
        "region": pa.array([REGIONS[row // 3 % 5] for row in rows], pa.string()),
        "quantity": pa.array([row * 17 % 50 + 1 for row in rows], pa.int32()),
        "price": pa.array([Decimal(row * 37 % 10_000).scaleb(-2) for row in rows], pa.decimal128(10, 2)),
        "ratio": pa.array([row % 1000 / 8 if row % 11 else None for row in rows], pa.float64()),
        "returned": pa.array([row % 23 == 0 if row % 29 else None for row in rows], pa.bool_()),
        "sold_on": pa.array([first_day + dt.timedelta(days=row // 20) for row in rows], pa.date32()),
        "sold_at": pa.array([first_second + dt.timedelta(minutes=row * 72) for row in rows], pa.timestamp("us")),
    })


def customers_table():
    rows = range(CUSTOMERS)
    return pa.table({
        "id": pa.array(rows, pa.int32()),
        "name": pa.array([f"customer {row:03}" for row in rows], pa.string()),
        "country": pa.array([["DE", "FR", "PT", "JP"][row % 4] if row % 17 else None for row in rows], pa.string()),
        "score": pa.array([row % 10 if row % 3 else None for row in rows], pa.int16()),
    })


def products_table():
    rows = range(len(PRODUCTS))
    return pa.table({
        "id": pa.array(rows, pa.int32()),
        "name": pa.array(PRODUCTS, pa.string()),
        "list_price": pa.array([Decimal(row * 1999 + 50).scaleb(-2) for row in rows], pa.decimal128(10, 2)),
    })
