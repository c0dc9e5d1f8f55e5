package guest

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

// State is a world at one moment, frozen. Any number of worlds can be set back
// to it; it is never written to.
type State struct {
	args, env      []string
	fds            []descriptor
	clock          clock
	random         []byte
	stdin          []byte
	stdout, stderr []byte
	files          *memfs.Layer
}

// Snapshot freezes the world. used is what Caller.Used gives at this moment:
// the clock of a restored world goes on from here while its fuel counts from 0.
func (w *World) Snapshot(used uint64) (*State, error) {
	random, err := w.random.MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("freezing the random source: %w", err)
	}
	s := &State{
		args: w.args, env: w.env, fds: cloneDescriptors(w.fds), clock: w.clock, random: random,
		stdin: w.stdin, stdout: w.stdout.data, stderr: w.stderr.data, files: w.fs.Freeze(),
	}
	s.clock.ran = w.clock.worked(used)
	for i := range s.fds {
		s.fds[i].listing = nil
	}
	w.stdout.shared, w.stderr.shared = true, true
	return s, nil
}

// Restore sets the world back to a state over the same tree; its limits stay.
// What it costs grows with what the guest changed, not with what it has.
func (w *World) Restore(s *State) error {
	if err := w.fs.Thaw(s.files); err != nil {
		return err
	}
	*w.random = rand.ChaCha8{} // UnmarshalBinary leaves bytes that were read ahead
	if err := w.random.UnmarshalBinary(s.random); err != nil {
		return fmt.Errorf("restoring the random source: %w", err)
	}
	w.args, w.env, w.clock = s.args, s.env, s.clock
	w.stdin = s.stdin
	w.stdout, w.stderr = sink{s.stdout, true}, sink{s.stderr, true}
	w.fds = cloneDescriptors(s.fds)
	for i := range w.fds {
		if d := &w.fds[i]; d.held() {
			w.fs.Hold(d.ino)
		}
	}
	return nil
}

// cloneDescriptors copies them with offsets of their own: those that had one
// together have one together.
func cloneDescriptors(fds []descriptor) []descriptor {
	out := slices.Clone(fds)
	moved := map[*uint64]*uint64{}
	for i := range out {
		if at := out[i].offset; at != nil {
			if moved[at] == nil {
				copied := *at
				moved[at] = &copied
			}
			out[i].offset = moved[at]
		}
	}
	return out
}

// NewWorld makes a world in this state.
func (s *State) NewWorld(l runtimes.Limits) (*World, error) {
	w := bare(s.files.Tree())
	w.random = &rand.ChaCha8{}
	w.SetLimits(l)
	if err := w.Restore(s); err != nil {
		return nil, err
	}
	return w, nil
}

// stateVersion names the stored form.
const stateVersion = "assay guest state/2"

type stateJSON struct {
	Version string           `json:"version"`
	Tree    string           `json:"tree"` // hash of the tree that the files lie over
	Args    []string         `json:"args"`
	Env     []string         `json:"env"`
	FDs     []descriptorJSON `json:"fds"`
	Clock   clockJSON        `json:"clock"`
	Random  []byte           `json:"random"`
	Stdin   []byte           `json:"stdin"`
	Stdout  []byte           `json:"stdout"`
	Stderr  []byte           `json:"stderr"`
	Files   json.RawMessage  `json:"files"`
}

type descriptorJSON struct {
	Kind    openKind  `json:"kind"`
	Flags   uint16    `json:"flags,omitempty"`
	Ino     memfs.Ino `json:"ino,omitempty"`
	Offset  uint64    `json:"offset,omitempty"`
	Denied  uint64    `json:"denied,omitempty"`
	Below   uint64    `json:"below,omitempty"`
	Preopen string    `json:"preopen,omitempty"`
}

type clockJSON struct {
	Origin uint64 `json:"origin"`
	Rate   uint64 `json:"rate"`
	Ran    uint64 `json:"ran"`
	Skip   uint64 `json:"skip"`
}

// MarshalBinary gives the stored form: equal states give equal bytes. The tree
// is not in it, only its hash.
func (s *State) MarshalBinary() ([]byte, error) {
	files, err := s.files.MarshalJSON()
	if err != nil {
		return nil, err
	}
	hash := s.files.Tree().Hash()
	out := stateJSON{
		Version: stateVersion, Tree: hex.EncodeToString(hash[:]), Args: s.args, Env: s.env,
		Clock:  clockJSON{s.clock.origin, s.clock.rate, s.clock.ran, s.clock.skip},
		Random: s.random, Stdin: s.stdin, Stdout: s.stdout, Stderr: s.stderr, Files: files,
	}
	for _, d := range s.fds {
		var offset uint64
		if d.offset != nil {
			offset = *d.offset
		}
		out.FDs = append(out.FDs, descriptorJSON{d.kind, d.flags, d.ino, offset, d.denied, d.below, d.preopen})
	}
	return json.Marshal(out)
}

// LoadState reads the stored form of a state over t.
func LoadState(data []byte, t *memfs.Tree) (*State, error) {
	var in stateJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, fmt.Errorf("guest state: %w", err)
	}
	if in.Version != stateVersion {
		return nil, fmt.Errorf("guest state of version %q: this program reads %q", in.Version, stateVersion)
	}
	if hash := t.Hash(); in.Tree != hex.EncodeToString(hash[:]) {
		return nil, fmt.Errorf("guest state: made over the tree %s, not over %x", in.Tree, hash)
	}
	files, err := memfs.LoadLayer(in.Files, t)
	if err != nil {
		return nil, fmt.Errorf("guest state: %w", err)
	}
	s := &State{
		args: in.Args, env: in.Env, clock: clock{in.Clock.Origin, in.Clock.Rate, in.Clock.Ran, in.Clock.Skip},
		random: in.Random, stdin: in.Stdin, stdout: in.Stdout, stderr: in.Stderr, files: files,
	}
	for _, d := range in.FDs {
		s.fds = append(s.fds, descriptor{d.Kind, d.Flags, d.Ino, &d.Offset, d.Denied, d.Below, d.Preopen, nil})
	}
	return s, s.check()
}

// check refuses what would lead a world astray.
func (s *State) check() error {
	if s.clock.rate == 0 || s.clock.origin > s.clock.origin+s.clock.end() {
		return fmt.Errorf("guest state: clock at %d, rate %d", s.clock.origin, s.clock.rate)
	}
	w, err := s.NewWorld(runtimes.Limits{})
	if err != nil {
		return fmt.Errorf("guest state: %w", err)
	}
	for i := range s.fds {
		d := &s.fds[i]
		held := d.held()
		if d.kind > openDir || held && w.fs.Kind(d.ino) == 0 || d.kind == openDir != (w.fs.Kind(d.ino) == memfs.Dir) && held {
			return fmt.Errorf("guest state: descriptor %d is damaged", i)
		}
	}
	return nil
}
