package memfs

import (
	"archive/zip"
	"crypto/sha256"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
)

// Bounds of an archive, read before anything is unpacked.
const (
	zipEntries   = 100_000
	zipTotal     = 2 << 30 // bytes unpacked, all entries
	zipFile      = 256 << 20
	zipRatio     = 200 // unpacked to packed, past the first MiB of a file
	zipRatioFrom = 1 << 20
)

// FromZip builds a tree over an archive. Its files are unpacked when they are
// first read, so r must stay readable and unchanged as long as the tree is
// used. key names the archive in the tree's hash; nil: its sha-256 is taken.
func FromZip(r io.ReaderAt, size int64, key []byte) (*Tree, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("reading the archive's directory: %w", err)
	}
	if err := checkZip(z); err != nil {
		return nil, err
	}
	if key == nil {
		h := sha256.New()
		if _, err := io.Copy(h, io.NewSectionReader(r, 0, size)); err != nil {
			return nil, fmt.Errorf("hashing the archive: %w", err)
		}
		key = h.Sum(nil)
	}
	b := NewBuilder()
	for _, f := range z.File {
		if err := addZip(b, f, key); err != nil {
			return nil, fmt.Errorf("archive: %w", err)
		}
	}
	return b.Tree(), nil
}

func checkZip(z *zip.Reader) error {
	if len(z.File) > zipEntries {
		return fmt.Errorf("archive of %d entries: more than %d", len(z.File), zipEntries)
	}
	var total uint64
	for _, f := range z.File {
		if f.UncompressedSize64 > zipFile {
			return fmt.Errorf("archive: %q unpacks to %d bytes: more than %d", f.Name, f.UncompressedSize64, zipFile)
		}
		if f.UncompressedSize64 > zipRatioFrom && f.UncompressedSize64/zipRatio > f.CompressedSize64 {
			return fmt.Errorf("archive: %q unpacks to %d bytes from %d: more than %d times", f.Name, f.UncompressedSize64, f.CompressedSize64, zipRatio)
		}
		total += f.UncompressedSize64
	}
	if total > zipTotal {
		return fmt.Errorf("archive unpacks to %d bytes: more than %d", total, zipTotal)
	}
	return nil
}

func addZip(b *Builder, f *zip.File, key []byte) error {
	if strings.HasPrefix(f.Name, "/") || strings.Contains(f.Name, "\\") {
		return fmt.Errorf("%q: not a relative path with slashes", f.Name)
	}
	switch mode := f.Mode(); {
	case mode.IsDir():
		return b.Dir(f.Name)
	case !mode.IsRegular():
		return fmt.Errorf("%q: neither a file nor a directory", f.Name)
	}
	return b.add(f.Name, &sketch{kind: File, blob: &blob{
		size:   f.UncompressedSize64,
		digest: sha256.Sum256(append([]byte(f.Name+"\x00"), key...)),
		load:   func() ([]byte, error) { return unpack(f) },
	}})
}

// unpack reads one entry: never more than it announced, and never less.
func unpack(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("opening %q in its archive: %w", f.Name, err)
	}
	defer r.Close()
	data := make([]byte, f.UncompressedSize64)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, fmt.Errorf("unpacking %q: %w", f.Name, err)
	}
	if crc32.ChecksumIEEE(data) != f.CRC32 {
		return nil, fmt.Errorf("unpacking %q: wrong checksum; the archive is damaged", f.Name)
	}
	return data, nil
}
