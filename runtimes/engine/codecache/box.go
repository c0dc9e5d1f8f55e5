package codecache

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/internal/progress"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/instrument"
)

// Box is the place in the cache for the code of one module: a folder with one
// file, in a folder of the engine's choice, and a label.
type Box struct {
	Dir string // of the file

	store cache.Store
	key   string
}

// Label is everything but the code that running a module needs.
type Label struct {
	File    string // base name
	Seal    Seal
	Memory  string
	Globals []string
	Start   string

	Stub []byte `json:"-"` // kept beside the JSON: what the engine itself wants to keep
}

// format is the version of labels, and of what lies beside them.
const format = "1"

// Open finds the box of a module by its hash, for an engine whose version names
// all that its code depends on besides. Without a store it is a miss.
func Open(store cache.Store, version string, hash [32]byte) (*Box, error) {
	if store == nil {
		return nil, cache.ErrMiss
	}
	root, err := store.Dir(cache.Code)
	if err != nil {
		return nil, err
	}
	key := version + "-" + format + "-" + runtime.GOOS + "-" + runtime.GOARCH + "-" + hex.EncodeToString(hash[:])
	return &Box{store: store, key: key, Dir: filepath.Join(root, key+".d")}, nil
}

// Label returns the box's label, or cache.ErrMiss.
func (b *Box) Label() (*Label, error) {
	data, err := b.store.Get(cache.Code, b.key)
	if err != nil {
		return nil, err
	}
	return parseLabel(data)
}

// parseLabel reads the length of the JSON, the JSON, and the stub.
func parseLabel(data []byte) (*Label, error) {
	if len(data) < 4 || uint64(len(data)) < 4+uint64(binary.LittleEndian.Uint32(data)) {
		return nil, errors.New("label is cut short")
	}
	size := binary.LittleEndian.Uint32(data)
	l := &Label{Stub: data[4+size:]}
	if err := json.Unmarshal(data[4:4+size], l); err != nil {
		return nil, fmt.Errorf("label: %w", err)
	}
	return l, nil
}

// SetLabel writes the label.
func (b *Box) SetLabel(l *Label) error {
	data, err := json.Marshal(l)
	if err != nil {
		return err
	}
	size := binary.LittleEndian.AppendUint32(nil, uint32(len(data)))
	return b.store.Put(cache.Code, b.key, size, data, l.Stub)
}

// Describe makes the label for the file in the box, whose first headSize bytes
// must be right before the engine reads any of it.
func (b *Box) Describe(m *instrument.Module, headSize int64, stub []byte) (*Label, error) {
	path, err := b.Only()
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s, err := sealFile(f, headSize)
	if err != nil {
		return nil, err
	}
	return &Label{File: filepath.Base(path), Seal: s,
		Memory: m.Memory, Globals: m.Globals, Start: m.Start, Stub: stub}, nil
}

// Module is what the label knows of the module: all but code and segments.
func (l *Label) Module() *instrument.Module {
	return &instrument.Module{Memory: l.Memory, Globals: l.Globals, Start: l.Start}
}

// Open gives the label and the box's only file, checked at both ends.
func (b *Box) Open() (*Label, *os.File, error) {
	l, err := b.Label()
	if err != nil {
		return nil, nil, err
	}
	f, err := b.file(l)
	return l, f, err
}

func (b *Box) file(l *Label) (*os.File, error) {
	path, err := b.Only()
	if err != nil {
		return nil, err
	}
	if filepath.Base(path) != l.File {
		return nil, fmt.Errorf("%s is not labelled", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := l.Seal.checkEnds(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Only is the path of the file that is alone in the box, one folder down.
func (b *Box) Only() (string, error) {
	files, err := filepath.Glob(filepath.Join(b.Dir, "*", "*"))
	if err != nil || len(files) != 1 {
		return "", fmt.Errorf("%s holds %d files", b.Dir, len(files))
	}
	return files[0], nil
}

// Still says that f is the file in the box, and alone there.
func (b *Box) Still(f *os.File) error {
	path, err := b.Only()
	if err != nil {
		return err
	}
	was, err := f.Stat()
	if err != nil {
		return err
	}
	is, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !os.SameFile(was, is) {
		return fmt.Errorf("%s was replaced while it was read", path)
	}
	return nil
}

// Empty removes everything.
func (b *Box) Empty() error { return os.RemoveAll(b.Dir) }

// Seal is what a file must be. Engines check little of what they read: a
// damaged length makes wazero allocate without bound. Lengths are in the head
// and the tail of a file, so those are checked before an engine sees it; the
// whole is hashed while the engine reads, and nothing runs before that is done.
type Seal struct {
	Size, HeadSize         int64
	Head, Tail, Everything string // xxh3-128 in hex
}

const tailSize = 4 << 10

// sealFile describes a file whose head is headSize bytes.
func sealFile(f *os.File, headSize int64) (Seal, error) {
	info, err := f.Stat()
	if err != nil {
		return Seal{}, err
	}
	s := Seal{Size: info.Size(), HeadSize: min(headSize, info.Size())}
	if s.Head, s.Tail, err = s.ends(f); err != nil {
		return Seal{}, err
	}
	s.Everything, err = hashRange(f, 0, s.Size)
	return s, err
}

// checkEnds compares size, head and tail.
func (s Seal) checkEnds(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() != s.Size {
		return fmt.Errorf("%s has %d bytes, not %d", f.Name(), info.Size(), s.Size)
	}
	head, tail, err := s.ends(f)
	if err != nil {
		return err
	}
	if head != s.Head || tail != s.Tail {
		return fmt.Errorf("%s is damaged", f.Name())
	}
	return nil
}

// Check compares the whole file.
func (s Seal) Check(f *os.File) error {
	sum, err := hashRange(f, 0, s.Size)
	if err == nil && sum != s.Everything {
		err = fmt.Errorf("%s is damaged", f.Name())
	}
	return err
}

func (s Seal) ends(f *os.File) (head, tail string, err error) {
	if head, err = hashRange(f, 0, s.HeadSize); err != nil {
		return "", "", err
	}
	start := max(0, s.Size-tailSize)
	tail, err = hashRange(f, start, s.Size-start)
	return head, tail, err
}

func hashRange(f *os.File, from, size int64) (string, error) {
	h := xxh3.New()
	type plainWriter struct{ io.Writer } // hides ReadFrom, which would bring its own small buffer
	n, err := io.CopyBuffer(plainWriter{h}, io.NewSectionReader(f, from, size), make([]byte, 256<<10))
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return "", fmt.Errorf("checksum %s: %w", f.Name(), err)
	}
	sum := h.Sum128()
	return fmt.Sprintf("%016x%016x", sum.Hi, sum.Lo), nil
}

// Maker makes the code of one module.
type Maker[T Code] interface {
	// Compile compiles; in the box where the engine writes files itself. The box
	// is nil where there is none.
	Compile(ctx context.Context, b *Box) (T, error)
	// Pack makes the one file in the box, and the label, of what was compiled.
	Pack(ctx context.Context, b *Box, code T) error
	// Load takes code from the box. Any error means that there is none.
	Load(ctx context.Context, b *Box) (T, error)
}

// Code is compiled code.
type Code interface {
	comparable
	Close(ctx context.Context) error
}

// Get takes a module's code from its box, or makes it. An unusable box (nil, or
// on a full disk) costs time, nothing else.
func Get[T Code](ctx context.Context, b *Box, m Maker[T], tell progress.Func) (T, error) {
	if b == nil {
		return m.Compile(ctx, nil)
	}
	if code, err := m.Load(ctx, b); err == nil {
		return code, nil
	}
	waits := time.AfterFunc(time.Second, func() { tell.Stage(engine.StageWait, 0, 0) })
	unlock, err := b.store.Lock(ctx, cache.Code, b.key)
	waits.Stop()
	if err != nil {
		return m.Compile(ctx, nil) // fails at once where ctx is done
	}
	defer unlock()
	if code, err := m.Load(ctx, b); err == nil {
		return code, nil // another process made it while this one waited
	}
	return fill(ctx, b, m)
}

// fill compiles into the box. What it returns was read back from there where
// possible: that takes a moment and much less memory than what compiling left.
func fill[T Code](ctx context.Context, b *Box, m Maker[T]) (T, error) {
	if err := b.Empty(); err != nil {
		return m.Compile(ctx, nil)
	}
	fresh, err := m.Compile(ctx, b)
	if err != nil {
		return fresh, err
	}
	if m.Pack(ctx, b, fresh) != nil {
		_ = b.Empty()
		return fresh, nil
	}
	loaded, err := m.Load(ctx, b)
	if err != nil {
		return fresh, nil
	}
	return loaded, fresh.Close(ctx)
}

// Ticking reports compilation until stopped. Engines don't say how far they
// are, so what is reported is time against expectation, in bytes of the module
// and short of all of them.
func Ticking(tell progress.Func, size, perSecond int) (stop func()) {
	whole := time.Duration(float64(size) / float64(perSecond) * float64(time.Second))
	start, done, ended := time.Now(), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			part := min(0.99, float64(time.Since(start))/float64(whole+1))
			tell.Stage(engine.StageCompile, int64(part*float64(size)), int64(size))
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}
