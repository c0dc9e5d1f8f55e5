package python

import (
	"os/exec"
	"testing"
)

// TestDriverNatively runs the driver on the host's own Python, without a guest.
func TestDriverNatively(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 here")
	}
	cmd := exec.Command(python, "testdata/driver_native.py", "driver/encode.py", "driver/report.py", "driver/turned.py", "driver/meant.py", "driver/modes.py")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
