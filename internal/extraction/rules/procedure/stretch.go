package procedure

import "slices"

// What makes steps one procedure: they are dense, told by one speaker, and in
// order. Free talk has as many steps, but scattered.
const (
	near  = 40   // words that may stand between two steps of a stretch
	dense = 0.45 // least share of a stretch's words that are in its step sentences
	alone = 0.8  // least share of its steps that one speaker tells

	minSteps = 3 // of a stretch that somebody asked for
	unasked  = 4 // of one that nobody asked for,
	minLines = 3 // and the sentences that those stand in
)

// stretch is steps that stand close together.
type stretch struct {
	steps   []taken
	lines   int
	density float64
	alone   float64 // share of the steps by who tells most of them
	ordered int     // steps with a place in a sequence
	named   float64 // share of the steps whose actor is named
}

// stretches cuts the steps where too many words, or another procedure, come
// between two of them.
func stretches(steps []taken) []stretch {
	var all []stretch
	for from := 0; from < len(steps); {
		to := from + 1
		for to < len(steps) && steps[to].line.visit == steps[to-1].line.visit && steps[to].line.from-steps[to-1].line.to <= near {
			to++
		}
		all = append(all, weighStretch(steps[from:to]))
		from = to
	}
	return all
}

func weighStretch(steps []taken) stretch {
	s := stretch{steps: steps}
	inSteps, named, tellers, most := 0, 0, map[string]int{}, 0
	for i, st := range steps {
		if i == 0 || st.line != steps[i-1].line {
			s.lines++
			inSteps += st.line.to - st.line.from
		}
		if st.ordered {
			s.ordered++
		}
		if st.Who != "" {
			named++
		}
		tellers[st.line.speaker]++
		most = max(most, tellers[st.line.speaker])
	}
	n := float64(len(steps))
	s.density = float64(inSteps) / float64(max(1, steps[len(steps)-1].line.to-steps[0].line.from))
	s.alone, s.named = float64(most)/n, float64(named)/n
	return s
}

// coherent reports whether the steps may belong to one procedure: there are
// several, or some say their place in it.
func (s stretch) coherent() bool {
	return (len(s.steps) >= minSteps || s.ordered > 0) && s.density >= dense && s.alone >= alone
}

// procedural reports whether they are one beyond doubt: several are ordered, or
// one is and most name their actor.
func (s stretch) procedural(asked bool) bool {
	if !s.coherent() || len(s.steps) < minSteps || !asked && (len(s.steps) < unasked || s.lines < minLines) {
		return false
	}
	return s.ordered >= 2 || s.ordered == 1 && s.named >= 0.5
}

// keep leaves the draft the stretches of its steps that are procedural and,
// where its name says that they belong together, the coherent ones.
func (d *draft) keep() {
	all := stretches(d.steps)
	d.steps, d.density, d.named, d.ordered = nil, 0, 0, 0
	asked, sure := d.asked > 0, slices.ContainsFunc(all, func(s stretch) bool { return s.procedural(d.asked > 0) })
	for _, s := range all {
		if !sure || !s.procedural(asked) && (d.topic == "" || !s.coherent()) {
			continue
		}
		d.steps = append(d.steps, s.steps...)
		d.density += s.density * float64(len(s.steps))
		d.named += s.named * float64(len(s.steps))
		d.ordered += s.ordered
	}
	n := float64(max(1, len(d.steps)))
	d.density, d.named = d.density/n, d.named/n
}
