package mask

// Diff returns D⁻ and D⁺: the pieces of rejected and of chosen that are outside
// of their longest common subsequence.
func Diff(rejected, chosen string, cut Pieces) (minus, plus []Span, err error) {
	r, c := cut(rejected), cut(chosen)
	hunks, err := diff(texts(rejected, r), texts(chosen, c))
	if err != nil {
		return nil, nil, err
	}
	for _, h := range hunks {
		minus = append(minus, r[h.rejected[0]:h.rejected[1]]...)
		plus = append(plus, c[h.chosen[0]:h.chosen[1]]...)
	}
	return join(minus), join(plus), nil
}

// Affix returns what lies between the pieces that both texts start with and
// those that both end with.
func Affix(rejected, chosen string, cut Pieces) (minus, plus []Span) {
	r, c := cut(rejected), cut(chosen)
	head, tail := affix(texts(rejected, r), texts(chosen, c))
	return join(r[head : len(r)-tail]), join(c[head : len(c)-tail])
}

func texts(text string, pieces []Span) []string {
	out := make([]string, len(pieces))
	for i, p := range pieces {
		out[i] = text[p.Start:p.End]
	}
	return out
}
