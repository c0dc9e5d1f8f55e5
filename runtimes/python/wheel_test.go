package python

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/pip"
)

func TestAnotherWheelIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), pythonWheel.File)
	if err := os.WriteFile(path, []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := pythonWheel.Read(path)
	if !errors.Is(err, pip.ErrSum) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), pythonWheel.SHA256) {
		t.Errorf("the error does not name file and checksum: %v", err)
	}
	if _, err := pythonWheel.Read(path + ".absent"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("absent wheel: %v", err)
	}
}
