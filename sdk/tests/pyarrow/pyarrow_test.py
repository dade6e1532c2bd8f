"""The Arrow arrays of the C++ layer against pyarrow: what either side makes, the other reads the same.

Usage: pyarrow_test.py EXCHANGE_LIBRARY. Exits with 77 (skipped) where pyarrow is not there. Another interpreter, such
as that of a virtual environment with pyarrow, is named by RISETIME_PYARROW_PYTHON.
"""

import ctypes
import datetime
import math
import os
import sys
import unittest

OTHER_PYTHON = os.environ.pop("RISETIME_PYARROW_PYTHON", "")
if OTHER_PYTHON:
    os.execv(OTHER_PYTHON, [OTHER_PYTHON, "-B", *sys.argv])

try:
    import pyarrow
except ImportError:
    print(
        f"skipped: {sys.executable} has no pyarrow. To run these tests: pip install pyarrow (in a virtual environment "
        "whose interpreter RISETIME_PYARROW_PYTHON names)."
    )
    sys.exit(77)

EXCHANGE = None  # the library, loaded by the last lines

UTC_MICROSECONDS = pyarrow.timestamp("us", tz="UTC")
TYPES = {
    "whole": pyarrow.int64(),
    "single": pyarrow.float32(),
    "real": pyarrow.float64(),
    "text": pyarrow.utf8(),
    "bytes": pyarrow.binary(),
    "moment": UTC_MICROSECONDS,
    "words": pyarrow.list_(pyarrow.utf8()),
    "numbers": pyarrow.list_(pyarrow.float64()),
    "vector": pyarrow.list_(pyarrow.float32(), 3),
}
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
FULL_ROW = {
    "whole": -(2**63),
    "single": 0.5,
    "real": -1e300,
    "text": "naïve 日本 🎬",
    "bytes": b"\0\xff\x80",
    "moment": EPOCH + datetime.timedelta(microseconds=1_700_000_000_123_456),
    "words": ["ä", "", "🎬"],
    "numbers": [1.5, -2.25],
    "vector": [1.0, 2.0, 3.0],
}
NULL_ROW = dict.fromkeys(TYPES)
EMPTY_ROW = {
    "whole": 0,
    "single": 0.0,
    "real": 0.0,
    "text": "",
    "bytes": b"",
    "moment": EPOCH - datetime.timedelta(microseconds=1),
    "words": [],
    "numbers": [],
    "vector": [0.0, 0.0, 0.0],
}


class Struct(ctypes.Structure):
    """Room for an ArrowArray (80 bytes) or ArrowSchema (72); of its members only `release` is looked at here."""

    _fields_ = [("bytes", ctypes.c_uint64 * 10)]

    def address(self):
        return ctypes.addressof(self)


def released(array, schema):
    """Whether the callbacks are null: ArrowArray.release is its 9th word, ArrowSchema.release its 8th."""
    return array.bytes[8] == 0 and schema.bytes[7] == 0


def call(function, *arguments):
    message = ctypes.create_string_buffer(1024)
    converted = [ctypes.byref(a) if isinstance(a, Struct) else ctypes.c_int(a) for a in arguments]
    if function(*converted, message, ctypes.c_size_t(len(message))) != 0:
        raise RuntimeError(message.value.decode())


def made(repeats):
    """The batch that the C++ layer builds, imported by pyarrow."""
    array, schema = Struct(), Struct()
    call(EXCHANGE.make_batch, repeats, array, schema)
    batch = pyarrow.RecordBatch._import_from_c(array.address(), schema.address())
    assert released(array, schema), "pyarrow took the batch over"
    return batch


def copied(batch):
    """A RecordBatch or StructArray of pyarrow's, copied value by value in the C++ layer."""
    array, schema, copied_array, copied_schema = Struct(), Struct(), Struct(), Struct()
    batch._export_to_c(array.address(), schema.address())
    call(EXCHANGE.copy_batch, array, schema, copied_array, copied_schema)
    assert released(array, schema), "the C++ layer took the batch over"
    return pyarrow.RecordBatch._import_from_c(copied_array.address(), copied_schema.address())


def batch_of(rows):
    return pyarrow.RecordBatch.from_pylist(rows, schema=pyarrow.schema(TYPES))


def many_rows():
    """Rows that differ, with a null in each column at other places and more than one byte of bitmap."""
    rows = []
    for i in range(43):
        row = {
            "whole": i * 2**40 - 7,
            "single": i / 4,
            "real": i / 3,
            "text": "é日🎬"[: i % 4] + str(i),
            "bytes": bytes([i, 255 - i][: i % 3]),
            "moment": EPOCH + datetime.timedelta(days=i, microseconds=i),
            "words": [f"ü{i}.{j}" for j in range(i % 4)],
            "numbers": [i + j / 8 for j in range(i % 3)],
            "vector": [i, i + 0.25, i + 0.5],
        }
        for column, name in enumerate(TYPES):
            if (i + column) % 5 == 0:
                row[name] = None
        rows.append(row)
    return rows


class Exchange(unittest.TestCase):
    maxDiff = None

    def check_copy(self, batch):
        copy = copied(batch)
        copy.validate(full=True)
        self.assertEqual(copy.to_pylist(), batch.to_pylist())
        return copy


class Made(Exchange):
    def test_every_type_reads_the_same_in_pyarrow(self):
        for repeats in (1, 3, 100):
            batch = made(repeats)
            batch.validate(full=True)
            self.assertEqual(batch.to_pylist(), [FULL_ROW, NULL_ROW, EMPTY_ROW] * repeats)

    def test_types_and_names_arrive(self):
        schema = made(1).schema
        self.assertEqual(schema.names, list(TYPES))
        for name, expected in TYPES.items():
            found = schema.field(name)
            self.assertTrue(found.nullable)
            if pyarrow.types.is_list(expected):
                self.assertTrue(pyarrow.types.is_list(found.type))
                self.assertEqual(found.type.value_type, expected.value_type)
            elif pyarrow.types.is_fixed_size_list(expected):
                self.assertEqual(found.type.list_size, 3)
                self.assertEqual(found.type.value_type, expected.value_type)
            else:
                self.assertEqual(found.type, expected)

    def test_null_counts_are_those_of_the_bitmaps(self):
        for column in made(7).columns:
            self.assertEqual(column.null_count, 7)
            self.assertEqual(sum(column.is_null().to_pylist()), 7)

    def test_no_rows(self):
        batch = made(0)
        batch.validate(full=True)
        self.assertEqual(batch.num_rows, 0)
        self.assertEqual(batch.schema.names, list(TYPES))

    def test_a_column_outlives_its_batch(self):
        batch = made(2)
        words = batch.column("words")
        del batch
        self.assertEqual(words.to_pylist(), [["ä", "", "🎬"], None, []] * 2)


class RoundTrip(Exchange):
    def test_what_was_made_comes_back(self):
        self.check_copy(made(5))

    def test_many_rows(self):
        batch = batch_of(many_rows())
        copy = self.check_copy(batch)
        for name in TYPES:
            self.assertEqual(copy.column(name).null_count, batch.column(name).null_count)

    def test_no_rows(self):
        self.assertEqual(self.check_copy(batch_of([])).schema.names, list(TYPES))
        self.check_copy(batch_of(many_rows()).slice(11, 0))
        self.check_copy(pyarrow.RecordBatch.from_pylist([], schema=pyarrow.schema([])))

    def test_only_nulls_and_only_empty_values(self):
        self.check_copy(batch_of([NULL_ROW] * 9))
        self.check_copy(batch_of([EMPTY_ROW] * 9))

    def test_every_slice_of_a_batch(self):
        batch = batch_of(many_rows())
        for offset in range(0, 20):
            for length in (1, 8, 17):
                part = batch.slice(offset, length)
                self.assertEqual(part.column("vector").offset, offset)
                self.check_copy(part)

    def test_a_slice_of_a_slice(self):
        self.check_copy(batch_of(many_rows()).slice(3, 30).slice(9, 13))

    def test_columns_with_offsets_of_their_own(self):
        batch = batch_of(many_rows())
        columns = [batch.column(i).slice(i + 1, 20) for i in range(batch.num_columns)]
        self.check_copy(pyarrow.RecordBatch.from_arrays(columns, schema=batch.schema))

    def test_lists_whose_items_have_an_offset(self):
        items = pyarrow.array([None, "x", "é", "", "🎬", "z", None, "y"])[2:]
        numbers = pyarrow.array([float(i) for i in range(40)], pyarrow.float32())[5:]
        words = pyarrow.ListArray.from_arrays(pyarrow.array([0, 2, 2, 5], pyarrow.int32()), items)
        vectors = pyarrow.FixedSizeListArray.from_arrays(numbers[:9], 3)
        self.assertGreater(words.values.offset, 0)
        self.assertGreater(vectors.values.offset, 0)
        batch = pyarrow.RecordBatch.from_arrays([words, vectors], names=["words", "vector"])
        self.check_copy(batch)
        self.check_copy(batch.slice(1, 2))

    def test_lists_that_begin_after_the_first_item(self):
        items = pyarrow.array([1.0, 1.0, 1.0, 2.0, 3.0])
        lists = pyarrow.ListArray.from_arrays(pyarrow.array([3, 3, 5], pyarrow.int32()), items)
        self.check_copy(pyarrow.RecordBatch.from_arrays([lists], names=["numbers"]))

    def test_a_null_list_that_hides_items(self):
        offsets = pyarrow.array([0, 2, 3], pyarrow.int32())
        items, nulls = pyarrow.array(["a", "b", "c"]), pyarrow.array([True, False])
        lists = pyarrow.ListArray.from_arrays(offsets, items, mask=nulls)
        self.assertEqual(len(lists.flatten()), 1)
        self.assertEqual(len(lists.values), 3)
        copy = self.check_copy(pyarrow.RecordBatch.from_arrays([lists], names=["words"]))
        self.assertEqual(copy.to_pylist(), [{"words": None}, {"words": ["c"]}])

    def test_null_items_of_lists(self):
        for values in (
            pyarrow.array([["a", None, ""], None, [None]], pyarrow.list_(pyarrow.utf8())),
            pyarrow.array([[1.0, None], None, [None, 2.0]], pyarrow.list_(pyarrow.float32(), 2)),
            pyarrow.array([[1.0, None], None, [None, 2.0]], pyarrow.list_(pyarrow.float64())),
        ):
            copy = self.check_copy(pyarrow.RecordBatch.from_arrays([values], names=["items"]))
            items = copy.schema.field("items").type.value_field
            self.assertTrue(items.nullable, "items that hold nulls must not be declared free of them")

    def test_null_vectors_of_every_item_type(self):
        for item in (pyarrow.int64(), pyarrow.float32(), pyarrow.float64(), UTC_MICROSECONDS, pyarrow.utf8()):
            example = "é" if pyarrow.types.is_string(item) else EPOCH if pyarrow.types.is_timestamp(item) else 7
            values = pyarrow.array([None, [example, example], None], pyarrow.list_(item, 2))
            self.check_copy(pyarrow.RecordBatch.from_arrays([values], names=["items"]))

    def test_a_struct_with_an_offset(self):
        batch = batch_of(many_rows())
        parent = pyarrow.StructArray.from_arrays(batch.columns, fields=list(batch.schema))
        for offset in range(0, 12):
            part = parent.slice(offset, 19)
            self.assertEqual(part.offset, offset)
            copy = copied(part)
            copy.validate(full=True)
            self.assertEqual(copy.to_pylist(), part.to_pylist())

    def test_a_struct_with_an_offset_of_columns_with_offsets(self):
        batch = batch_of(many_rows())
        columns = [batch.column(i).slice(i + 1, 30) for i in range(batch.num_columns)]
        part = pyarrow.StructArray.from_arrays(columns, fields=list(batch.schema)).slice(5, 20)
        self.assertEqual(copied(part).to_pylist(), part.to_pylist())

    def test_rows_that_are_null_as_a_whole_are_refused_also_in_a_slice(self):
        numbers = pyarrow.array(range(10), pyarrow.int64())
        mask = pyarrow.array([i in (2, 6) for i in range(10)])
        parent = pyarrow.StructArray.from_arrays([numbers], names=["whole"], mask=mask)
        for part in (parent, parent.slice(1, 5), parent.slice(5, 3)):
            with self.assertRaisesRegex(RuntimeError, "whole rows are null"):
                copied(part)
        part = parent.slice(3, 3)  # beside the nulls
        self.assertEqual(copied(part).to_pylist(), part.to_pylist())

    def test_columns_of_unknown_types_are_left_out(self):
        batch = pyarrow.RecordBatch.from_arrays(
            [
                pyarrow.array([True, None]),
                pyarrow.array([1, None], pyarrow.int64()),
                pyarrow.array(["a", "b"]).dictionary_encode(),
                pyarrow.array([[["a"]], []], pyarrow.list_(pyarrow.list_(pyarrow.utf8()))),
                pyarrow.array(["a", "b"], pyarrow.large_utf8()),
                pyarrow.array([0, 1], pyarrow.timestamp("us")),
            ],
            names=["flag", "whole", "coded", "nested", "large", "local"],
        )
        self.assertEqual(copied(batch).to_pylist(), [{"whole": 1}, {"whole": None}])

    def test_special_numbers(self):
        values = [math.inf, -math.inf, -0.0, 5e-324, math.nan]
        batch = pyarrow.RecordBatch.from_arrays([pyarrow.array(values)], names=["real"])
        copy = copied(batch).column(0).to_pylist()
        self.assertEqual(copy[:4], values[:4])
        self.assertEqual(math.copysign(1, copy[2]), -1)
        self.assertTrue(math.isnan(copy[4]))

    def test_columns_without_nulls_keep_that_promise(self):
        whole, real = pyarrow.field("whole", pyarrow.int64(), nullable=False), pyarrow.field("real", pyarrow.float64())
        schema = pyarrow.schema([whole, real])
        batch = pyarrow.RecordBatch.from_pylist([{"whole": 1, "real": 2.0}], schema=schema)
        self.assertEqual(copied(batch).schema, schema)

    def test_text_that_is_not_utf8_is_refused_with_its_row(self):
        offsets = pyarrow.array([0, 1, 2], pyarrow.int32()).buffers()[1]
        text = pyarrow.Array.from_buffers(pyarrow.utf8(), 2, [None, offsets, pyarrow.py_buffer(b"a\xff")])
        with self.assertRaisesRegex(RuntimeError, "row 1 is not UTF-8"):
            copied(pyarrow.RecordBatch.from_arrays([text], names=["text"]))


class Memory(Exchange):
    def test_pyarrow_gets_its_memory_back(self):
        before = pyarrow.total_allocated_bytes()
        batch = batch_of(many_rows())
        for _ in range(50):
            copied(batch.slice(3, 20))
        del batch
        self.assertEqual(pyarrow.total_allocated_bytes(), before)


if __name__ == "__main__":
    EXCHANGE = ctypes.CDLL(sys.argv.pop(1))
    unittest.main(verbosity=2)
