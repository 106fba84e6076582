package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"griot/infra/corpus"
	"griot/internal/conversation/bridge/passage"
	"griot/internal/search"
	"griot/internal/transcript"
)

// discussion is a meeting of QMSum. Spans are turns, the first and the last.
type discussion struct {
	ID      string
	Split   string
	Topics  []question
	Queries []question
	Turns   [][2]string // speaker and text
}

// question is a query or, with a topic's words, a topic.
type question struct {
	Topic, Query, Answer string
	Spans                [][2]int
}

func (q question) touches(first, last int) bool {
	for _, s := range q.Spans {
		if s[0] <= last && s[1] >= first {
			return true
		}
	}
	return false
}

// places collects at which place the first right answer stood.
type places struct{ asked, first, five, ten, reciprocal float64 }

func (p *places) add(place int) {
	p.asked++
	if place == 0 {
		return
	}
	p.reciprocal += 1 / float64(place)
	for _, top := range []struct {
		n     int
		count *float64
	}{{1, &p.first}, {5, &p.five}, {10, &p.ten}} {
		if place <= top.n {
			*top.count++
		}
	}
}

// measureQMSum finds meetings by queries about them and by topics, turns
// within a meeting, and pieces of twenty turns among all and among those of
// the meeting: the last two with a memory for each turn, as chats have them.
func measureQMSum(dir string) ([]row, error) {
	meetings, err := corpus.Lines[discussion](filepath.Join(dir, "qmsum.jsonl.gz"))
	if err != nil {
		return nil, err
	}
	w, err := newIndex()
	if err != nil {
		return nil, err
	}
	defer w.close()
	if err := indexMeetings(w, meetings); err != nil {
		return nil, err
	}
	parts := map[string]*asked{"train": {}, "val": {}, "all": {}}
	for _, m := range meetings {
		a, err := ask(w, m)
		if err != nil {
			return nil, err
		}
		parts[m.Split].add(a)
		parts["all"].add(a)
	}
	return slices.Concat(parts["train"].rows("train"), parts["val"].rows("val"), parts["all"].rows("all")), nil
}

// asked are the questions about meetings, by what is looked for with them.
type asked struct{ whole, topic, window, piece, chat, summary places }

func (a *asked) add(b asked) {
	a.whole.sum(b.whole)
	a.topic.sum(b.topic)
	a.window.sum(b.window)
	a.piece.sum(b.piece)
	a.chat.sum(b.chat)
	a.summary.sum(b.summary)
}

func (p *places) sum(q places) {
	p.asked += q.asked
	p.first += q.first
	p.five += q.five
	p.ten += q.ten
	p.reciprocal += q.reciprocal
}

// Workspaces: all meetings, all pieces, and two for each meeting, of its windows
// and of its pieces.
const (
	wholes = "wholes"
	pieces = "pieces"
)

func chat(meeting string) string { return "chat " + meeting }

const (
	windowTurns = 5
	pieceTurns  = 20
)

func indexMeetings(w *index, meetings []discussion) error {
	for _, m := range meetings {
		n := 0
		for p, err := range passage.Cut(m.segments()) {
			if err != nil {
				return err
			}
			if err := w.put(wholes, search.Doc{Conversation: m.ID, Memory: fmt.Sprint(n), Text: p.Text}); err != nil {
				return err
			}
			n++
		}
		for i, turn := range m.Turns {
			doc := search.Doc{Conversation: piece(m.ID, i), Memory: fmt.Sprint(i), Text: turn[0] + ": " + turn[1]}
			for _, workspace := range []string{pieces, chat(m.ID)} {
				if err := w.put(workspace, doc); err != nil {
					return err
				}
			}
		}
		for i := 0; i < len(m.Turns); i += windowTurns {
			doc := search.Doc{Conversation: "window", Memory: fmt.Sprint(i), Text: m.text(i, i+windowTurns)}
			if err := w.put(m.ID, doc); err != nil {
				return err
			}
		}
	}
	return w.settle(wholes, pieces)
}

func piece(id string, turn int) string { return fmt.Sprintf("%s-%d", id, turn/pieceTurns*pieceTurns) }

func (m discussion) segments() func(yield func(transcript.Segment, error) bool) {
	return func(yield func(transcript.Segment, error) bool) {
		for i, turn := range m.Turns {
			if !yield(transcript.NewSegment(transcript.Turn{Speaker: turn[0], Text: turn[1]}, int64(i+1), 0), nil) {
				return
			}
		}
	}
}

func (m discussion) text(from, to int) string {
	var b strings.Builder
	for _, turn := range m.Turns[from:min(to, len(m.Turns))] {
		fmt.Fprintf(&b, "%s: %s\n", turn[0], turn[1])
	}
	return b.String()
}

// ask asks everything about a meeting.
func ask(w *index, m discussion) (a asked, err error) {
	itself := func(id string) bool { return id == m.ID }
	for _, t := range m.Topics {
		if err := w.find(&a.topic, wholes, t.Topic, itself); err != nil {
			return a, err
		}
	}
	for _, q := range m.Queries {
		if err := w.find(&a.whole, wholes, q.Query, itself); err != nil {
			return a, err
		}
		if len(q.Spans) == 0 {
			continue
		}
		if err := a.askWithin(w, m, q); err != nil {
			return a, err
		}
	}
	return a, nil
}

// askWithin looks for the place that a question is about.
func (a *asked) askWithin(w *index, m discussion, q question) error {
	err := w.findMemory(&a.window, m.ID, q.Query, func(turn int) bool { return q.touches(turn, turn+windowTurns-1) })
	if err != nil {
		return err
	}
	right := func(id string) bool {
		turn, ok := strings.CutPrefix(id, m.ID+"-")
		return ok && q.touches(number(turn), number(turn)+pieceTurns-1)
	}
	if err := w.find(&a.piece, pieces, q.Query, right); err != nil {
		return err
	}
	if err := w.find(&a.chat, chat(m.ID), q.Query, right); err != nil {
		return err
	}
	return w.find(&a.summary, pieces, q.Answer, right)
}

func (a *asked) rows(part string) []row {
	return []row{
		a.whole.row("query → meeting", part, "R@1", a.whole.first, 0.357),
		a.whole.row("query → meeting", part, "R@10", a.whole.ten, 0.631),
		a.whole.row("query → meeting", part, "MRR", a.whole.reciprocal, 0.400),
		a.topic.row("topic → meeting", part, "R@5", a.topic.five, 0.426),
		a.window.row("query → 5 turns", part, "hit@1", a.window.first, 0.510),
		a.window.row("query → 5 turns", part, "hit@5", a.window.five, 0.816),
		a.window.row("query → 5 turns", part, "MRR", a.window.reciprocal, 0.643),
		a.piece.row("query → 20 turns of all", part, "MRR", a.piece.reciprocal, 0),
		a.chat.row("query → 20 turns of its meeting", part, "MRR", a.chat.reciprocal, 0),
		a.summary.row("summary → 20 turns of all", part, "MRR", a.summary.reciprocal, 0),
	}
}

func (p places) row(task, part, measure string, sum, base float64) row {
	return row{task + ", QMSum", part, measure, sum / p.asked, base, fmt.Sprintf("%.0f asked", p.asked)}
}
