package model

// Price is what a million tokens cost, in dollars, where the server does not say
// what an answer costs.
type Price struct{ Prompt, Completion float64 }

// Of fills in the cost of an answer.
func (p Price) Of(u Usage) Usage {
	if u.Cost == 0 {
		u.Cost = (float64(u.PromptTokens)*p.Prompt + float64(u.CompletionTokens)*p.Completion) / 1e6
	}
	return u
}
