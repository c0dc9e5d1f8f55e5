package python

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"math"

	"github.com/assay-dev/assay/runtimes/value"
)

// Words of frames that are not results.
const (
	wordLoaded   = "loaded" // the program ran to its end and waits for inputs
	wordTagged   = "tagged" // a result, in the tagged form
	wordPart     = "part"   // a part of a result, and not its last
	wordTagPart  = "tagged part"
	wordCall     = "call"     // the test calls the candidate
	wordCode     = "compiled" // the test's code
	wordDone     = "done"     // the test, or the main program, ran to its end
	wordRaised   = "raised"   // an exception came out of the program
	wordMemory   = "memory"   // the like, and it is MemoryError
	wordSyntax   = "syntax"   // the program is not Python
	wordEnded    = "ended"    // SystemExit came out of the program
	wordRefused  = "refused"  // a value has no encoding
	wordTest     = "test"     // a unit test ended
	wordNames    = "names"    // of the unit tests
	wordTampered = "tampered" // the program changed unittest
)

// frame is what the guest sent: (token, body) for a result, (token, word, body)
// for everything else.
type frame struct {
	token token
	word  string // "" for a result
	body  []byte // marshal's bytes, not looked at yet
}

// token numbers an answer of the host; the guest's next frame carries it.
type token [8]byte

// tokens makes the tokens of one program: the same ones for the same program,
// and none that a program can know before the host gave it.
type tokens struct {
	key  [32]byte
	next uint64
}

func newTokens(seed string) *tokens { return &tokens{key: sha256.Sum256([]byte(seed))} }

func (t *tokens) make() token {
	t.next++
	sum := sha256.Sum256(binary.LittleEndian.AppendUint64(t.key[:], t.next))
	return token(sum[:8])
}

var (
	pairHead   = []byte{'(', 2, 0, 0, 0, 's', 8, 0, 0, 0}
	tripleHead = []byte{'(', 3, 0, 0, 0, 's', 8, 0, 0, 0}
)

const (
	headLen = 10 // "(" count "s" length
	maxWord = 16 // more than any word has
)

// parseFrame takes a frame apart. False means that it is not of the form: the
// driver did not write it.
func parseFrame(raw []byte) (f frame, ok bool) {
	if len(raw) < headLen+len(f.token) {
		return f, false
	}
	head, rest := raw[:headLen], raw[headLen:]
	copy(f.token[:], rest)
	rest = rest[len(f.token):]
	if bytes.Equal(head, pairHead) {
		f.body = rest
		return f, true
	}
	if !bytes.Equal(head, tripleHead) || len(rest) < 5 || rest[0] != 'u' {
		return f, false
	}
	n := binary.LittleEndian.Uint32(rest[1:])
	rest = rest[5:]
	if n > maxWord || int(n) > len(rest) || n == 0 {
		return f, false
	}
	f.word, f.body = string(rest[:n]), rest[n:]
	return f, true
}

// reply is an answer to the guest, written in a row; empty when the run is over.
type reply struct{ head, body []byte }

func (r reply) size() int { return len(r.head) + len(r.body) }

// answer is marshal's (token, body).
func answer(t token, body []byte) reply {
	return reply{append(append(make([]byte, 0, 18), pairHead...), t[:]...), body}
}

// again asks for the last result in the tagged form: (token, None).
func again(t token) reply { return answer(t, []byte{'N'}) }

// goOn asks for the next part of a result: (token, True).
func goOn(t token) reply { return answer(t, []byte{'T'}) }

// job is marshal's tuple of a mode and what it needs.
func job(mode string, t token, more ...value.Value) reply {
	tuple := append(value.Tuple{value.Str(mode), value.Bytes(t[:])}, more...)
	raw, err := value.AppendMarshal(nil, tuple)
	if err != nil {
		panic(err) // plain values have a plain form
	}
	return reply{body: raw}
}

// ambiguous says that a value can't stand as marshal wrote it: there is a
// buffer in it, or a type that the encoding doesn't have. Items are read in a
// row, since containers say how many follow and nothing says more.
func ambiguous(raw []byte) bool {
	if bytes.IndexByte(raw, 's') < 0 {
		return false
	}
	for len(raw) > 0 {
		n := 1
		switch raw[0] {
		case 'N', 'T', 'F', '0', '{':
		case 'i', '(', '[', '<', '>':
			n = 5
		case 'g':
			n = 9
		case 'y':
			n = 17
		case 'u':
			n = 5 + int(count(raw))
		case 'l':
			n = 5 + 2*max(int(count(raw)), -int(count(raw))) // the count has the int's sign
		default:
			return true
		}
		if n < 1 || n > len(raw) {
			return true
		}
		raw = raw[n:]
	}
	return false
}

// count is what an item says of how much follows it; more than there can be when
// even that is cut off.
func count(raw []byte) int32 {
	if len(raw) < 5 {
		return math.MaxInt32
	}
	return int32(binary.LittleEndian.Uint32(raw[1:]))
}
