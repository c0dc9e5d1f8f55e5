package codeflow

import "strings"

// blocks are the insides of a markdown text's fenced code blocks, in order. A
// fence that is never closed opens none: what it holds was cut off.
func blocks(text string) []string {
	var out []string
	var inside []string
	fence := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		bare := strings.TrimSpace(line)
		switch {
		case fence == "" && strings.HasPrefix(bare, "```"):
			fence, inside = bare[:fenceLength(bare)], nil
		case fence != "" && bare == fence:
			out = append(out, strings.Join(inside, "\n"))
			fence = ""
		case fence != "":
			inside = append(inside, line)
		}
	}
	return out
}

func fenceLength(s string) int {
	return len(s) - len(strings.TrimLeft(s, "`"))
}
