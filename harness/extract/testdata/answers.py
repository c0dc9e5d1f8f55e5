# Awkward answers: a JSON line {"name", "text", "entry"} each. answers.jsonl is
# what oracle.py made of them: answers.py | oracle.py > answers.jsonl

import json
import sys

PROGRAM = "import math\n\n\ndef helper(x):\n    return x + 1\n\n\ndef f(x):\n    return helper(math.floor(x))\n"

TABLE = {
    "plain": PROGRAM,
    "empty": "",
    "blank lines": "\n \n\t\n",
    "one line": "def f(x): return x",
    "no code at all": "I'm sorry, but I can't help with that.\nIt's not clear what you want.",
    "a word and a blank": "Sure\n\n",
    "a fence": "Here is the code:\n```python\n" + PROGRAM + "```\nIt runs in O(1).",
    "two fences, the second longer": "```python\ndef f(x):\n    return 0\n```\nBetter:\n```python\n" + PROGRAM + "```",
    "two fences of one length": "```\ndef f(x):\n    return 1\n```\nor\n```\ndef f(x):\n    return 2\n```\n",
    "a half open fence": "```python\n" + PROGRAM,
    "cut in the middle": (PROGRAM * 3)[:-14],
    "cut in a docstring": PROGRAM + 'def g():\n    """It\n    does',
    "tabs": PROGRAM.replace("    ", "\t"),
    "carriage returns": PROGRAM.replace("\n", "\r\n"),
    "lone carriage returns": "x = 1\rdef f():\r    return x\r",
    "form feeds": "\f\ndef f():\n\f    return 1\n\f    # c\n",
    "a byte order mark": "\ufeff" + PROGRAM,
    "a null character": "def f():\n    return '\0'\n",
    "a main guard": PROGRAM + "\nif __name__ == '__main__':\n    print(f(1))\n",
    "calls and asserts": PROGRAM + "\nprint(f(1))\nassert f(1) == 2\nf(2)\n",
    "what is not reached": PROGRAM + "\ndef other():\n    return f(1)\n\n\nclass Other:\n    pass\n\nN = 5\n",
    "classes": "class A:\n    def g(self):\n        return B()\n\nclass B(A):\n    x = 1\n    # c\n\ndef f():\n    return A().g()\n",
    "a decorated helper": "@cache\ndef g(x):\n    return x\n\ndef f(x):\n    return g(x)\n",
    "a decorated entry": "@cache\ndef f(x):\n    return x\n\ndef g():\n    return 1\n",
    "nested functions": "def f(x):\n    def g(y):\n        def h(): return y\n        return h\n    return g(x)()\n",
    "a return in a nested one only": "def f():\n    def g():\n        return 1\n    print(g())\n",
    "no return": "def g():\n    print(1)\n\ndef f():\n    return g()\n",
    "a generator": "def g():\n    yield 1\n\ndef f():\n    return list(g())\n",
    "async": "async def g():\n    return 1\n\nasync def f():\n    return await g()\n",
    "lambdas and constants": "MOD = 10 ** 9 + 7\nadd = lambda a, b: (a + b) % MOD  # c\n\ndef f(a):\n    return add(a, 1)\n",
    "assignments": "a, b = 1, 2\nc = d = 3\ne.x = d\nf.y = (d)\ng: int\nh: int = 4\ni += 1\nj[0] = h\n*k, l = h\nm.n: int = h\n(o) = 5\n"
    "def f():\n    return a, b, c, d, e, g, h, i, j, k, l, m, o\n",
    "twice the same name": "def f():\n    return 1\n\ndef f():\n    return 2\n\nf = 3\n",
    "futures": "from __future__ import annotations\nfrom .x import y\nfrom a.b import (c,\n    d)\nimport p.q as r; import s # t\ndef f(): return 1;\n",
    "guarded imports": "try:\n    import numpy as np\nexcept ImportError:\n    np = None\n\ndef f():\n    return np\n",
    "comments behind a block": "def f():\n    if 1:\n        return 1  # same line\n        # deep\n\n    # mid\n  # half\n    # not any more\n# out\nx = 1\n",
    "comments behind one line": "def f(): return 1  # c\n    # not in it\nx = 1\n",
    "a backslash": "def f():\n    return 1 \\\n\n\nx = 1\n",
    "unicode": "# ñandú\ndef größe(é):\n    return 'ü“”' + é\n\ndef f(x):\n    return größe(f\"{x!r:>{3}} 😀\")\n",
    "quotes that are none": "Here’s “code”:\ndef f():\n    return 1\n",
    "match": "def f(x):\n    match x:\n        case [A(b=1), *rest] if rest:\n            return helper\n        case _:\n            return 0\n\nrest = 1\n_ = 2\nhelper = 3\n",
    "globals": "COUNT = 0\n\ndef f():\n    global COUNT\n    COUNT += 1\n    return COUNT\n",
    "by keyword and attribute": "key = 1\nattr = 2\n\ndef f(x):\n    return x.attr(key=5)\n",
    "names in strings": "g = 1\n\ndef f():\n    return 'g'\n",
    "a type alias": "type X = int\n\ndef f() -> X:\n    return 1\n",
    "doctest in prose": ">>> f(1)\n2\n>>> f(2)\n3\n",
    "brackets that stay open": "x = [1,\n  2\n\ndef f():\n    return 1\n",
    "an indented program": "".join("    " + line + "\n" for line in PROGRAM.splitlines()),
    "a list": "1. First\n2. Second\n\n- a\n- b\n",
    "numbers": "1\n2\n3\n\n\n",
}

for name, text in TABLE.items():
    json.dump({"name": name, "text": text, "entry": "f"}, sys.stdout)
    print()
