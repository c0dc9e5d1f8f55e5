//go:build wasmtime && cgo && linux

#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "_cgo_export.h"
#include "guest.h"

// Guests run on the stack of the thread that calls them, and Go makes its
// threads with the default size, so that has to be large. It is address space
// only: what a guest has touched is given back after its call.
__attribute__((constructor)) static void make_stacks_large(void) {
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, GUEST_STACK + 2 * HOST_STACK);
  pthread_setattr_default_np(&attr);
  pthread_attr_destroy(&attr);
}

static __thread char *stack_bottom; // the lowest address of this thread's stack
static __thread uint64_t *mark;     // a page on it, to which few guests come
static __thread int calls;          // of guests, on this thread
static __thread uintptr_t caller;   // the machine whose guest runs

static char *find_bottom(char *here) {
  pthread_attr_t attr;
  void *lowest = NULL;
  size_t size = 0, guard = 0;
  if (pthread_getattr_np(pthread_self(), &attr) != 0)
    return here; // of the main thread, where no file may be opened
  pthread_attr_getstack(&attr, &lowest, &size);
  pthread_attr_getguardsize(&attr, &guard);
  pthread_attr_destroy(&attr);
  return (char *)lowest + guard;
}

enum { PAGE_WORDS = 4096 / sizeof(uint64_t) };

// give_back returns the memory of a deep stack to the system: what lies below
// the mark, if a guest wrote to its page. Frames are smaller than that.
static void give_back(void) {
  for (int i = 0; i < PAGE_WORDS; i++)
    if (mark[i] != 0) {
      madvise(stack_bottom, (char *)(mark + PAGE_WORDS) - stack_bottom, MADV_DONTNEED);
      return;
    }
}

static void tell(ending_t *e, wasm_byte_vec_t *message) {
  size_t n = message->size < sizeof e->message - 1 ? message->size : sizeof e->message - 1;
  memcpy(e->message, message->data, n);
  e->message[n] = 0;
  wasm_byte_vec_delete(message);
}

// host passes a guest's call on to Go.
static wasm_trap_t *host(void *number, wasmtime_caller_t *unused, wasmtime_val_raw_t *values, size_t count) {
  (void)unused, (void)count;
  return serveHostCall(caller, (uintptr_t)number, values) ? NULL : wasmtime_trap_new("host call failed", 16);
}

wasmtime_error_t *host_define(wasmtime_linker_t *linker, const char *module, const char *name,
                              const wasm_functype_t *type, uintptr_t number) {
  return wasmtime_linker_define_func_unchecked(linker, module, strlen(module), name, strlen(name), type, host,
                                               (void *)number, NULL);
}

void guest_call(uintptr_t machine, wasmtime_context_t *context, const wasmtime_func_t *f, uint64_t *values, size_t params, size_t results, ending_t *e) {
  char *here = __builtin_frame_address(0);
  if (stack_bottom == NULL) {
    stack_bottom = find_bottom(here);
    mark = (uint64_t *)((uintptr_t)(here - HOST_STACK) & ~(uintptr_t)4095);
  }
  if (calls == 0 && (size_t)(here - stack_bottom) < GUEST_STACK + HOST_STACK) {
    e->how = NO_STACK;
    return;
  }
  size_t n = params > results ? params : results;
  wasmtime_val_raw_t raw[n + 1];
  for (size_t i = 0; i < params; i++)
    raw[i].i64 = values[i];
  wasm_trap_t *trap = NULL;
  wasm_byte_vec_t message;
  uintptr_t outer = caller;
  caller = machine;
  calls++;
  wasmtime_error_t *error = wasmtime_func_call_unchecked(context, f, raw, n, &trap);
  calls--;
  caller = outer;
  e->how = RETURNED;
  if (trap != NULL) {
    e->how = wasmtime_trap_code(trap, &e->code) ? TRAPPED : FAILED;
    wasm_trap_message(trap, &message);
    tell(e, &message);
    wasm_trap_delete(trap);
  } else if (error != NULL) {
    e->how = FAILED;
    wasmtime_error_message(error, &message);
    tell(e, &message);
    wasmtime_error_delete(error);
  } else {
    for (size_t i = 0; i < results; i++)
      values[i] = raw[i].i64;
  }
  if (calls == 0)
    give_back();
}

// Kinds of wasmtime_val_t.
enum { I32, I64, F32, F64 };

uint64_t global_get(wasmtime_context_t *context, const wasmtime_global_t *global) {
  wasmtime_val_t v;
  wasmtime_global_get(context, global, &v);
  return v.kind == I32 || v.kind == F32 ? (uint32_t)v.of.i32 : (uint64_t)v.of.i64;
}

void global_set(wasmtime_context_t *context, const wasmtime_global_t *global, uint8_t kind, uint64_t bits) {
  wasmtime_val_t v = {.kind = kind};
  if (kind == I32 || kind == F32)
    v.of.i32 = (int32_t)bits;
  else
    v.of.i64 = (int64_t)bits;
  wasmtime_error_t *error = wasmtime_global_set(context, global, &v);
  if (error != NULL) // the kind is the global's, and it is mutable: it can't be
    abort();
}
