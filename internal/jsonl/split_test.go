package jsonl

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestObject(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`{}`, ``},
		{` { } `, ``},
		{`{"a": 1}`, `a=1;`},
		{`{"a":"x\"}","b" : [1,{"c":"]"}] , "d":-Infinity}`, `a="x\"}";b=[1,{"c":"]"}];d=-Infinity;`},
		{`{"\u0061": null}`, `a=null;`},
		{`{"a": 1, "a": 2}`, `a=1;a=2;`},
		{``, `error: malformed JSON at byte 1: want an object`},
		{`[]`, `error: malformed JSON at byte 1: want an object`},
		{`{`, `error: the JSON ends early`},
		{`{"a"`, `error: the JSON ends early`},
		{`{"a":`, `error: the JSON ends early`},
		{`{"a":1`, `error: the JSON ends early`},
		{`{"a":"1`, `error: the JSON ends early`},
		{`{"a":"1\`, `error: the JSON ends early`},
		{`{"a":[1`, `error: the JSON ends early`},
		{`{"a" 1}`, `error: malformed JSON at byte 6: want ':', have '1'`},
		{`{"a":,}`, `error: malformed JSON at byte 6: want a value, have ','`},
		{`{"a":1,}`, `error: malformed JSON at byte 8: want a value, have '}'`},
		{`{"a":1 2}`, `error: malformed JSON at byte 8: want '}', have '2'`},
		{`{1:2}`, `error: malformed JSON at byte 3: a member's name is not a string`},
		{`{"a":1}x`, `error: malformed JSON at byte 8: text after the end`},
	} {
		members, err := Object([]byte(tt.in))
		var got strings.Builder
		for _, m := range members {
			fmt.Fprintf(&got, "%s=%s;", m.Key, m.Raw)
		}
		if err != nil {
			got.Reset()
			fmt.Fprintf(&got, "error: %v", err)
		}
		if got.String() != tt.want {
			t.Errorf("%s: got %s, want %s", tt.in, got.String(), tt.want)
		}
	}
}

func TestArray(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`[]`, ``},
		{"[\n]", ``},
		{`[1, [2, 3], "a,]", {"b": [4]}]`, `1;[2, 3];"a,]";{"b": [4]};`},
		{`[1,]`, `error: malformed JSON at byte 4: want a value, have ']'`},
		{`[1}`, `error: malformed JSON at byte 3: want ']', have '}'`},
		{`{}`, `error: malformed JSON at byte 1: want a list`},
	} {
		items, err := Array([]byte(tt.in))
		got := ""
		for _, item := range items {
			got += string(item) + ";"
		}
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.in, got, tt.want)
		}
	}
}

// FuzzSplit holds the splitter against encoding/json: what is valid there is
// split into the same members and items.
func FuzzSplit(f *testing.F) {
	for _, s := range []string{`{}`, `[]`, `{"a":[1,"]",{"b":"}"}],"\ud83d\ude00":1e9}`, `[[],{},"\\",null]`, `{"a":"\"`, `[1,,2]`, `{"a":Infinity}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		members, errObject := Object(text)
		items, errArray := Array(text)
		if !json.Valid(text) {
			return
		}
		switch bytes.TrimLeft(text, " \t\r\n")[0] {
		case '{':
			var want map[string]json.RawMessage
			if errObject != nil || json.Unmarshal(text, &want) != nil {
				t.Fatalf("valid, and refused: %v", errObject)
			}
			got := make(map[string]json.RawMessage)
			for _, m := range members {
				got[m.Key] = m.Raw
			}
			if len(got) != len(want) {
				t.Fatalf("%d members, want %d", len(got), len(want))
			}
			for k, v := range want {
				if !bytes.Equal(got[k], v) {
					t.Fatalf("%q: got %s, want %s", k, got[k], v)
				}
			}
		case '[':
			var want []json.RawMessage
			if errArray != nil || json.Unmarshal(text, &want) != nil {
				t.Fatalf("valid, and refused: %v", errArray)
			}
			if len(items) != len(want) {
				t.Fatalf("%d items, want %d", len(items), len(want))
			}
			for i := range want {
				if !bytes.Equal(items[i], want[i]) {
					t.Fatalf("item %d: got %s, want %s", i, items[i], want[i])
				}
			}
		}
	})
}

func TestUnique(t *testing.T) {
	deep := func(n int) string { return strings.Repeat(`{"a":[`, n) + strings.Repeat(`]}`, n) }
	for _, tt := range []struct{ in, want string }{
		{`{}`, ""},
		{`{"a": 1, "b": {"a": [{"a": 1}, {"a": "a"}, "a", "a"]}, "c": "a", "A": NaN}`, ""},
		{`[{"a": 1}, {"a": 1}]`, ""},
		{`{"a": "\\\"", "b": "\\"}`, ""},
		{deep(4999), ""},
		{`{"a": 1, "a": 1}`, `there are two members "a" in one object`},
		{`{"a": 1, "b": [], "\u0061": 1}`, `there are two members "a" in one object`},
		{`[{"x": [{"b": {}, "c": 1, "b": 2}]}]`, `there are two members "b" in one object`},
		{`{"": 1, "": 2}`, `there are two members "" in one object`},
		{deep(5001), "nested more than 10000 deep"},
		{`{"a": 1, "a`, ""}, // malformed, which whoever parses it says
		{`}]`, ""},
	} {
		got := ""
		if err := Unique([]byte(tt.in)); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%.60s: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

// FuzzUnique holds Unique against a decoder that knows the names of each object.
func FuzzUnique(f *testing.F) {
	for _, s := range []string{`{"a":1,"a":2}`, `[{"a":{"b":1,"\u0062":2}}]`, `{"a":"a","b":["a","a"]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		err := Unique(text)
		if !json.Valid(text) {
			return
		}
		if twice := repeats(t, json.NewDecoder(bytes.NewReader(text))); twice != (err != nil) {
			t.Errorf("%s: %v, and a name is there twice: %v", text, err, twice)
		}
	})
}

// repeats reads one value, and says whether an object has a name twice.
func repeats(t *testing.T, d *json.Decoder) (twice bool) {
	token, err := d.Token()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	switch token {
	case json.Delim('{'), json.Delim('['):
	default:
		return false
	}
	for d.More() {
		if token == json.Delim('{') {
			name, err := d.Token()
			if err != nil {
				t.Fatal(err)
			}
			twice = twice || names[name.(string)]
			names[name.(string)] = true
		}
		twice = repeats(t, d) || twice
	}
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	return twice
}
