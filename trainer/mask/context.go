package mask

// Coin decides something for one pair. Equal n gives equal answers.
type Coin func(n int) bool

// Context adds lines to spans: count lines to each run of lines that the spans
// touch. Each is the next line above the run or, if the coin says so, below it;
// where the text ends on one side the other serves.
func Context(text string, spans []Span, count int, coin Coin) []Span {
	lines := Lines(text)
	return join(widen(lines, runs(lines, spans), count, coin))
}

// ContextOfChanges is Context around every place where the texts differ, those
// too where rejected only lacks something and D⁻ has no line.
func ContextOfChanges(rejected, chosen string, count int, coin Coin) (minus, plus []Span, err error) {
	r, c := Lines(rejected), Lines(chosen)
	hunks, err := diff(texts(rejected, r), texts(chosen, c))
	if err != nil {
		return nil, nil, err
	}
	var inRejected, inChosen [][2]int
	for _, h := range hunks {
		inRejected, inChosen = append(inRejected, h.rejected), append(inChosen, h.chosen)
	}
	return join(widen(r, inRejected, count, coin)), join(widen(c, inChosen, count, coin)), nil
}

// runs returns the ranges of lines that the spans touch; neighbours are one run.
func runs(lines, spans []Span) [][2]int {
	var out [][2]int
	i := 0
	for _, s := range spans {
		for i < len(lines) && lines[i].End <= s.Start {
			i++
		}
		from := i
		for i < len(lines) && lines[i].Start < s.End {
			i++
		}
		to := i
		if i > from {
			i-- // the next span may begin in this line
		}
		if n := len(out); n > 0 && from <= out[n-1][1] {
			out[n-1][1] = max(out[n-1][1], to)
		} else {
			out = append(out, [2]int{from, to})
		}
	}
	return out
}

// widen returns the spans of the runs with their context. Neighbouring runs may
// reach into each other.
func widen(lines []Span, runs [][2]int, count int, coin Coin) []Span {
	in := make([]bool, len(lines))
	for n, run := range runs {
		from, to := run[0], run[1]
		for k := range count {
			below := coin(n*count + k)
			if from == 0 {
				below = true
			} else if to == len(lines) {
				below = false
			}
			if below {
				to = min(to+1, len(lines))
			} else {
				from--
			}
		}
		for i := from; i < to; i++ {
			in[i] = true
		}
	}
	var out []Span
	for i, line := range lines {
		if in[i] {
			out = append(out, line)
		}
	}
	return out
}
