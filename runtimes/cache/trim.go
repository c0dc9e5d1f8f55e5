package cache

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// What nobody has read for keep is removed, looked for once in trimEvery; a read
// is noted once in noteEvery. What was fetched stays: making it anew takes a
// network. Go's own build cache does the same.
const (
	keep      = 10 * 24 * time.Hour
	trimEvery = 24 * time.Hour
	noteEvery = time.Hour
)

// trimName is the file whose time says when the folder was trimmed last.
const trimName = "trimmed"

// besides is the end of the name of a folder that belongs to the entry of the
// same name: what another library wrote (see Store.Dir).
const besides = ".d"

// note says that an entry was read. Where that can't be written, it is removed
// too early, and made anew.
func note(path string, info fs.FileInfo) {
	if now := time.Now(); now.Sub(info.ModTime()) > noteEvery {
		_ = os.Chtimes(path, now, now)
	}
}

// trim removes what nobody has read for long. Every failure leaves an entry for
// the next time.
func (f *Folder) trim() {
	marker := filepath.Join(f.root, trimName)
	info, err := os.Stat(marker)
	if err == nil && time.Since(info.ModTime()) < trimEvery {
		return
	}
	if os.WriteFile(marker, nil, 0o644) != nil || err != nil { // a new folder has nothing old
		return
	}
	_ = os.Chtimes(marker, time.Now(), time.Now())
	for _, kind := range Kinds() {
		if kind != Wheels && kind != Suites {
			trimKind(filepath.Join(f.root, kind))
		}
	}
}

func trimKind(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if lastRead(path, e) > keep {
			_ = os.RemoveAll(path)
		}
	}
}

// lastRead is how long ago an entry was read, or written. A folder beside an
// entry is as old as that.
func lastRead(path string, e fs.DirEntry) time.Duration {
	info, err := e.Info()
	if entry, ok := strings.CutSuffix(path, besides); ok && e.IsDir() {
		if of, absent := os.Stat(entry); absent == nil {
			info, err = of, nil
		}
	}
	if err != nil {
		return 0
	}
	return time.Since(info.ModTime())
}
