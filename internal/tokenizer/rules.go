package tokenizer

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/dlclark/regexp2/v2"
	"golang.org/x/text/unicode/norm"
)

// gpt2 is the pattern that ByteLevel splits by.
const gpt2 = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

func (t *Tokenizer) readAdded(f file) error {
	var texts []string
	t.addedID = make(map[string]int, len(f.Added))
	for _, a := range f.Added {
		if a.SingleWord || a.Left || a.Right {
			return fmt.Errorf("its token %q takes in what stands beside it: %w", a.Content, errFamily)
		}
		if a.Content != "" {
			texts = append(texts, regexp.QuoteMeta(a.Content))
			t.addedID[a.Content] = a.ID
		}
	}
	if len(texts) == 0 {
		return nil
	}
	var err error
	if t.added, err = regexp.Compile(strings.Join(texts, "|")); err != nil {
		return err
	}
	t.added.Longest()
	return nil
}

func (t *Tokenizer) readNormalizer(p *part) error {
	if p == nil {
		return nil
	}
	switch p.Type {
	case "Sequence":
		var err error
		for i := range p.Normalizer {
			err = errors.Join(err, t.readNormalizer(&p.Normalizer[i]))
		}
		return err
	case "NFC":
		t.forms = append(t.forms, norm.NFC)
	case "NFD":
		t.forms = append(t.forms, norm.NFD)
	case "NFKC":
		t.forms = append(t.forms, norm.NFKC)
	case "NFKD":
		t.forms = append(t.forms, norm.NFKD)
	default:
		return fmt.Errorf("its normalizer is %q: %w", p.Type, errFamily)
	}
	return nil
}

func (t *Tokenizer) readSplits(p *part) error {
	switch {
	case p == nil:
		return nil
	case t.byteLevel:
		return fmt.Errorf("its pre-tokenizer goes on after ByteLevel: %w", errFamily)
	}
	pattern := ""
	switch {
	case p.Type == "Sequence":
		for i := range p.Pre {
			if err := t.readSplits(&p.Pre[i]); err != nil {
				return err
			}
		}
		return nil
	case p.Type == "ByteLevel":
		t.byteLevel = true
		if p.UseRegex == nil || *p.UseRegex {
			pattern = gpt2
		}
	case p.Type == "Digits" && p.Individual:
		pattern = `\p{N}`
	case p.Type == "Digits":
		pattern = `\p{N}+`
	case p.Type == "Split" && p.Behavior == "Isolated" && !p.Invert && p.Pattern.Regex != "":
		pattern = p.Pattern.Regex
	case p.Type == "Split" && p.Behavior == "Isolated" && !p.Invert && p.Pattern.String != "":
		pattern = regexp2.Escape(p.Pattern.String)
	default:
		return fmt.Errorf("its pre-tokenizer is %q (%s): %w", p.Type, p.Behavior, errFamily)
	}
	s := split{prefix: p.Type == "ByteLevel" && p.Prefix}
	if pattern != "" {
		var err error
		if s.pattern, err = regexp2.Compile(pattern, regexp2.None); err != nil {
			return fmt.Errorf("its pre-tokenizer's pattern: %w", err)
		}
	}
	t.splits, t.prefix = append(t.splits, s), t.prefix || s.prefix
	return nil
}
