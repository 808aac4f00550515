"""Translate the pinned snowballstemmer package to JavaScript: `python -m scripts.stemmers`.

Browsers and programs must agree on every stem. npm has the algorithms of an older Snowball, or as
WebAssembly, which the pages' policy refuses. The package's Python is generated code that uses few
constructs, so each becomes its JavaScript here. A test translates again and compares the files.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from importlib.metadata import distribution
from importlib.resources import files

from scripts.environment import ROOT

TARGET = ROOT / "static" / "vendor" / "snowball"
BASE = ROOT / "scripts" / "snowball_base.js"
LANGUAGES = (
    *("arabic", "armenian", "basque", "catalan", "czech", "danish", "dutch", "english"),
    *("estonian", "finnish", "french", "german", "greek", "hindi", "hungarian", "indonesian"),
    *("irish", "italian", "lithuanian", "nepali", "norwegian", "persian", "polish", "portuguese"),
    *("romanian", "russian", "spanish", "swedish", "tamil", "turkish"),
)
SYMBOLS = {ast.Eq: "===", ast.NotEq: "!==", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
HEAD = "// @ts-nocheck\n"


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, text in translated():
        (TARGET / name).write_text(text)


def translated() -> Iterator[tuple[str, str]]:
    """Every file of static/vendor/snowball: its name and text."""
    package = files("snowballstemmer")
    yield "LICENSE", distribution("snowballstemmer").read_text("licenses/COPYING") or ""
    yield "base.js", HEAD + BASE.read_text("utf-8")
    for language in LANGUAGES:
        source = package.joinpath(f"{language}_stemmer.py").read_text("utf-8")
        yield f"{language}.js", _module(source)


def _module(source: str) -> str:
    first = source.partition("\n")[0].removeprefix("# ")
    tree = ast.parse(source)
    stemmer = next(
        node
        for node in tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("lab")
    )
    tables: list[str] = []
    fields: list[str] = []
    methods: list[str] = []
    for node in stemmer.body:
        if isinstance(node, ast.FunctionDef):
            methods += _method(node)
        elif isinstance(node, ast.Assign):
            name = ast.unparse(node.targets[0])
            if isinstance(node.value, ast.Constant) and not isinstance(node.value.value, str):
                fields.append(f"  {name} = {_value(node.value)};")
            else:
                tables += _table(name, node.value)
    return "\n".join(
        [
            f"{HEAD}// {first}; translated by scripts/stemmers.py",
            'import { Stemmer } from "./base.js";',
            *tables,
            "class Language extends Stemmer {",
            *fields,
            *methods,
            "}",
            "const stemmer = new Language();",
            "/** @param {string} word in lower case @returns {string} */",
            "export const stem = (word) => stemmer.stemWord(word);",
            "",
        ]
    )


def _table(name: str, value: ast.expr) -> list[str]:
    """A set of letters, a list of replacements, or the entries that `find_among` bisects."""
    if isinstance(value, ast.List):
        rows = [_among(row) for row in value.elts if isinstance(row, ast.Call)]
        if len(rows) < len(value.elts):
            raise ValueError(f"{name}: no table of Among")
        return [f"const {name} = [", *(f"  {row}," for row in rows), "];"]
    known = ast.literal_eval(value)
    texts = json.dumps(
        list(known) if isinstance(known, tuple) else sorted(known), ensure_ascii=False
    )
    return [f"const {name} = {texts if isinstance(known, tuple) else f'new Set({texts})'};"]


def _among(row: ast.Call) -> str:
    parts = [
        json.dumps(_method_name(arg.id)) if isinstance(arg, ast.Name) else _value(arg)
        for arg in row.args
    ]
    return f"[{', '.join(parts)}]"


def _method(node: ast.FunctionDef) -> Iterator[str]:
    names = {
        one.id
        for one in ast.walk(node)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store) and one.id != "_"
    }
    yield f"  {_method_name(node.name)}() {{"
    if names:
        yield f"    let {', '.join(sorted(names))};"
    yield from _block(node.body, "    ")
    yield "  }"


def _method_name(name: str) -> str:
    return name.lstrip("_")


def _block(body: list[ast.stmt], indent: str) -> Iterator[str]:
    for node in body:
        yield from _statement(node, indent)


def _statement(node: ast.stmt, indent: str) -> Iterator[str]:
    """The lines of one statement. Raising a label leaves the block that catches it."""
    match node:
        case ast.Try(handlers=[ast.ExceptHandler(type=ast.Name(id=label))]):
            yield from _braced(f"{label}:", node.body, indent)
        case ast.While():
            yield from _braced(f"while ({_value(node.test)})", node.body, indent)
        case ast.For(iter=ast.Tuple(elts=elements)):
            head = f"for (let turn = 0; turn < {len(elements)}; turn += 1)"
            yield from _braced(head, node.body, indent)
        case ast.If():
            yield from _braced(f"if ({_value(node.test)})", node.body, indent)
            if node.orelse:
                yield from _braced("else", node.orelse, indent)
        case ast.Pass():
            return
        case _:
            yield f"{indent}{_line(node)};"


def _braced(head: str, body: list[ast.stmt], indent: str) -> Iterator[str]:
    yield f"{indent}{head} {{"
    yield from _block(body, indent + "  ")
    yield f"{indent}}}"


def _line(node: ast.stmt) -> str:
    match node:
        case ast.Expr():
            return _value(node.value)
        case ast.Assign():
            return f"{_value(node.targets[0])} = {_value(node.value)}"
        case ast.AugAssign():
            sign = "+" if isinstance(node.op, ast.Add) else "-"
            return f"{_value(node.target)} {sign}= {_value(node.value)}"
        case ast.Return():
            return f"return {_value(node.value)}" if node.value else "return"
        case ast.Break():
            return "break"
        case ast.Continue():
            return "continue"
        case ast.Raise(exc=ast.Call(func=ast.Name(id=label))):
            return f"break {label}"
    raise ValueError(f"no translation of {ast.dump(node)}")


def _value(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=value):
            return json.dumps(value, ensure_ascii=False)
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            return f"this.{_method_name(name)}" if owner == "self" else name  # or a table
        case ast.Subscript(value=value, slice=at):
            return f"{_value(value)}[{_value(at)}]"
        case ast.Call(func=ast.Name(id="len"), args=[of]):
            return f"{_value(of)}.length"
        case ast.Call(func=function, args=given):
            return f"{_value(function)}({', '.join(map(_value, given))})"
    return _operation(node)


def _operation(node: ast.expr) -> str:
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=of):
            return f"!{_grouped(of)}"
        case ast.UnaryOp(op=ast.USub(), operand=of):
            return f"-{_value(of)}"
        case ast.BinOp(left=left, op=op, right=right):
            return f"{_grouped(left)} {'+' if isinstance(op, ast.Add) else '-'} {_grouped(right)}"
        case ast.BoolOp(op=ast.Or(), values=values):
            return " || ".join(map(_grouped, values))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return f"{_value(left)} {SYMBOLS[type(op)]} {_value(right)}"
    raise ValueError(f"no translation of {ast.dump(node)}")


def _grouped(node: ast.expr) -> str:
    text = _value(node)
    return f"({text})" if isinstance(node, ast.BinOp | ast.BoolOp | ast.Compare) else text


if __name__ == "__main__":
    main()
