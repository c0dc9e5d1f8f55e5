package memfs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// model is a file system as simple as can be: files by path, with no layers,
// no numbers and no charging. A hard link shares its *string.
type model map[string]*string

func (m model) isDir(path string) bool { n, ok := m[path]; return ok && n == nil }

func (m model) empty(path string) bool {
	for p := range m {
		if strings.HasPrefix(p, path+"/") {
			return false
		}
	}
	return true
}

func (m model) parent(path string) bool {
	i := strings.LastIndexByte(path, '/')
	return i < 0 || m.isDir(path[:i])
}

func (m model) clone() model {
	c, files := model{}, map[*string]*string{}
	for p, f := range m {
		if f != nil && files[f] == nil {
			s := *f
			files[f] = &s
		}
		c[p] = files[f]
	}
	return c
}

// rename says whether POSIX allows it, and does it.
func (m model) rename(from, to string) bool {
	f, ok := m[from]
	old, there := m[to]
	switch {
	case !ok || !m.parent(to):
		return false
	case from == to || there && f != nil && f == old:
		return true
	case f == nil && strings.HasPrefix(to, from+"/"):
		return false
	case there && (f == nil) != (old == nil), there && old == nil && !m.empty(to):
		return false
	}
	for p, n := range maps.Clone(m) { // of the names alone
		if p == from || strings.HasPrefix(p, from+"/") {
			delete(m, p)
			m[to+p[len(from):]] = n
		}
	}
	return true
}

func (m model) String() string {
	var b strings.Builder
	for _, p := range slices.Sorted(maps.Keys(m)) {
		if m[p] == nil {
			fmt.Fprintf(&b, "%s/\n", p)
		} else {
			fmt.Fprintf(&b, "%s=%q\n", p, *m[p])
		}
	}
	return b.String()
}

// show is the like of model.String.
func show(t *testing.T, fs *FS, dir Ino, prefix string, b *strings.Builder) {
	l, err := fs.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i := range l.Len() {
		name, ino := l.At(i)
		if fs.Kind(ino) == Dir {
			fmt.Fprintf(b, "%s/\n", prefix+name)
			if fs.Parent(ino) != dir {
				t.Fatalf("%s: leads up to %d, not to %d", prefix+name, fs.Parent(ino), dir)
			}
			show(t, fs, ino, prefix+name+"/", b)
			continue
		}
		data, err := fs.Bytes(ino, 0)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(b, "%s=%q\n", prefix+name, data)
	}
}

// FuzzModel does the same to a view and to the model: they must agree on what
// succeeds and on what is there afterwards, also across Freeze and Thaw.
func FuzzModel(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 5, 0, 2, 0, 3, 0, 1, 4, 7, 5, 6, 8, 2, 0, 9, 0, 0})
	f.Add([]byte{1, 1, 0, 0, 6, 0, 3, 1, 2, 8, 0, 0, 3, 2, 0, 9, 0, 0, 4, 0, 9})
	f.Add([]byte{5, 9, 20, 8, 0, 0, 5, 9, 3, 6, 9, 1, 9, 0, 0, 7, 9, 0, 2, 9, 0})
	f.Fuzz(func(t *testing.T, ops []byte) {
		tr, err := fromMap(map[string][]byte{"b": []byte("tree"), "a/b": []byte("below"), "c/": nil})
		if err != nil {
			t.Fatal(err)
		}
		below, top := "below", "tree"
		m := model{"b": &top, "a": nil, "a/b": &below, "c": nil}
		fs := New(tr, Limits{Bytes: 1 << 20, Nodes: 1000})
		layer, saved := fs.Freeze(), m.clone()
		for i := 0; len(ops) >= 3 && i < 100; i++ {
			op, x, y := ops[0], ops[1], ops[2]
			ops = ops[3:]
			switch op % 10 {
			case 8:
				layer, saved = fs.Freeze(), m.clone()
			case 9:
				if err := fs.Thaw(layer); err != nil {
					t.Fatal(err)
				}
				m = saved.clone()
			default:
				step(t, fs, m, op%10, modelPath(x), modelPath(y), int(y))
			}
			var got strings.Builder
			show(t, fs, Root, "", &got)
			if got.String() != m.String() {
				t.Fatalf("step %d, op %d on %s, %s:\n%swant\n%s", i, op%10, modelPath(x), modelPath(y), got.String(), m)
			}
		}
		l := fs.Freeze()
		stored, err := l.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := LoadLayer(stored, tr); err != nil {
			t.Fatalf("what was stored can't be loaded: %v\n%s", err, stored)
		}
	})
}

// modelPath is one of 39 paths of up to three components.
func modelPath(b byte) string {
	const names = "abc"
	n := int(b) % 39
	switch {
	case n < 3:
		return names[n : n+1]
	case n < 12:
		n -= 3
		return names[n/3:n/3+1] + "/" + names[n%3:n%3+1]
	}
	n -= 12
	return names[n/9:n/9+1] + "/" + names[n/3%3:n/3%3+1] + "/" + names[n%3:n%3+1]
}

func step(t *testing.T, fs *FS, m model, op byte, a, b string, n int) {
	t.Helper()
	got := do(fs, op, a, b, n)
	if want := m.do(op, a, b, n); (got == nil) != want {
		t.Fatalf("op %d on %s, %s (%d): %v, want success: %t\n%s", op, a, b, n, got, want, m)
	}
}

func do(fs *FS, op byte, a, b string, n int) error {
	p, err := fs.Walk(Root, a, false)
	if err != nil {
		return err
	}
	switch op {
	case 0:
		_, err = fs.Create(p)
		return err
	case 1:
		return fs.Mkdir(p)
	case 2:
		return fs.Unlink(p)
	case 3:
		return fs.Rmdir(p)
	}
	if op == 4 {
		to, err := fs.Walk(Root, b, false)
		if err != nil {
			return err
		}
		return fs.Rename(p, to)
	}
	if p.Ino == 0 || fs.Kind(p.Ino) == Dir {
		return ENOENT
	}
	switch op {
	case 5:
		return fs.WriteAt(p.Ino, uint64(n), []byte("x"), nil, []byte("yz"))
	case 6:
		return fs.Resize(p.Ino, uint64(n))
	}
	to, err := fs.Walk(Root, b, false)
	if err != nil {
		return err
	}
	return fs.Link(p.Ino, to)
}

func (m model) do(op byte, a, b string, n int) bool {
	f, there := m[a]
	file := there && f != nil
	switch op {
	case 0, 1:
		if there || !m.parent(a) {
			return false
		}
		m[a] = nil
		if op == 0 {
			m[a] = new(string)
		}
		return true
	case 2:
		return m.remove(a, file)
	case 3:
		return m.remove(a, m.isDir(a) && m.empty(a))
	case 4:
		return m.rename(a, b)
	}
	if !file {
		return false
	}
	switch op {
	case 5:
		s := pad(*f, n)
		*f = s[:n] + "xyz" + s[min(n+3, len(s)):]
	case 6:
		*f = pad(*f, n)[:n]
	default:
		if _, taken := m[b]; taken || !m.parent(b) {
			return false
		}
		m[b] = f
	}
	return true
}

func (m model) remove(path string, may bool) bool {
	if may {
		delete(m, path)
	}
	return may
}

func pad(s string, n int) string { return s + strings.Repeat("\x00", max(0, n-len(s))) }
