package report

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// page is all that is known of one sample or trace. The browser makes it when it
// is asked for.
type page struct {
	Title   string      `json:"title"`
	Verdict string      `json:"verdict"`
	Facts   [][2]string `json:"facts"`
	Parts   []part      `json:"parts"`
}

// part is a titled text of a page.
type part struct {
	Head string `json:"h"`
	text
	Code   bool  `json:"n,omitempty"` // lines have numbers
	Lines  []int `json:"l,omitempty"` // lines that are pointed out
	Beside *part `json:"b,omitempty"` // stands beside it
	Folded bool  `json:"f,omitempty"` // opened when asked for
	Step   bool  `json:"s,omitempty"` // a new attempt begins
}

// add appends a part, if it has a text.
func (p *page) add(x part) {
	if x.Text != "" || x.Beside != nil && x.Beside.Text != "" {
		p.Parts = append(p.Parts, x)
	}
}

// plainPart is a part without classes.
func plainPart(head, s string) part { return part{Head: head, text: text{Text: shown(s, mostText)}} }

// mostPages bounds what a report holds of samples and traces, in bytes of JSON.
const mostPages = 128 << 20

// book is the pages of a folder, in the order of its rows; one that has no room
// is null.
type book struct {
	pages [][]byte
	room  *int // what is left of mostPages, for all books
	left  int  // pages without room
}

func (b *book) add(p page) error {
	data, err := json.Marshal(p) // < and > are escapes in it
	if err != nil {
		return err
	}
	if len(data) > *b.room {
		data = []byte("null")
		b.left++
	}
	*b.room -= len(data)
	b.pages = append(b.pages, data)
	return nil
}

// packed is the pages as the page's script unpacks them: a list of JSON,
// gzipped, in base64.
func (b *book) packed() (string, error) {
	var out bytes.Buffer
	encoder := base64.NewEncoder(base64.StdEncoding, &out)
	z, err := gzip.NewWriterLevel(encoder, gzip.BestCompression)
	if err != nil {
		return "", err
	}
	_, err = fmt.Fprintf(z, "[%s]", bytes.Join(b.pages, []byte(",\n")))
	for _, end := range []func() error{z.Close, encoder.Close} {
		if err == nil {
			err = end()
		}
	}
	return out.String(), err
}
