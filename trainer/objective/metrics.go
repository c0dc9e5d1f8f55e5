package objective

// Metrics are a batch's figures under TRL's names, with dpo_loss and nll_loss,
// the formula's two parts before w and α. What a method doesn't have is absent.
// Rewards and logps are taken over the masks, as the loss takes them.
type Metrics map[string]float64

func (o Objective) metrics(batch []Pair, k Scale, preference, nll float64) Metrics {
	m := Metrics{}
	n := float64(len(batch))
	for _, p := range batch {
		for side, a := range map[Side]Answer{Chosen: p.Chosen, Rejected: p.Rejected} {
			if len(a.Policy) > 0 {
				m["logps/"+string(side)] += margin(a.Mask, a.Policy) / n
			}
		}
	}
	if o.Method.NLL != None {
		m["nll_loss"] = nll
		m["loss"] += k.Alpha * nll
	}
	if !o.Method.Preference {
		return m
	}
	m["dpo_loss"] = preference
	m["loss"] += k.W * preference
	m["rewards/accuracies"] = 0
	for _, p := range batch {
		chosen, rejected := o.reward(p.Chosen), o.reward(p.Rejected)
		m["rewards/chosen"] += chosen / n
		m["rewards/rejected"] += rejected / n
		m["rewards/margins"] += (chosen - rejected) / n
		if chosen > rejected {
			m["rewards/accuracies"] += 1 / n
		}
	}
	return m
}

// reward is β K.
func (o Objective) reward(a Answer) float64 {
	return o.Beta * (margin(a.Mask, a.Policy) - margin(a.Mask, a.Reference))
}
