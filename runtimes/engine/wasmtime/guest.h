#include <stdatomic.h>

#include "capi.h"

// A guest is what C needs to know of an instance.
typedef struct guest {
  wasmtime_context_t *context;
  atomic_bool stop; // set from any thread
} guest_t;

// How a call ended.
enum {
  RETURNED,
  TRAPPED,  // code says why
  FAILED,   // message says why: a host call, an interruption, a fault of wasmtime's
  NO_STACK, // nothing has run: this thread's stack is too small
};

typedef struct ending {
  uint8_t how, code;
  char message[200];
} ending_t;

guest_t *guest_new(wasmtime_context_t *, wasmtime_store_t *);
void guest_call(guest_t *, const wasmtime_func_t *, uint64_t *values, size_t params, size_t results, ending_t *);
void guest_stop(guest_t *, bool);

uint64_t global_get(wasmtime_context_t *, const wasmtime_global_t *);
void global_set(wasmtime_context_t *, const wasmtime_global_t *, uint8_t kind, uint64_t);

// The stack that wasmtime lets guests have, in bytes, and what a thread has
// beside it for wasmtime and the host's calls.
#define GUEST_STACK ((size_t)256 << 20)
#define HOST_STACK ((size_t)2 << 20)
