package trainer

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const goodLine = `{"version":1,"id":"a","prompt":"p","chosen":"é\n","rejected":"e\n","chosen_spans":[[0,3]],"rejected_spans":[[0,2]],"task_id":"x"}`

func readPairs(text string) ([]Pair, error) {
	r, err := NewPairReader("pairs.jsonl", strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	var pairs []Pair
	for {
		p, err := r.Next()
		if err == io.EOF {
			return pairs, nil
		}
		if err != nil {
			return pairs, err
		}
		if p, err = p.WithSpans(); err != nil {
			return pairs, r.Errorf("%w", err)
		}
		pairs = append(pairs, p)
	}
}

func TestPairsReadAsWritten(t *testing.T) {
	want, err := NewPair("a", "p", "x = '<é>'\ny\n", "x = '<e>'\ny\n")
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := WritePair(&file, want); err != nil {
		t.Fatal(err)
	}
	got, err := readPairs(file.String())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Pair{want}, got); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(file.String(), "<é>") {
		t.Errorf("text was escaped without need: %s", file.String())
	}
}

// TestBadPairs: the error names the file, the line, and what to do.
func TestBadPairs(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"no D⁻", `,"rejected_spans":[[0,2]]`, ``, "it has chosen_spans (D⁺) and no rejected_spans (D⁻)"},
		{"null", `"chosen_spans":[[0,3]]`, `"chosen_spans":null`, "it has rejected_spans (D⁻) and no chosen_spans (D⁺)"},
		{"no mask", `"rejected_spans":[[0,2]]`, `"rejected_spans":1`, `rejected_spans is 1: spans are "all" or an array`},
		{"outside", `[[0,2]]`, `[[0,3]]`, "rejected_spans: span 0, 0 to 3, is outside of the text, which has 2 bytes"},
		{"half a character", `[[0,3]]`, `[[1,3]]`, "chosen_spans: span 0, 1 to 3, cuts a character"},
		{"not a span", `[[0,2]]`, `[[0,2,3]]`, "a span is [start, end]"},
		{"not a number", `[[0,2]]`, `[[0,1.5]]`, "a span is [start, end]"},
		{"version", `"version":1`, `"version":2`, "version is 2"},
		{"no id", `"id":"a"`, `"id":""`, "id is missing"},
		{"long id", `"id":"a"`, `"id":"` + strings.Repeat("a", 300) + `"`, "300 bytes"},
		{"no prompt", `"prompt":"p"`, `"prompt":""`, "pair a: prompt is missing"},
		{"prompt gone", `"prompt":"p",`, ``, "pair a: prompt is missing"},
		{"a number", `"prompt":"p"`, `"prompt":1`, "prompt is 1: it is a text, or a list of messages {role, content}"},
		{"another id", `"id":"a"`, `"id":[1]`, "id is [1], not a text"},
		{"no answer", `"chosen":"é\n"`, `"chosen":""`, "chosen is missing"},
		{"no object", goodLine, `[1]`, "a pair is an object"},
		{"cut off", goodLine, goodLine[:40], "a pair is an object"},
	} {
		t.Run(c.name, func(t *testing.T) {
			other := strings.Replace(goodLine, `"id":"a"`, `"id":"b"`, 1)
			bad := strings.Replace(goodLine, c.from, c.to, 1)
			if bad == goodLine {
				t.Fatal("the case changes nothing")
			}
			_, err := readPairs(other + "\n\n" + bad + "\n")
			if err == nil || !strings.HasPrefix(err.Error(), "pairs.jsonl:3: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want line 3 and %q", err, c.want)
			}
		})
	}
	_, err := readPairs(goodLine + "\n" + goodLine)
	if err == nil || err.Error() != "pairs.jsonl:2: pair a is in line 1 already" {
		t.Errorf("a pair twice: %v", err)
	}
}

// TestRowsOfOthers: rows as TRL has them, and what is read of each.
func TestRowsOfOthers(t *testing.T) {
	user, system, bot := `{"role":"user","content":"Add.\n"}`, `{"role":"system","content":"Be brief."}`, `{"role":"assistant","content":"How?"}`
	good, bad := `{"role":"assistant","content":"x\na + b\n"}`, `{"role":"assistant","content":"x\na - b\n"}`
	const texts = `"chosen":"x\na + b\n","rejected":"x\na - b\n"`
	for _, c := range []struct {
		name, row string
		id        string // "" is 1: the line
		prompt    string
		turns     string // roles of the prompt's messages
	}{
		{"texts", `{"prompt":"Add.\n",` + texts + `}`, "", "Add.\n", ""},
		{"a version and no spans", `{"version":7,"prompt":"Add.\n",` + texts + `,"chosen_spans":null}`, "", "Add.\n", ""},
		{"an id", `{"id":"q","prompt":"Add.\n",` + texts + `}`, "q", "Add.\n", ""},
		{"a number", `{"id":12,"prompt":"Add.\n",` + texts + `}`, "12", "Add.\n", ""},
		{"an id of another kind", `{"id":{"a":1},"prompt":"Add.\n",` + texts + `}`, "", "Add.\n", ""},
		{"a long id", `{"id":"` + strings.Repeat("x", 250) + `","prompt":"Add.\n",` + texts + `}`, "", "Add.\n", ""},
		{"other columns", `{"score":NaN,"prompt":"Add.\n","messages":[1],"Chosen":2,` + texts + `,"margin":Infinity}`, "", "Add.\n", ""},
		{"a prompt in both texts", `{"chosen":"Q: Ädd A: x\na + b\n","rejected":"Q: Ädd A: y"}`, "", "Q: Ädd A:", ""},
		{"no prompt", `{"prompt":null,"chosen":"Add.\nx\n+","rejected":"Add.\nx\n-"}`, "", "Add.\nx\n", ""},
		{"messages", `{"prompt":[` + user + `],"chosen":[` + good + `],"rejected":[` + bad + `]}`, "", "Add.\n", "user"},
		{"a system", `{"prompt":[` + system + `,` + user + `],"chosen":[` + good + `],"rejected":[` + bad + `]}`, "", "Be brief.\nAdd.\n", "system user"},
		{"a prompt in both conversations", `{"chosen":[` + user + `,` + good + `],"rejected":[` + user + `,` + bad + `]}`, "", "Add.\n", "user"},
		{"the same answer", `{"chosen":[` + user + `,` + good + `],"rejected":[` + user + `,` + good + `]}`, "", "Add.\n", "user"},
		{"turns", `{"chosen":[` + user + `,` + bot + `,` + user + `,` + good + `],"rejected":[` + user + `,` + bot + `,` + user + `,` + bad + `]}`, "", "Add.\nHow?\nAdd.\n", "user assistant user"},
		{"a text that says it again", `{"prompt":"Add.","chosen":[` + user + `,` + good + `],"rejected":[` + user + `,` + bad + `]}`, "", "Add.\n", "user"},
		{"a text alone", `{"prompt":"Add.","chosen":[` + good + `],"rejected":[` + bad + `]}`, "", "Add.\n", "user"},
		{"messages that say it again", `{"prompt":[` + user + `],"chosen":[` + user + `,` + good + `],"rejected":[` + user + `,` + bad + `]}`, "", "Add.\n", "user"},
		{"turns of the answers", `{"prompt":[` + user + `],"chosen":[` + bot + `,` + user + `,` + good + `],"rejected":[` + bot + `,` + user + `,` + bad + `]}`, "", "Add.\nHow?\nAdd.\n", "user assistant user"},
		{"answers are texts", `{"prompt":[` + user + `],` + texts + `}`, "", "Add.\n", "user"},
		{"parts", `{"prompt":[{"role":"user","content":[{"type":"text","text":"Ad"},{"type":"text","text":"d."}]}],"chosen":[` + good + `],"rejected":[{"role":"assistant","content":"x\na - b\n","tool_calls":null}]}`, "", "Add.\n", "user"},
	} {
		t.Run(c.name, func(t *testing.T) {
			pairs, err := readPairs(c.row)
			if err != nil {
				t.Fatal(err)
			}
			p := pairs[0]
			var roles []string
			for _, m := range p.Conversation {
				roles = append(roles, m.Role)
			}
			if c.id == "" {
				c.id = "1"
			}
			if p.ID != c.id || p.Prompt != c.prompt || strings.Join(roles, " ") != c.turns || p.Version != pairVersion {
				t.Errorf("read %+v", p)
			}
			if strings.Contains(c.row, `a - b`) && (p.Chosen != "x\na + b\n" || p.Rejected != "x\na - b\n" || !cmp.Equal(p.RejectedSpans, spans(2, 8)) || !cmp.Equal(p.ChosenSpans, spans(2, 8))) {
				t.Errorf("read %+v", p)
			}
		})
	}
	pairs, err := readPairs(strings.Repeat(`{"id":"q","prompt":"Add.",`+texts+"}\n", 2))
	if err != nil || pairs[0].ID != "q" || pairs[1].ID != "q#2" {
		t.Errorf("two rows of one task: %+v, %v", pairs, err)
	}
}

// TestBadRowsOfOthers: the error names the file, the line and the column.
func TestBadRowsOfOthers(t *testing.T) {
	user, bot := `{"role":"user","content":"p"}`, `{"role":"assistant","content":"a"}`
	for row, want := range map[string]string{
		`{"prompt":"p","chosen":"a"}`:                                                                                                "rejected is missing",
		`{"prompt":"p","rejected":"a"}`:                                                                                              "chosen is missing",
		`{"prompt":"p","chosen":["a"],"rejected":"b"}`:                                                                               "of chosen and rejected one is a text and one a list",
		`{"prompt":"p","chosen":{},"rejected":"b"}`:                                                                                  "chosen is {}: it is a text, or a list of messages",
		`{"chosen":"a","rejected":"b"}`:                                                                                              "pair 1: prompt is missing, and chosen and rejected don't begin alike",
		`{"chosen":[` + bot + `],"rejected":[` + bot + `]}`:                                                                          "pair 1: prompt is missing",
		`{"prompt":[],"chosen":"a","rejected":"b"}`:                                                                                  "prompt has no message",
		`{"prompt":["p"],"chosen":"a","rejected":"b"}`:                                                                               "prompt: message 1: a message is an object with role and content",
		`{"prompt":[` + user + `],"chosen":[{"role":"assistant"}],"rejected":[` + bot + `]}`:                                         "chosen: message 1: a message has role and content",
		`{"prompt":[` + user + `],"chosen":[{"from":"gpt","value":"a"}],"rejected":[` + bot + `]}`:                                   "chosen: message 1: a message has role and content",
		`{"prompt":[` + user + `],"chosen":[{"role":1,"content":"a"}],"rejected":[` + bot + `]}`:                                     "chosen: message 1: role is 1, not a text",
		`{"prompt":[` + user + `],"chosen":[` + bot + `],"rejected":[` + user + `]}`:                                                 `rejected ends with a message of role "user"`,
		`{"chosen":[` + user + `,` + user + `,` + bot + `],"rejected":[` + user + `,` + bot + `]}`:                                   "chosen has 2 messages after those that both answers begin with",
		`{"prompt":[` + user + `],"chosen":[{"role":"assistant","content":"a","tool_calls":[{}]}],"rejected":[` + bot + `]}`:         "it has tool_calls: only texts",
		`{"prompt":[{"role":"user","content":[{"type":"image"}]}],"chosen":[` + bot + `],"rejected":[` + bot + `]}`:                  `content has a part {"type":"image"}`,
		`{"prompt":"p","chosen":"` + strings.Repeat(`a\n`, 5000) + `z","rejected":"` + strings.Repeat(`b\n`, 5000) + `y"}`:           "pair 1: chosen and rejected: the texts differ in too much",
		`{"version":1,"id":"x","prompt":"p","chosen":["a"],"rejected":["b"],"chosen_spans":[[0,1]],"rejected_spans":[[0,1]]}`:        "chosen: message 1: ",
		`{"version":1,"id":"x","chosen":"pa","rejected":"pb","chosen_spans":[[0,1]],"rejected_spans":[[0,1]]}`:                       "pair x: prompt is missing",
		`{"version":1,"id":"x","prompt":[` + user + `],"chosen":"a","rejected":"b","chosen_spans":[[0,9]],"rejected_spans":[[0,1]]}`: "pair x: chosen_spans: span 0, 0 to 9, is outside",
	} {
		_, err := readPairs(row)
		if err == nil || !strings.HasPrefix(err.Error(), "pairs.jsonl:1: ") || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "json:") {
			t.Errorf("%.200s\n%v, want %q", row, err, want)
		}
	}
}

// FuzzPairs: a line that is read can be written and read again.
func FuzzPairs(f *testing.F) {
	f.Add(goodLine)
	f.Add(strings.Replace(goodLine, `[[0,2]]`, `"all"`, 1))
	f.Add(strings.Replace(goodLine, `[[0,2]]`, `[]`, 1))
	f.Add(`{"chosen":[{"role":"user","content":"p"},{"role":"assistant","content":"a"}],"rejected":[{"role":"user","content":"p"},{"role":"assistant","content":"b"}]}`)
	f.Add(`{"chosen":"p a","rejected":"p b"}`)
	f.Fuzz(func(t *testing.T, line string) {
		first, err := readPairs(line)
		if err != nil {
			t.Skip(err)
		}
		var file bytes.Buffer
		for _, p := range first {
			if err := WritePair(&file, p); err != nil {
				t.Fatal(err)
			}
		}
		again, err := readPairs(file.String())
		if err != nil {
			t.Fatalf("%v in %s", err, file.String())
		}
		a, _ := json.Marshal(first)
		b, _ := json.Marshal(again)
		if !bytes.Equal(a, b) {
			t.Errorf("read %s, then %s", a, b)
		}
	})
}
