package instrument

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/assay-dev/assay/runtimes/wasm"
)

// specFolder is where wazero's module keeps the specification's test suite,
// as wast2json writes it.
func specFolder(t *testing.T) string {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/tetratelabs/wazero").Output()
	dir := filepath.Join(strings.TrimSpace(string(out)), "internal", "integration_test", "spectest")
	if _, serr := os.Stat(dir); err != nil || serr != nil {
		t.Skipf("wazero's sources are not there (%v, %v): the specification's tests were left out", err, serr)
	}
	return dir
}

// specCommand is one command of a script.
type specCommand struct {
	Type, Name, As, Filename, Text string
	Line                           int
	ModuleType                     string `json:"module_type"`
	Action                         struct {
		Type, Module, Field string
		Args                []specValue
	}
	Expected []specValue
}

// specRun runs one script on rewritten modules.
type specRun struct {
	*machine
	t       *testing.T
	dir     string
	o       Options
	suite   string
	modules map[string]api.Module
	last    api.Module // nil after a module that is refused for good reason
	out     map[string]int
}

// Why a command of a script is left out.
const (
	outText     = "a module in text, not in bytes"
	outBeyond   = "a module of a proposal that is refused"
	outFollows  = "on a module that was left out"
	outElements = "wazero makes an instance whose element segment is out of bounds"
)

// specOut counts what is left out of each suite, all else must pass: a command
// more or less is a change to look at.
var specOut = map[string]map[string]int{
	"v2":                        {outText: 1091, outElements: 15},
	"exception-handling":        {outText: 2, outBeyond: 8, outFollows: 57}, // tags of other payloads, imported tags
	"extended-const":            {outText: 3, outBeyond: 9, outFollows: 60},
	"tail-call":                 {outText: 11, outBeyond: 6, outFollows: 78},
	"threads":                   {outBeyond: 5, outFollows: 274},
	"typed-function-references": {outText: 40, outBeyond: 65, outFollows: 357, outElements: 15},
}

// TestSpecification runs the specification's suites on rewritten modules: 2.0
// with SIMD, which contains 1.0, and those of proposals, whose modules are
// refused, but for exceptions.
func TestSpecification(t *testing.T) {
	root := specFolder(t)
	for suite, want := range specOut {
		t.Run(suite, func(t *testing.T) {
			scripts, err := filepath.Glob(filepath.Join(root, suite, "testdata", "*.json"))
			if err != nil || len(scripts) == 0 {
				t.Fatalf("no scripts (%v)", err)
			}
			out := map[string]int{}
			for _, script := range scripts {
				t.Run(strings.TrimSuffix(filepath.Base(script), ".json"), func(t *testing.T) {
					runScript(t, root, suite, script, out)
				})
			}
			if !maps.Equal(out, want) {
				t.Errorf("left out: %#v, want %#v", out, want)
			}
		})
	}
}

func runScript(t *testing.T, root, suite, script string, out map[string]int) {
	raw, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	var commands struct{ Commands []specCommand }
	if err := json.Unmarshal(raw, &commands); err != nil {
		t.Fatal(err)
	}
	o := Default()
	o.State = false // instances start as the suite expects
	o.Bounds = wasm.Bounds{TableSize: 1 << 32, Pages: 65536}
	s := &specRun{machine: newMachine(t), t: t, dir: filepath.Dir(script), o: o, suite: suite, modules: map[string]api.Module{}, out: out}
	spectest, err := os.ReadFile(filepath.Join(root, "testdata", "spectest.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.rt.InstantiateWithConfig(s.ctx, spectest, wazero.NewModuleConfig().WithName("spectest")); err != nil {
		t.Fatal(err)
	}
	nameRegistered(commands.Commands)
	for _, c := range commands.Commands {
		s.command(c)
	}
}

// beyond says whether the suite is not of WebAssembly 2.0.
func (s *specRun) beyond() bool { return s.suite != "v2" }

// nameRegistered notes with each module the name that it is registered under
// later, since an instance has its name from the start.
func nameRegistered(commands []specCommand) {
	last, named := -1, map[string]int{}
	for i, c := range commands {
		switch {
		case c.Type == "module":
			last = i
			named[c.Name] = i
		case c.Type == "register" && c.Name == "":
			commands[last].As = c.As
		case c.Type == "register":
			commands[named[c.Name]].As = c.As
		}
	}
}

func (s *specRun) command(c specCommand) {
	switch c.Type {
	case "module":
		s.module(c)
	case "register": // nameRegistered saw to it
	case "action", "assert_return":
		s.assertReturn(c)
	case "assert_trap", "assert_exhaustion", "assert_exception":
		s.assertEnds(c)
	case "assert_invalid", "assert_malformed":
		s.assertRefused(c)
	case "assert_unlinkable", "assert_uninstantiable":
		if c.Text == "out of bounds table access" {
			s.out[outElements]++
			s.instantiate(c.Filename, "")
		} else if _, err := s.instantiate(c.Filename, ""); err == nil {
			s.t.Errorf("line %d: %s was instantiated", c.Line, c.Filename)
		}
	default:
		s.t.Errorf("line %d: unknown command %s", c.Line, c.Type)
	}
}

// instantiate rewrites and instantiates a module.
func (s *specRun) instantiate(file, name string) (api.Module, error) {
	bin, err := os.ReadFile(filepath.Join(s.dir, file))
	if err != nil {
		return nil, err
	}
	m, err := Instrument(bin, s.o)
	if err != nil {
		return nil, err
	}
	mod, err := s.rt.InstantiateWithConfig(s.ctx, m.Code, wazero.NewModuleConfig().WithName(name).WithStartFunctions())
	if err != nil {
		return nil, err
	}
	mod.ExportedGlobal(ExportDepth).(api.MutableGlobal).Set(1 << 20)
	return mod, nil
}

func (s *specRun) module(c specCommand) {
	mod, err := s.instantiate(c.Filename, c.As)
	if s.last = mod; err != nil {
		s.last = nil
		switch {
		case !strings.HasSuffix(c.Filename, ".wasm"):
			s.out[outText]++
		case s.beyond() && errors.Is(err, wasm.ErrRefused):
			s.out[outBeyond]++
		case s.beyond() && strings.Contains(err.Error(), "not instantiated"):
			s.out[outFollows]++
		default:
			s.t.Errorf("line %d: %v", c.Line, err)
		}
		return
	}
	if c.Name != "" {
		s.modules[c.Name] = mod
	}
}

func (s *specRun) target(c specCommand) api.Module {
	if c.Action.Module != "" {
		return s.modules[c.Action.Module]
	}
	return s.last
}

// invoke does a command's action.
func (s *specRun) invoke(c specCommand) (results []uint64, types []api.ValueType, trap string, ok bool) {
	mod := s.target(c)
	if mod == nil {
		s.out[outFollows]++
		return nil, nil, "", false
	}
	if c.Action.Type == "get" {
		g := mod.ExportedGlobal(c.Action.Field)
		return []uint64{g.Get()}, []api.ValueType{g.Type()}, "", true
	}
	mod.ExportedGlobal(ExportDepth).(api.MutableGlobal).Set(1 << 20)
	mod.ExportedGlobal(ExportTag).(api.MutableGlobal).Set(0)
	fn := mod.ExportedFunction(c.Action.Field)
	var params []uint64
	for _, a := range c.Action.Args {
		bits, _ := a.bits(s.t)
		params = append(params, bits...)
	}
	in := &instance{s.t, s.machine, mod}
	results, trap = in.call(c.Action.Field, params...)
	return results, fn.Definition().ResultTypes(), trap, true
}

func (s *specRun) assertReturn(c specCommand) {
	results, types, trap, ok := s.invoke(c)
	if !ok {
		return
	}
	if trap != "" {
		s.t.Errorf("line %d: %s: trap %q", c.Line, c.Action.Field, trap)
		return
	}
	if c.Type == "action" {
		return
	}
	if len(types) != len(c.Expected) {
		s.t.Errorf("line %d: %s: results %v", c.Line, c.Action.Field, types)
		return
	}
	for _, want := range c.Expected {
		bits, masks := want.bits(s.t)
		for i, b := range bits {
			if len(results) == 0 || results[0]&masks[i] != b {
				s.t.Errorf("line %d: %s: %x, want %v", c.Line, c.Action.Field, results, want)
				return
			}
			results = results[1:]
		}
	}
}

func (s *specRun) assertEnds(c specCommand) {
	_, _, trap, ok := s.invoke(c)
	if !ok {
		return
	}
	mod := s.target(c)
	thrown := mod.ExportedGlobal(ExportTag).Get() != 0
	overflow := int64(mod.ExportedGlobal(ExportDepth).Get()) < 0
	switch c.Type {
	case "assert_exception":
		ok = thrown && trap == ""
	case "assert_exhaustion":
		ok = overflow && trap == "unreachable"
	default:
		ok = !thrown && !overflow && trap != ""
	}
	if !ok {
		s.t.Errorf("line %d: %s: trap %q, thrown %v, overflow %v; want %s", c.Line, c.Action.Field, trap, thrown, overflow, c.Text)
	}
}

func (s *specRun) assertRefused(c specCommand) {
	if c.ModuleType != "binary" {
		s.out[outText]++
		return
	}
	bin, err := os.ReadFile(filepath.Join(s.dir, c.Filename))
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := Instrument(bin, s.o); err == nil {
		s.t.Errorf("line %d: %s was accepted: %s", c.Line, c.Filename, c.Text)
	}
}
