package pip

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
)

// Member unpacks one file of a zip archive in memory, of at most most bytes.
func Member(archive []byte, name string, most int64) ([]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	for _, f := range z.File {
		if f.Name == name {
			return Unpack(f, most)
		}
	}
	return nil, fmt.Errorf("archive: no member %s", name)
}

// Unpack unpacks a file of an archive, of at most most bytes.
func Unpack(f *zip.File, most int64) ([]byte, error) {
	failed := func(err error) ([]byte, error) { return nil, fmt.Errorf("archive member %s: %w", f.Name, err) }
	if f.UncompressedSize64 > uint64(most) {
		return failed(fmt.Errorf("%d bytes, at most %d", f.UncompressedSize64, most))
	}
	r, err := f.Open()
	if err != nil {
		return failed(err)
	}
	defer r.Close()
	data := make([]byte, f.UncompressedSize64)
	if _, err := io.ReadFull(r, data); err != nil {
		return failed(err)
	}
	if n, err := r.Read(make([]byte, 1)); n != 0 || err != io.EOF { // the end is where the checksum is compared
		return failed(fmt.Errorf("damaged: %w", err))
	}
	return data, nil
}
