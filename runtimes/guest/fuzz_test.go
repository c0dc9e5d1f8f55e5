package guest_test

import (
	"errors"
	"math"
	"testing"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/guest"
)

// words are parameters that calls trip over.
var words = [...]uint64{
	0, 1, 2, 3, 4, 5, 7, 8, 16, 64, 100, 1023, 1024, 1025, 4096, 65535, 65536,
	1<<31 - 1, 1 << 31, math.MaxUint32 - 7, math.MaxUint32, 1 << 32, math.MaxInt64, 1 << 63, math.MaxUint64,
}

// FuzzCalls makes calls with any words over any memory: each must end in an
// error number, an exit or a halt, and leave what lies around memory alone.
func FuzzCalls(f *testing.F) {
	f.Add([]byte{0}, []byte("dir/nested/file"))
	f.Add([]byte{31, 3, 1, 0, 15, 1, 22, 22, 0, 9, 26, 4, 9, 1, 9}, []byte("lib/a.py"))
	for i := range 46 {
		f.Add([]byte{byte(i), 3, 0, 9, 1, 9, 3, 5, 9, 1}, []byte("to-dir/file\x00\x10\x00\x00\x00\x04"))
	}
	tr := base(f)
	f.Fuzz(func(t *testing.T, calls, memory []byte) {
		const guard, size = 4096, 64 << 10
		room := make([]byte, size+2*guard)
		r := newRig(t, guest.Config{
			Root: tr, Stdin: []byte("input"), Args: []string{"a"},
			Limits: runtimes.Limits{FSBytes: 1 << 20, FSNodes: 20, OutputBytes: 1 << 16, OpenFiles: 12},
		})
		r.mem = room[guard : guard+size]
		r.fuel = 100e6
		copy(r.mem, memory)
		functions := r.Functions()
		for i := 0; len(calls) > 0 && i < 200; i++ {
			fn := functions[int(calls[0])%len(functions)]
			calls = calls[1:]
			params := make([]uint64, len(fn.Params))
			for j := 0; j < len(params) && len(calls) > 0; j++ {
				params[j] = word(calls[0])
				if fn.Params[j] == guest.I32 {
					params[j] = uint64(uint32(params[j]))
				}
				calls = calls[1:]
			}
			_, err := fn.Call(r.fake, params)
			var halt *guest.Halt
			var exit *guest.Exit
			if err != nil && !errors.As(err, &halt) && !errors.As(err, &exit) {
				t.Fatalf("%s%v: %v", fn.Name, params, err)
			}
		}
		for i := range guard {
			if room[i] != 0 || room[guard+size+i] != 0 {
				t.Fatal("bytes around the memory were written to")
			}
		}
		if _, err := r.Snapshot(r.used); err != nil {
			t.Fatal(err)
		}
	})
}

func word(b byte) uint64 {
	if int(b) < len(words) {
		return words[b]
	}
	return uint64(b)
}
