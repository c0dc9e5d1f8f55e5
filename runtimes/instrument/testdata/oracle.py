"""Runs modules on wasmtime: the oracle of TestAgainstWasmtime.

Reads lines "FILE NAN ARGS..." and writes for each a line with what the run of
main showed, in the words of outcome.line.
"""
import hashlib
import struct
import sys

import wasmtime

PLENTY = 1 << 40
TRAPS = {
    "unreachable": "unreachable",
    "integer divide by zero": "integer divide by zero",
    "integer overflow": "integer overflow",
    "out of bounds memory access": "out of bounds memory access",
    "wasm `unreachable` instruction executed": "unreachable",
    "undefined element": "invalid table access",
    "uninitialized element": "invalid table access",
    "out of bounds table access": "invalid table access",
    "indirect call type mismatch": "indirect call type mismatch",
    "thrown Wasm exception": "thrown",
    "throwing a null": "unreachable",
    "null reference": "unreachable",
}


def engine(nan):
    config = wasmtime.Config()
    config.consume_fuel = True
    config.wasm_exceptions = True
    config.cranelift_nan_canonicalization = nan
    return wasmtime.Engine(config)


ENGINES = {nan: engine(nan) for nan in (False, True)}
HOST = wasmtime.FuncType([wasmtime.ValType.i32(), wasmtime.ValType.i64()], [wasmtime.ValType.i64()])


def host(a, b):
    n = (a * 7 + b) & (1 << 64) - 1
    return n - (1 << 64) if n >> 63 else n


def words(error):
    text = str(error)
    for part, name in TRAPS.items():
        if part in text:
            return name
    return "unknown: " + " ".join(text.split())


def run(path, nan, args):
    eng = ENGINES[nan]
    store = wasmtime.Store(eng)
    store.set_fuel(PLENTY)  # making the instance takes some
    with open(path, "rb") as f:
        module = wasmtime.Module(eng, f.read())
    instance = wasmtime.Instance(store, module, [wasmtime.Func(store, HOST, host)])
    store.set_fuel(PLENTY)
    exports = instance.exports(store)
    a = struct.unpack("<i", struct.pack("<I", args[0]))[0]
    b = struct.unpack("<q", struct.pack("<Q", args[1]))[0]
    c = struct.unpack("<d", struct.pack("<Q", args[2]))[0]
    result, trap = "-", "-"
    try:
        result = "%x" % (exports["main"](store, a, b, c) & (1 << 64) - 1)
    except Exception as error:
        trap = words(error).replace(" ", "_")
    fuel = PLENTY - store.get_fuel()
    memory = exports["memory"].read(store, 0, exports["memory"].data_len(store))
    digest = hashlib.sha256(bytes(memory)).hexdigest()[:16]
    steps = exports["steps"].value(store) & (1 << 32) - 1
    one = exports["one"].value(store) & (1 << 64) - 1
    tag = exports["assay.et"].value(store) if "assay.et" in exports else 0
    if tag:
        result, trap = "-", "thrown"
    print(result, trap, digest, "%x" % steps, "%x" % one, fuel, flush=True)


for line in sys.stdin:
    path, nan, *args = line.split()
    run(path, nan == "1", [int(a, 16) for a in args])
