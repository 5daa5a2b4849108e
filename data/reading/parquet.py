"""Parquet: the columns of one table, typed or as text."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from data.raw import MAX_COLUMNS, FileContent, RawTable, file_problem

_MAX_BYTES = 8 << 30


class _Parquet:
    name = "parquet"
    suffixes = (".parquet",)

    def read(self, path: Path) -> FileContent:
        """Read one Parquet file; rows that are null in every column are blank lines and are left out."""
        source = path.name
        try:
            with pq.ParquetFile(path) as file:
                size = sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
                if size > _MAX_BYTES:
                    message = "展开后超过 8 GB / more than 8 GB when unpacked"
                    return FileContent((), (file_problem(source, "file.size", message, "拆分文件 / split the file"),))
                if file.metadata.num_columns > MAX_COLUMNS:
                    message = f"超过 {MAX_COLUMNS} 列 / more than {MAX_COLUMNS} columns"
                    problem = file_problem(source, "file.columns", message, "删去多余的列 / remove columns")
                    return FileContent((), (problem,))
                table = file.read()
            columns = [column.to_pylist() for column in table.columns]
        except (pa.ArrowException, OSError, ValueError) as error:
            message = f"不是可读的 Parquet 文件 / not a readable Parquet file: {str(error)[:200]}"
            return FileContent((), (file_problem(source, "file.unreadable", message, "重新导出 / export it again"),))
        headers = tuple(str(name).strip() for name in table.column_names)
        rows = [row for row in zip(*columns, strict=True) if any(cell is not None for cell in row)]
        if not rows:
            problem = file_problem(source, "file.empty", "没有数据行 / no rows", "", "warning")
            return FileContent((RawTable(source, path.stem, headers, tuple(() for _ in headers), 0),), (problem,))
        return FileContent((RawTable(source, path.stem, headers, tuple(zip(*rows, strict=True)), len(rows)),))


READER = _Parquet()
