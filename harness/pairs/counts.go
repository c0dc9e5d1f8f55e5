package pairs

// Filters by name, in their order.
const (
	OnlyComments = "only_comments"
	ManyLines    = "many_lines"
	ManyTokens   = "many_tokens"
	EqualTrees   = "equal_trees"
	Similar      = "near_duplicates"
	Surface      = "judge_model"
)

// Counts say what became of the traces.
type Counts struct {
	Traces    int `json:"traces"`             // read
	Dropped   int `json:"dropped"`            // by codeflow: they never passed, or their tests are worth nothing
	HeldOut   int `json:"failed_held_out"`    // their last version fails the tests that the model didn't see
	NoEarlier int `json:"no_earlier_version"` // right at once, or no earlier answer had a program
	TooLarge  int `json:"too_large"`          // texts that are too long, or differ in too much, to be a row

	Pairs   int        `json:"pairs"` // made of the others
	Filters []Filtered `json:"filters"`
	Kept    int        `json:"kept"`

	EmptyMask  int `json:"empty_rejected_spans"`     // of the kept: D⁻ is empty, because the earlier version only lacks lines
	Uncompared int `json:"uncompared_trees"`         // of the pairs: nested too deep to compare, not dropped for it
	Undecided  int `json:"undecided_by_judge_model"` // its answer could not be read; not dropped for it
}

// Filtered is what a filter did.
type Filtered struct {
	Name    string `json:"name"`
	Dropped int    `json:"dropped"`
	Left    int    `json:"left"`
}
