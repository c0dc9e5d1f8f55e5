package pip

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain lets this program stand for pip: it leaves the files that
// PIP_TEST_FILES names, NAME=CONTENT, and ends as PIP_TEST_EXIT says.
func TestMain(m *testing.M) {
	files, fake := os.LookupEnv("PIP_TEST_FILES")
	if !fake {
		os.Exit(m.Run())
	}
	args := os.Args[1:]
	dir := args[slices.Index(args, "--dest")+1]
	fmt.Println("Progress 3 of 7")
	fmt.Println("Saved it")
	fmt.Fprintln(os.Stderr, strings.Join(args, " "))
	list, _ := os.ReadFile(args[slices.Index(args, "-r")+1])
	fmt.Fprint(os.Stderr, string(list))
	for file := range strings.SplitSeq(files, ",") {
		name, content, _ := strings.Cut(file, "=")
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); name != "" && err != nil {
			panic(err)
		}
	}
	if os.Getenv("PIP_TEST_EXIT") == "stay" {
		time.Sleep(time.Hour)
	}
	if words := os.Getenv("PIP_TEST_EXIT"); words != "" {
		fmt.Fprintln(os.Stderr, words)
		os.Exit(1)
	}
	os.Exit(0)
}

func wheel(name, content string) Wheel {
	sum := sha256.Sum256([]byte(content))
	return Wheel{Project: name, Version: "1", File: name + ".whl", SHA256: hex.EncodeToString(sum[:])}
}

func fake(t *testing.T, files, exit string) Options {
	t.Helper()
	t.Setenv("PIP_TEST_FILES", files)
	t.Setenv("PIP_TEST_EXIT", exit)
	return Options{Command: []string{os.Args[0]}}
}

func TestFetch(t *testing.T) {
	o := fake(t, "a.whl=A,b.whl=B", "")
	var told []string
	o.Progress = func(done, total int64) { told = append(told, fmt.Sprint(done, "/", total)) }
	got, err := Fetch(t.Context(), o, wheel("b", "B"), wheel("a", "A"))
	if err != nil || len(got) != 2 || string(got[0]) != "B" || string(got[1]) != "A" {
		t.Errorf("%q, %v", got, err)
	}
	if strings.Join(told, " ") != "3/7" {
		t.Errorf("told %q", told)
	}
}

func TestFetchFails(t *testing.T) {
	a := wheel("a", "A")
	for _, c := range []struct{ files, exit, want string }{
		{"a.whl=A", "ERROR: no", "exit status 1\nSaved it\n"}, // and then all that it said
		{"a.whl=A", "ERROR: no", "--no-deps --only-binary=:all:"},
		{"a.whl=A", "ERROR: no", "\na==1 --hash=sha256:" + a.SHA256 + "\nERROR: no"},
		{"a.whl=A", "ProxyError", "\nThe proxy refused: set HTTPS_PROXY"},
		{"a.whl=A", "CERTIFICATE_VERIFY_FAILED", "global.cert"},
		{"a.whl=A", "Failed to establish", "no network"},
		{"a.whl=A", "THESE PACKAGES DO NOT MATCH THE HASHES", "which mirror"},
		{"a.whl=A", "No matching distribution", "pip is too old"},
		{"a.whl=B", "", "another wheel than a.whl: its sha-256 is df7e70e5021544f4834bbee64a9e3789febc4be81470df629cad6ddb03320a5c, which should be " + a.SHA256},
		{"b.whl=A", "", "a.whl: no such file"},
	} {
		got, err := Fetch(t.Context(), fake(t, c.files, c.exit), a)
		if err == nil || !strings.Contains(err.Error(), c.want) || got != nil {
			t.Errorf("%s, %s: %v, want %q", c.files, c.exit, err, c.want)
		}
	}
	if _, err := Fetch(t.Context(), Options{Command: []string{"no-such-pip"}}, a); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := Fetch(t.Context(), Options{}, a); err == nil || !strings.Contains(err.Error(), "no pip here (tried python3 -m pip") {
		t.Errorf("got %v", err)
	}
}

func TestFetchIsCancelled(t *testing.T) {
	o := fake(t, "", "stay")
	ctx, cancel := context.WithCancel(t.Context())
	o.Progress = func(int64, int64) { cancel() } // it has begun
	if _, err := Fetch(ctx, o, wheel("a", "A")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestSaysProgress(t *testing.T) {
	for version, want := range map[string]bool{
		"pip 23.2.1 from /usr": false, "pip 24.0 from /usr": false, "pip 24.1 from /usr": true, "pip 25.0.1 from /usr": true, "": false, "pip": false,
	} {
		if saysProgress(version) != want {
			t.Errorf("%s: %v", version, !want)
		}
	}
}
