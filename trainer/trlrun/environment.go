package trlrun

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/assay-dev/assay/internal/child"
)

// module is what the trainer is called in Python.
const module = "assay_trl"

// checkTime bounds the check of an environment.
const checkTime = time.Minute

// DefaultPython is where the environment is when nothing else says so.
func DefaultPython() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(".trl", "Scripts", "python.exe")
	}
	return filepath.Join(".trl", "bin", "python")
}

// Size says what the environment takes.
const Size = "5.9 GB on Linux, where torch comes with CUDA's libraries"

// AbsentError says that a Python can't train, why, and how it learns to.
type AbsentError struct{ Python, Reason string }

func (e *AbsentError) Error() string {
	return fmt.Sprintf(`%s has no PyTorch trainer: %s
It wants an environment of its own (%s). In a folder with assay's sources:
  python3 -m venv .trl
  .trl/bin/pip install --require-hashes -r trainer/trl/requirements.lock
  .trl/bin/pip install --no-deps -e trainer/trl
Then name its Python with --python or ASSAY_TRL_PYTHON, if it isn't %s`, e.Python, e.Reason, Size, DefaultPython())
}

// Check asks the Python for the program and the versions of what that stands on.
func (t Trainer) Check(ctx context.Context) (map[string]string, error) {
	limited, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	cmd := child.Command(limited, t.Python, "-m", module, "--check")
	cmd.Env = environment()
	out, said, err := child.Output(cmd, mostKept)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	versions := map[string]string{}
	if err == nil && json.Unmarshal([]byte(out), &versions) == nil && len(versions) > 0 {
		return versions, nil
	}
	return nil, &AbsentError{t.Python, reason(limited, err, child.LastLine(said, mostTold))}
}

func reason(ctx context.Context, err error, last string) string {
	_, message, ours := strings.Cut(last, module+": ")
	switch {
	case errors.Is(err, os.ErrNotExist), errors.Is(err, exec.ErrNotFound):
		return "there is no such program"
	case ctx.Err() != nil:
		return "it didn't answer within " + checkTime.String()
	case ours:
		return message
	case last != "":
		return last
	case err != nil:
		return err.Error()
	}
	return "it answers, but not as the trainer does"
}

// environment is the trainer's: ours, without bars on its stderr and warnings
// for those who write libraries.
func environment() []string {
	return append(os.Environ(), "TQDM_DISABLE=1", "HF_HUB_DISABLE_PROGRESS_BARS=1", "PYTHONWARNINGS=ignore::FutureWarning,ignore::DeprecationWarning")
}
