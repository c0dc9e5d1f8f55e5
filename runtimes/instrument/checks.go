package instrument

// Where functions look at the meters. Loops always look, at every round. Of
// the functions only so many have to on entry that between two looks little
// fuel is used and the stack grows by little:
//
//   - those that call themselves, by way of others or not: one on every cycle
//     of direct calls, and whatever indirect calls reach, unless it calls
//     nothing and is small;
//   - those that take much fuel or stack with all they call before the next look.
//
// The stack of a function that does not look is charged to its callers' frames.
const (
	smallLeaf   = 500       // fuel of a function behind a pointer that need not look
	maxUnlooked = 20_000    // fuel between two looks, by what does not look
	maxBetween  = 1_000_000 // fuel between two looks, by what does
	freeSlots   = 128       // stack of a function that need not look
)

// unlooked is what a function that does not look takes, its callees included.
type unlooked struct {
	fuel  int64
	slots int64
}

// callStep is a function on the way of placeChecks, and which call comes next.
type callStep struct {
	fn, next int
}

// placeChecks decides which functions look on entry: it walks the direct calls
// depth first, and a call back into the way just taken closes a cycle.
func (a *analysis) placeChecks(overhead uint32) {
	const seen, done = 1, 2
	state := make([]uint8, len(a.funcs))
	taken := make([]unlooked, len(a.funcs))
	var way []callStep
	for root := a.m.ImportedFuncs; root < len(a.funcs); root++ {
		if state[root] != 0 {
			continue
		}
		state[root] = seen
		way = append(way, callStep{fn: root})
		for len(way) > 0 {
			step := &way[len(way)-1]
			f := &a.funcs[step.fn]
			if step.next == f.ndirect {
				a.finish(step.fn, int64(f.slots+overhead), taken)
				state[step.fn] = done
				way = way[:len(way)-1]
				continue
			}
			callee := int(a.calls[f.direct+step.next])
			step.next++
			switch {
			case callee < a.m.ImportedFuncs:
			case state[callee] == 0:
				state[callee] = seen
				way = append(way, callStep{fn: callee})
			case state[callee] == seen:
				a.funcs[callee].checked = true
			}
		}
	}
}

// finish decides about a function whose callees are known.
func (a *analysis) finish(fn int, slots int64, taken []unlooked) {
	f := &a.funcs[fn]
	fuel := int64(f.cost) + smallLeaf*int64(f.nindirect)
	below := int64(0)
	for _, callee := range a.calls[f.direct : f.direct+f.ndirect] {
		g := &a.funcs[callee]
		if int(callee) < a.m.ImportedFuncs || g.checked {
			continue
		}
		below = max(below, taken[callee].slots)
		if fuel += taken[callee].fuel; fuel > maxBetween {
			g.checked = true
		}
	}
	f.frame = slots + below
	taken[fn] = unlooked{fuel, f.frame}
	pointed := a.m.Declared(uint32(fn)) || a.m.Start == fn
	switch {
	case f.frame > freeSlots, fuel > maxUnlooked:
		f.checked = true
	case pointed && (f.sites() > 0 || fuel > smallLeaf):
		f.checked = true
	}
}
