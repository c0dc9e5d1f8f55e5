package benchmarks

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/runtimes/value"
)

// Peer says which other harness wrote a file of samples, and what the results
// that it would have written are called.
type Peer struct {
	Harness string
	Task    string
	Filter  string   // of lm-evaluation-harness
	Metrics []string // the same
}

// The harnesses.
const (
	LMEval  = "lm-evaluation-harness"
	BigCode = "bigcode-evaluation-harness"
)

// peerTasks is what they call our suites, for files whose names don't say it.
var peerTasks = map[string]map[string]string{
	LMEval:  {"humaneval+": "humaneval_plus", "mbpp+": "mbpp_plus"},
	BigCode: {"humaneval+": "humanevalplus", "mbpp+": "mbppplus"},
}

var (
	lmEvalName  = regexp.MustCompile(`^samples_(.+)_\d{4}-\d{2}-\d{2}T.*\.jsonl(\.gz)?$`)
	bigCodeName = regexp.MustCompile(`^generations_(.+)\.json(\.gz)?$`)
)

// PeerOf looks at the start of a file of samples; nil for all that is ours, or
// evalplus's, or LiveCodeBench's.
func PeerOf(path string, s *Suite) (*Peer, error) {
	stat, err := os.Stat(path)
	if path == CanonicalSamples || path == ExampleSamples || err != nil || stat.IsDir() {
		return nil, nil // ReadSamples says what is wrong
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	plain, err := jsonl.Decompress(f)
	if err != nil {
		return nil, &jsonl.Error{File: path, Err: err}
	}
	in := bufio.NewReader(plain)
	if startsArray(in) {
		return bigCodePeer(in, path, s), nil
	}
	r, err := jsonl.NewReader(path, in, jsonl.Bounds{})
	if err != nil {
		return nil, err
	}
	line, _, err := r.Next()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return lmEvalPeer(line, path, s), nil
}

// bigCodePeer: an array in an array. LiveCodeBench's own programs take that too.
func bigCodePeer(in *bufio.Reader, path string, s *Suite) *Peer {
	if _, err := in.ReadString('['); err != nil {
		return nil
	}
	if s.Name == LiveCodeBench || !startsArray(in) {
		return nil
	}
	return &Peer{Harness: BigCode, Task: peerTask(BigCode, bigCodeName, path, s)}
}

func lmEvalPeer(line []byte, path string, s *Suite) *Peer {
	parsed, err := value.ParseJSON(line)
	row, ok := parsed.(value.Dict)
	if err != nil || !ok {
		return nil
	}
	fields := membersOf(row)
	if !isResponse(fields) {
		return nil
	}
	p := &Peer{Harness: LMEval, Task: peerTask(LMEval, lmEvalName, path, s), Filter: filterOf(fields)}
	metrics, _ := fields["metrics"].(value.List)
	for _, m := range metrics {
		if name, ok := m.(value.Str); ok {
			p.Metrics = append(p.Metrics, string(name))
		}
	}
	return p
}

func peerTask(harness string, name *regexp.Regexp, path string, s *Suite) string {
	if m := name.FindStringSubmatch(filepath.Base(path)); m != nil {
		return m[1]
	}
	if task := peerTasks[harness][s.Name]; task != "" {
		return task
	}
	return s.Name
}

// membersOf gives a row's fields by their names.
func membersOf(row value.Dict) map[string]value.Value {
	fields := make(map[string]value.Value, len(row))
	for _, p := range row {
		fields[string(p.Key.(value.Str))] = p.Val
	}
	return fields
}

// isResponse says whether a row is one that lm-evaluation-harness logs.
func isResponse(fields map[string]value.Value) bool {
	return fields["task_id"] == nil && fields["doc"] != nil && fields["filtered_resps"] != nil
}

func filterOf(fields map[string]value.Value) string {
	if name, ok := fields["filter"].(value.Str); ok {
		return string(name)
	}
	return "none"
}

// addResponses takes the programs of such a row: what the task's filter made of
// the model's answers, a text or a list of texts for each request. With tests it
// is a whole program.
func (c *sampleCollector) addResponses(fields map[string]value.Value, origin string) error {
	doc, ok := fields["doc"].(value.Dict)
	if !ok {
		return fmt.Errorf(`field "doc": want an object, have %s`, value.Repr(fields["doc"], 40))
	}
	members := membersOf(doc)
	id := members["task_id"]
	if id == nil {
		return errors.New(`field "doc": it has no "task_id", so nobody knows which problem the row is for`)
	}
	p, err := c.problem(id)
	if err != nil {
		return err
	}
	filter := filterOf(fields)
	if c.filter == nil {
		c.filter = &filter
	}
	if *c.filter != filter {
		return fmt.Errorf("the row is what the filter %s made, and others are what %s made: leave the rows of one", quoted(filter), quoted(*c.filter))
	}
	responses, ok := fields["filtered_resps"].(value.List)
	if !ok {
		return fmt.Errorf(`field "filtered_resps": want a list, have %s`, value.Repr(fields["filtered_resps"], 40))
	}
	for _, r := range responses {
		if one, ok := r.(value.Str); ok {
			r = value.List{one}
		}
		programs, ok := r.(value.List)
		if !ok {
			return fmt.Errorf(`field "filtered_resps": want texts, have %s in it`, value.Repr(r, 40))
		}
		if err := c.addPrograms(p, programs, origin); err != nil {
			return err
		}
	}
	return nil
}

// Ks are the k of pass@k that the metrics of lm-evaluation-harness ask for, by
// the metric's name.
func (p *Peer) Ks() map[string]int {
	out := map[string]int{}
	for _, name := range p.Metrics {
		for _, prefix := range []string{"pass@", "pass_at_"} {
			k := 0
			if rest, ok := strings.CutPrefix(name, prefix); ok {
				if _, err := fmt.Sscanf(rest, "%d", &k); err == nil && k > 0 {
					out[name] = k
				}
			}
		}
	}
	return out
}
