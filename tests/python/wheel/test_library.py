"""The declarations in trm/_library.py against what a C compiler makes of include/trm.h."""

import ctypes
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from trm import _library

HEADER = Path(__file__).resolve().parents[3] / "include/trm.h"
CONSTANTS = re.compile(r"^TRM_(OK|CANCELLED|ERROR_\w+|U?INT\d+|HALT_\w+|NOISE_\w+|SUDOKU(_NANO(_PADDED)?)?|MAZE)$")


def compiled(expressions):
    """The values of C expressions, as a compiler sees them behind the header."""
    lines = "".join(f'  printf("%lld\\n", (long long)({expression}));\n' for expression in expressions)
    program = f'#include <stdio.h>\n#include "{HEADER}"\nint main(void) {{\n{lines}  return 0;\n}}\n'
    with tempfile.TemporaryDirectory() as name:
        source = Path(name, "values.c")
        source.write_text(program)
        subprocess.run(["cc", "-std=c11", source, "-o", Path(name, "values")], check=True)
        output = subprocess.run([Path(name, "values")], check=True, capture_output=True, text=True).stdout
    return dict(zip(expressions, map(int, output.split())))


@unittest.skipUnless(shutil.which("cc"), "no C compiler")
class Declarations(unittest.TestCase):
    header = HEADER.read_text()

    def test_every_struct_has_the_compilers_layout(self):
        expected = {}
        for name, struct in _library.STRUCTS.items():
            expected[f"sizeof(trm_{name})"] = ctypes.sizeof(struct)
            for field, *_ in struct._fields_:
                expected[f"offsetof(trm_{name}, {field})"] = getattr(struct, field).offset
                expected[f"sizeof(((trm_{name}*)0)->{field})"] = getattr(struct, field).size
        self.assertEqual(compiled(list(expected)), expected)

    def test_every_struct_of_the_header_is_declared(self):
        names = set(re.findall(r"^\} trm_(\w+);", self.header, re.MULTILINE))
        enums = set(re.findall(r"^typedef enum trm_(\w+)", self.header, re.MULTILINE))
        self.assertEqual(names - enums, set(_library.STRUCTS))

    def test_every_constant_has_its_value(self):
        enums = re.findall(r"typedef enum \w+ \{(.*?)\}", self.header, re.DOTALL)
        names = re.findall(r"\bTRM_\w+", re.sub(r"/\*.*?\*/", "", " ".join(enums), flags=re.DOTALL))
        self.assertTrue(all(CONSTANTS.match(name) for name in names), names)
        declared = {name: getattr(_library, name[len("TRM_") :]) for name in names}
        self.assertEqual(compiled(names), declared)

    def test_every_function_has_its_arguments(self):
        code = re.sub(r"/\*.*?\*/", "", self.header, flags=re.DOTALL)
        found = re.findall(r"TRM_API ([\w ]+?)(\**) ?\btrm_(\w+)\((.*?)\);", code, re.DOTALL)
        self.assertEqual({name for _, _, name, _ in found}, set(_library.FUNCTIONS))
        for result, stars, name, arguments in found:
            with self.subTest(name):
                returned, declared = _library.FUNCTIONS[name]
                listed = [] if arguments == "void" else arguments.split(",")
                self.assertEqual(len(declared), len(listed))
                self.assertEqual(returned is None, result == "void" and not stars)
                for argument, kind in zip(listed, declared):
                    self.assertEqual(is_pointer(argument), kind_is_pointer(kind), argument)


def is_pointer(argument):
    return "*" in argument


def kind_is_pointer(kind):
    return kind in (ctypes.c_void_p, ctypes.c_char_p) or hasattr(kind, "contents")


if __name__ == "__main__":
    unittest.main()
