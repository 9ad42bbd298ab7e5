"""Workbooks made for tests."""

import io

import openpyxl

HEADER = ["branch", "(0, 1)-0", "(0, 1)-1"]


def workbook(*rows, extra=None):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if extra:
        extra(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
