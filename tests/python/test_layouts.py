"""moorage.py says of each struct and value what the C compiler says.

The headers are read for what there is to compare, a C program is made of it,
and what that prints is compared.  So a struct, a member, or a value that is new
in a header, or has moved, fails here until moorage.py has it.

CC is the compiler, MOORAGE_HEADERS the folder of the public headers.
"""

import ctypes
import enum
import os
import re
import subprocess
import tempfile
import unittest

import moorage

HEADERS = os.environ["MOORAGE_HEADERS"]


def public_text():
    """All public headers, without comments."""
    folder = os.path.join(HEADERS, "moorage")
    text = ""
    for name in sorted(os.listdir(folder)):
        if name.endswith(".h"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                text += file.read()
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.S)


def structs(text):
    """{name: [member, ...]}"""
    found = {}
    for name, body in re.findall(
            r"typedef struct moor_(\w+) \{(.*?)\}", text, re.S):
        members = []
        for declaration in body.split(";"):
            for one in declaration.split(","):
                member = re.search(r"(\w+)\s*(\[[^]]*\])?\s*$", one)
                if member:
                    members.append(member.group(1))
        found[name] = members
    return found


def enums(text):
    """{name: [constant, ...]}"""
    return {name: re.findall(r"\bMOOR_\w+", body) for name, body in
            re.findall(r"typedef enum moor_(\w+) \{(.*?)\}", text, re.S)}


def constants(text):
    """Of the enums without a name, and of #define with a value."""
    names = [n for body in re.findall(r"\benum \{(.*?)\}", text, re.S)
             for n in re.findall(r"\b(MOOR_\w+)\s*=", body)]
    return names + re.findall(r"#define (MOOR_\w+) +\S", text)


def ask_compiler(lines):
    """{what: number} of printf lines."""
    program = "#include <moorage/moorage.h>\n#include <stdio.h>\n" \
        "int main(void)\n{\n" + "\n".join(
            f'    printf("%s %llu\\n", "{what}", (unsigned long long)({c}));'
            for what, c in lines) + "\n    return 0;\n}\n"
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "layouts.c")
        with open(source, "w", encoding="utf-8") as file:
            file.write(program)
        subprocess.run([os.environ.get("CC", "cc"), "-std=c11", "-I", HEADERS,
                        source, "-o", source[:-2]], check=True)
        printed = subprocess.run([source[:-2]], check=True, text=True,
                                 capture_output=True).stdout
    return {what: int(number) for what, number in
            (line.rsplit(" ", 1) for line in printed.splitlines())}


def in_python(name):
    return "".join(word.capitalize() for word in name.split("_"))


RENAMED = {"error": "ErrorCode"}


class Layouts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        text = public_text()
        cls.structs, cls.enums = structs(text), enums(text)
        cls.constants = constants(text)
        lines = []
        for name, members in cls.structs.items():
            lines.append((f"{name}", f"sizeof(moor_{name})"))
            for member in members:
                where = f"offsetof(moor_{name}, {member})"
                size = f"sizeof(((moor_{name} *)0)->{member})"
                lines += [(f"{name}.{member}", where),
                          (f"{name}.{member} size", size)]
        for values in list(cls.enums.values()) + [cls.constants]:
            lines += [(value, value) for value in values]
        cls.said = ask_compiler(lines)

    def test_the_headers_were_read(self):
        self.assertGreater(len(self.structs), 20)
        self.assertGreater(len(self.enums), 10)
        self.assertIn("MOOR_UNLIMITED", self.constants)

    def test_structs(self):
        for name, members in self.structs.items():
            with self.subTest(struct=name):
                here = getattr(moorage, in_python(name))
                self.assertEqual(ctypes.sizeof(here), self.said[name])
                self.assertEqual([f[0] for f in here._fields_], members)
                for member in members:
                    field = getattr(here, member)
                    self.assertEqual(field.offset,
                                     self.said[f"{name}.{member}"], member)
                    self.assertEqual(field.size,
                                     self.said[f"{name}.{member} size"],
                                     member)

    def test_values(self):
        for name, values in self.enums.items():
            with self.subTest(enum=name):
                here = getattr(moorage, RENAMED.get(name, in_python(name)))
                self.assertTrue(issubclass(here, enum.IntEnum))
                if values[-1].endswith("S") and \
                        self.said[values[-1]] == len(values) - 1 and \
                        len(values) == len(here) + 1:
                    values = values[:-1]  # how many there are
                self.assertEqual(
                    {here.prefix + v.name: v.value for v in here},
                    {value: self.said[value] for value in values})

    def test_constants(self):
        for name in self.constants:
            with self.subTest(constant=name):
                self.assertEqual(getattr(moorage, name[len("MOOR_"):]),
                                 self.said[name])


if __name__ == "__main__":
    unittest.main()
