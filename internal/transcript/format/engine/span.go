package engine

// Spans say who speaks when, and nothing else. Amazon Transcribe, Watson and
// those who run a diarization beside a recogniser have them apart from the
// words.

// maxOverlaps is how many spans are looked at for one utterance.
const maxOverlaps = 64

// giveVoices gives the words or utterances of l the voices of spans. Words
// become turns by spans, each with its times, unless these are about as many
// as the words.
func (r *reader) giveVoices(l *list, spans []piece, words bool) []piece {
	sortByStart(spans)
	if !words {
		overlap(l.pieces, spans)
		return l.pieces
	}
	bySpan := len(spans)*2 <= len(l.pieces)
	cur := utterance{asWritten: spacesWritten(l.pieces)}
	var turns []piece
	i := 0
	flush := func() {
		n := len(turns)
		if turns = cur.flush(turns); len(turns) > n {
			s := spans[i]
			s.text = turns[n].text
			turns[n] = s
		}
	}
	for n := range l.pieces {
		w := &l.pieces[n]
		next := i
		for w.glue&mark == 0 && w.fromKind != none && next+1 < len(spans) && spans[next+1].from <= w.from {
			next++
		}
		if next != i && bySpan {
			flush()
		}
		i = next
		w.voice = spans[i].voice
		cur.add(*w)
	}
	if !bySpan {
		return r.cutWords(l)
	}
	flush()
	return turns
}

// overlap gives every utterance the voice that speaks longest while it lasts.
func overlap(pieces, spans []piece) {
	at := 0
	for i := range pieces {
		p := &pieces[i]
		if p.fromKind == none {
			continue
		}
		to := p.from + 1
		if p.toKind != none {
			to = p.to
		}
		for at < len(spans) && spans[at].to <= p.from {
			at++
		}
		best := 0.0
		for k := at; k < len(spans) && k < at+maxOverlaps && spans[k].from < to; k++ {
			if d := min(to, spans[k].to) - max(p.from, spans[k].from); d > best {
				best, p.voice = d, spans[k].voice
			}
		}
	}
}
