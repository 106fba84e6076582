package index_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"griot/internal/search"
	"griot/internal/search/analysis"
	"griot/internal/search/index"
	"griot/internal/search/posting"
	"griot/internal/table"
)

// history is an index and what it should be. Units are written, replaced and
// removed, sealed into segments, merged and purged, in any order, so that a
// conversation stands in several segments, in older and newer versions. There
// are more conversations than are scored at once, so that bounds count.
type history struct {
	*world
	rnd      *rand.Rand
	segments []part
	tail     part
}

func TestAnyHistoryIsRankedAsTheReferenceDoes(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long, and of one goroutine: there is no race to find")
	}
	for seed := range uint64(6) {
		h := &history{world: newWorld(t), rnd: rand.New(rand.NewPCG(seed, 2)), tail: part{}}
		split := 0
		for step := range 400 {
			h.step()
			if step%10 > 0 {
				continue
			}
			if n := len(h.world.segments()); n != len(h.segments) {
				t.Fatalf("seed %d, step %d: %d segments, want %d", seed, step, n, len(h.segments))
			}
			split += h.split()
			for range 3 {
				h.check(fmt.Sprintf("seed %d, step %d", seed, step), h.query())
			}
		}
		if split < 20 {
			t.Errorf("seed %d: a conversation stood in several segments %d times", seed, split)
		}
	}
}

func (h *history) step() {
	id := fmt.Sprintf("conv_%02d", int(90*h.rnd.Float64()*h.rnd.Float64()))
	memory := []string{"", "a", "b", "c"}[h.rnd.IntN(4)]
	switch n := h.rnd.IntN(20); {
	case n < 11:
		h.write(id, memory)
	case n < 13:
		h.remove(id, memory)
		h.tail.set(id, memory, &posting.Unit{})
	case n < 17:
		h.sealed()
	case n < 18:
		h.joined(h.rnd.IntN(len(h.segments) + 1))
	case n < 18+h.rnd.IntN(2):
		h.renewed(id)
	case n < 19:
		h.purged(index.Target{Conversation: id, Memories: []string{"a", "c"}})
	default:
		h.purged(index.Target{Conversation: id})
	}
}

var spoken = strings.Fields("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omikron pi rho sigma tau")

// text has words of which the first are the most frequent.
func (h *history) text(n int) string {
	var b strings.Builder
	for range n {
		b.WriteString(spoken[int(float64(len(spoken))*h.rnd.Float64()*h.rnd.Float64())] + " ")
	}
	return b.String()
}

// query is words, some of them misspelt, cut short, or of another alphabet, and
// phrases, some of which must not be there.
func (h *history) query() string {
	var b strings.Builder
	for range 1 + h.rnd.IntN(4) {
		word := strings.TrimSpace(h.text(1))
		switch h.rnd.IntN(12) {
		case 0:
			i := h.rnd.IntN(len(word))
			word = word[:i] + word[i+1:]
		case 1:
			word = word[1:2] + word[:1] + word[2:]
		case 2:
			word = word[:1+h.rnd.IntN(len(word))] + "*"
		case 3:
			word = `"` + strings.TrimSpace(h.text(1+h.rnd.IntN(2))) + `"`
		case 4:
			word = "-" + word
		case 5:
			word = `-"` + strings.TrimSpace(h.text(2)) + `"`
		case 6:
			word += " the " + word + "s é"
		}
		b.WriteString(word + " ")
	}
	return b.String()
}

// timed returns a query with a text, which speaks of a time or is held to one,
// now and then.
func (h *history) timed(text string) search.Query {
	q := search.Query{Text: text, Now: time.Date(2026, 1, 29, 15, 0, 0, 0, time.UTC)}
	if h.rnd.IntN(3) == 0 {
		q.Text += []string{"yesterday", "last week", "3 days ago, two weeks ago", "the past 40 days", "in 2026", "last year", "this quarter"}[h.rnd.IntN(7)]
	}
	if h.rnd.IntN(4) == 0 {
		q.Within.From = q.Now.AddDate(0, 0, -h.rnd.IntN(40))
		q.Within.To = []time.Time{{}, q.Within.From.AddDate(0, 0, h.rnd.IntN(9)), q.Within.From.AddDate(0, 3, 0)}[h.rnd.IntN(3)]
	}
	return q
}

func (h *history) write(id, memory string) {
	doc := search.Doc{Conversation: id, Memory: memory, At: time.Date(2026, 1, 1+h.rnd.IntN(28), 0, 0, 0, 0, time.UTC)}
	if memory == "" {
		doc.Title, doc.Summary = h.text(2), h.text(h.rnd.IntN(9))
	} else {
		doc.Text = h.text(1 + h.rnd.IntN(260))
	}
	h.put(doc)
	h.tail.set(id, memory, analysis.Unit(doc))
}

func (h *history) sealed() {
	h.seal()
	h.segments = tidied(append(h.segments, h.tail), len(h.segments))
	h.tail = part{}
}

func (h *history) joined(from int) {
	h.join(from)
	h.segments = tidied(append(h.segments[:from:from], overlaid(h.segments[from:])), from)
}

// tidied drops what hides nothing of a segment that was made anew, and the
// segment when nothing is left.
func tidied(segments []part, made int) []part {
	for id, units := range segments[made] {
		for memory, u := range units {
			if made == 0 && len(u.Lengths) == 0 {
				delete(units, memory)
			}
		}
		if len(units) == 0 {
			delete(segments[made], id)
		}
	}
	if len(segments[made]) == 0 {
		return append(segments[:made:made], segments[made+1:]...)
	}
	return segments
}

func (h *history) purged(t index.Target) {
	_, err := h.Purge(h.t.Context(), workspace, t.Conversation, t.Memories, func(int) []table.Op { return nil })
	h.ok(err)
	h.tail.drop(t)
	for i := 0; i < len(h.segments); {
		if !h.segments[i].drop(t) {
			i++
			continue
		}
		h.remade(i, nil)
		i = 0
	}
}

// remade drops from a segment what later segments, and rows, replace, and words of
// what the tail removes.
func (h *history) remade(i int, rows part) {
	for id, units := range h.tail {
		for memory, u := range units {
			if len(u.Lengths) == 0 && h.segments[i][id][memory] != nil && len(h.segments[i][id][memory].Lengths) > 0 {
				h.segments[i].drop(index.Target{Conversation: id, Memories: []string{memory}})
			}
		}
	}
	for _, later := range append(h.segments[i+1:len(h.segments):len(h.segments)], rows) {
		for id, units := range later {
			for memory := range units {
				h.segments[i].drop(index.Target{Conversation: id, Memories: []string{memory}})
			}
		}
	}
	h.segments = tidied(h.segments, i)
}

// renewed makes those segments anew that have something of a conversation
// that was replaced.
func (h *history) renewed(id string) {
	h.ok(h.Renew(h.t.Context(), workspace, id))
	for i := 0; i < len(h.segments); {
		before := len(h.segments)
		if h.replaced(i, id) {
			h.remade(i, part{id: h.tail[id]})
		}
		if len(h.segments) == before {
			i++
		}
	}
}

func (h *history) replaced(i int, id string) bool {
	for memory := range h.segments[i][id] {
		for _, later := range append(h.segments[i+1:len(h.segments):len(h.segments)], h.tail) {
			if _, found := later[id][memory]; found {
				return true
			}
		}
	}
	return false
}

// drop removes a target and reports whether there was anything of it.
func (p part) drop(t index.Target) (some bool) {
	for memory := range p[t.Conversation] {
		if index.Covers(t, t.Conversation, memory) {
			delete(p[t.Conversation], memory)
			some = true
		}
	}
	if len(p[t.Conversation]) == 0 {
		delete(p, t.Conversation)
	}
	return some
}

// split returns how many conversations stand in several segments.
func (h *history) split() int {
	several := map[string]int{}
	for _, p := range h.segments {
		for id := range p {
			several[id]++
		}
	}
	n := 0
	for _, parts := range several {
		if parts > 1 {
			n++
		}
	}
	return n
}

// check compares what is found, its scores and its order with the reference.
// Among equals the order may differ by how a sum was rounded.
func (h *history) check(name, text string) {
	h.t.Helper()
	query := h.timed(text)
	name += fmt.Sprint(" ", query.Within)
	want, within := map[string]float64{}, map[string]float64{}
	found, memories := reference(append(h.segments[:len(h.segments):len(h.segments)], h.tail), query)
	for _, hit := range found {
		want[hit.Conversation] = hit.Score
		for _, m := range hit.Memories {
			within[hit.Conversation+"#"+m.Memory] = m.Score
		}
	}
	hits, matches := newRanking(), newRanking()
	for _, hit := range h.findAll(query) {
		hits.add(hit.Conversation, hit.Score)
		best := newRanking()
		for _, m := range hit.Memories {
			best.add(hit.Conversation+"#"+m.Memory, m.Score)
		}
		best.agree(h.t, fmt.Sprintf("%s, %q in %s", name, query.Text, hit.Conversation), restricted(within, hit.Conversation))
	}
	for m, err := range h.Memories(h.t.Context(), workspace, query) {
		h.ok(err)
		matches.add(m.Conversation+"#"+m.Memory, m.Score)
	}
	hits.agree(h.t, fmt.Sprintf("%s, %q", name, query.Text), want)
	matches.agree(h.t, fmt.Sprintf("%s, memories, %q", name, query.Text), memories)
}

func restricted(memories map[string]float64, conversation string) map[string]float64 {
	out := map[string]float64{}
	for name, score := range memories {
		if strings.HasPrefix(name, conversation+"#") {
			out[name] = score
		}
	}
	return out
}

// ranking is what was found, in its order.
type ranking struct {
	scores map[string]float64
	last   float64
	wrong  string
}

func newRanking() *ranking { return &ranking{scores: map[string]float64{}, last: math.Inf(1)} }

func (r *ranking) add(name string, score float64) {
	if _, twice := r.scores[name]; twice || score > r.last+1e-9 {
		r.wrong = name
	}
	r.scores[name], r.last = score, score
}

func (r *ranking) agree(t testing.TB, name string, want map[string]float64) {
	t.Helper()
	if r.wrong != "" {
		t.Fatalf("%s: %s is out of order, or there twice", name, r.wrong)
	}
	for id, score := range want {
		if got := r.scores[id]; math.Abs(got-score) > 1e-9 {
			t.Fatalf("%s: %s has %.9f, want %.9f", name, id, got, score)
		}
	}
	if len(r.scores) != len(want) {
		t.Fatalf("%s: %d are found, want %d", name, len(r.scores), len(want))
	}
}
