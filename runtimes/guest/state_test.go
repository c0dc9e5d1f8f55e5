package guest_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

// lived makes a world in which a lot has happened.
func lived(t testing.TB) *rig {
	t.Helper()
	r := newRig(t, guest.Config{
		Root: base(t), Args: []string{"prog"}, Env: []string{"K=v"}, Stdin: []byte("some input"), Seed: 9,
	})
	r.file("lib/a.py", "changed")
	r.file("made", "new file")
	r.ok("path_symlink", "made", root, "soft")
	r.ok("path_link", root, 0, "made", root, "hard")
	r.ok("path_unlink_file", root, "lib/b.py")
	r.ok("path_rename", root, "dir/nested", root, "moved")
	fd := r.open("made", 0)
	r.read(fd, 3)
	r.read(0, 5)
	r.write(1, "output so far\n")
	r.ok("random_get", buf, 13)
	r.poll(sub(nil, 1, 1, 5e9, false))
	return r
}

// trail is what a guest sees from here on, and what it costs.
func trail(r *rig) string {
	r.Helper()
	var b strings.Builder
	used := r.used
	b.WriteString(r.read(4, 100) + "|" + r.read(0, 100) + "|" + r.content("lib/a.py") + "|" + r.content("hard") + "|" + r.content("moved/file"))
	for _, dir := range []string{".", "lib", "moved"} {
		b.WriteString("|" + strings.Join(names(r.list(dir, 4096)), " "))
	}
	r.ok("random_get", buf, 16)
	b.Write(r.mem[buf : buf+16])
	r.file("made", "changed after")
	r.ok("path_create_directory", root, "later")
	r.ok("path_filestat_get", root, 0, "later", out)
	b.Write(r.mem[out : out+40])
	r.ok("path_unlink_file", root, "lib/a.py")
	r.close(r.open("lib/a.py", creat))
	r.write(1, "more")
	b.Write(r.Stdout())
	fmt.Fprintf(&b, "|%d fuel", r.used-used)
	return b.String()
}

func TestRestoreBringsAllBack(t *testing.T) {
	r := lived(t)
	state, err := r.Snapshot(r.used)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := state.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	at := r.now(0)
	want := trail(r)
	for range 3 {
		if err := r.Restore(state); err != nil {
			t.Fatal(err)
		}
		if got := trail(r); got != want {
			t.Fatalf("restored:\n%q\nwant\n%q", got, want)
		}
	}
	loaded, err := guest.LoadState(stored, base(t))
	if err != nil {
		t.Fatal(err)
	}
	again, err := loaded.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(stored, again) {
		t.Errorf("stored again:\n%s\nfirst\n%s", again, stored)
	}
	for _, s := range []*guest.State{state, loaded} {
		w, err := s.NewWorld(runtimes.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		r := newRigOver(t, w)
		if now := r.now(0); now+1000 < at || now > at+1000 {
			t.Errorf("the clock shows %d after %d", now, at)
		}
		if got := trail(r); got != want {
			t.Errorf("a new world:\n%q\nwant\n%q", got, want)
		}
	}
}

// Worlds of one state run at once and share what they read (see -race).
func TestWorldsOfOneStateRunAtOnce(t *testing.T) {
	state, err := lived(t).Snapshot(0)
	if err != nil {
		t.Fatal(err)
	}
	trails := make([]string, 4)
	var wg sync.WaitGroup
	for i := range trails {
		w, err := state.NewWorld(runtimes.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() { trails[i] = trail(newRigOver(t, w)) })
	}
	wg.Wait()
	for _, got := range trails {
		if got != trails[0] {
			t.Errorf("%q\nis not\n%q", got, trails[0])
		}
	}
}

func TestSnapshotsAreStable(t *testing.T) {
	a, b := dump(t, lived(t)), dump(t, lived(t))
	if a != b {
		t.Errorf("two worlds with one history:\n%s\n%s", a, b)
	}
}

// A snapshot taken of a restored world holds both histories, and neither world
// changes the other's.
func TestSnapshotOfASnapshot(t *testing.T) {
	r := lived(t)
	first, err := r.Snapshot(0)
	if err != nil {
		t.Fatal(err)
	}
	r.file("second", "2")
	r.ok("path_unlink_file", root, "made")
	r.ok("path_unlink_file", root, "hard")
	second, err := r.Snapshot(0)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := r.Restore(first); err != nil {
			t.Fatal(err)
		}
		r.want(memfs.ENOENT, "path_filestat_get", root, 0, "second", out)
		r.file("made", "scribbled")
		if err := r.Restore(second); err != nil {
			t.Fatal(err)
		}
		if got := r.content("second") + r.read(4, 100); got != "2 file" {
			t.Errorf("content %q", got)
		}
		r.want(memfs.ENOENT, "path_filestat_get", root, 1, "soft", out)
	}
}

func TestStatesThatDoNotFit(t *testing.T) {
	r := lived(t)
	stored := dump(t, r)
	load := func(s string, tr *memfs.Tree) error { _, err := guest.LoadState([]byte(s), tr); return err }
	if err := load(stored, base(t)); err != nil {
		t.Fatal(err)
	}
	if err := load(stored, tree(t, map[string][]byte{"other": nil})); err == nil {
		t.Error("a state over another tree was taken")
	}
	for what, damaged := range map[string]string{
		"cut off":        stored[:len(stored)/2],
		"version":        strings.Replace(stored, "state/2", "state/9", 1),
		"descriptor":     strings.Replace(stored, `"kind":4,"ino"`, `"kind":5,"ino"`, 1),
		"unknown kind":   strings.Replace(stored, `{"kind":2}`, `{"kind":77}`, 1),
		"clock":          strings.Replace(stored, `"rate":10`, `"rate":0`, 1),
		"random":         strings.Replace(stored, `"random":"`, `"random":"AAAA`, 1),
		"dangling entry": strings.Replace(stored, `"name":"made","ino":`, `"name":"made","ino":99`, 1),
		"name":           strings.Replace(stored, `"name":"made"`, `"name":"../made"`, 1),
		"next":           strings.Replace(stored, `"next":`, `"next":0,"x":`, 1),
	} {
		if damaged == stored {
			t.Errorf("%s: nothing was damaged", what)
		} else if err := load(damaged, base(t)); err == nil {
			t.Errorf("%s: was taken", what)
		}
	}
	other := newRig(t, guest.Config{})
	state, err := r.Snapshot(0)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Restore(state); err == nil {
		t.Error("restored over another tree")
	}
}

func FuzzLoadState(f *testing.F) {
	r := lived(f)
	s, err := r.Snapshot(0)
	if err != nil {
		f.Fatal(err)
	}
	stored, err := s.MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(stored)
	f.Add([]byte(`{"version":"assay guest state/1"}`))
	tr := base(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := guest.LoadState(data, tr)
		if err != nil {
			return
		}
		w, err := s.NewWorld(runtimes.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		r := newRigOver(t, w)
		for _, f := range w.Functions() {
			if f.Name != "proc_exit" {
				f.Call(r.fake, make([]uint64, len(f.Params)))
			}
		}
	})
}

// What a restore costs after a run that wrote little.
func BenchmarkRestore(b *testing.B) {
	r := lived(b)
	s, err := r.Snapshot(0)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		r.write(1, "output")
		r.file("made", "changed")
		if err := r.Restore(s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	r := newRig(b, guest.Config{})
	vec := r.vec(buf, 10)
	f := r.functions["fd_write"]
	params := []uint64{1, uint64(vec), 1, out}
	for b.Loop() {
		if _, err := f.Call(r.fake, params); err != nil {
			r.ResetOutput()
		}
	}
}
