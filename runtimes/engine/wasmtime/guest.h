#pragma once

#include "capi.h"

// How a call ended.
enum {
  RETURNED,
  TRAPPED,  // code says why
  FAILED,   // message says why: a host call, a fault of wasmtime's
  NO_STACK, // nothing has run: this thread's stack is too small
};

typedef struct ending {
  uint8_t how, code;
  char message[200];
} ending_t;

wasmtime_error_t *host_define(wasmtime_linker_t *, const char *module, const char *name, const wasm_functype_t *,
                              uintptr_t number);
void guest_call(uintptr_t machine, wasmtime_context_t *, const wasmtime_func_t *, uint64_t *values, size_t params, size_t results, ending_t *);

uint64_t global_get(wasmtime_context_t *, const wasmtime_global_t *);
void global_set(wasmtime_context_t *, const wasmtime_global_t *, uint8_t kind, uint64_t);

// The stack that wasmtime lets guests have, in bytes, and what a thread has
// beside it for wasmtime and the host's calls.
#define GUEST_STACK ((size_t)160 << 20)
#define HOST_STACK ((size_t)2 << 20)
