package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"griot/infra/gold"
)

// oracle is a model that knows the gold answers of interviews: it finds in a
// transcript all that is to be found there, and nothing else.
type oracle struct {
	golds []gold.Interview
	// vary changes what it would answer; nil leaves it.
	vary func(*findings)
	// wrap is what stands around the answer; nil is nothing.
	wrap func(object string) string
}

// findings have the members of the schema, each item with its members.
type findings struct {
	Entities   []item `json:"entities"`
	Procedures []item `json:"procedures"`
	Risks      []item `json:"risks"`
	Decisions  []item `json:"decisions"`
	Relations  []item `json:"relations"`
	Summary    []item `json:"summary"`

	lines []line
}

type item map[string]any

// line is what stands behind a number in the request.
type line struct {
	n              int
	speaker, words string
	fields         []string // the words as they stand
	plain          []string // and without case and punctuation
}

// serve answers as OpenAI's servers do.
func (o oracle) serve(t *testing.T) (url string) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q struct{ Messages []struct{ Content string } }
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil || len(q.Messages) != 2 {
			t.Errorf("%d messages, %v", len(q.Messages), err)
			return
		}
		var reply any
		if !strings.Contains(q.Messages[1].Content, transcriptHead) {
			reply = map[string]any{"summary": []item{{"sentence": "They talk about their work.", "of": []int{1}}}}
		} else {
			a := o.read(q.Messages[1].Content)
			if o.vary != nil {
				o.vary(&a)
			}
			reply = a
		}
		object, err := json.Marshal(reply)
		if err != nil {
			t.Error(err)
		}
		content := string(object)
		if o.wrap != nil {
			content = o.wrap(content)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{
			"choices": []item{{"message": item{"content": content}, "finish_reason": "stop"}},
			"usage":   item{"prompt_tokens": (len(q.Messages[0].Content) + len(q.Messages[1].Content)) / 4, "completion_tokens": len(content) / 4},
		})
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// read finds what is in the transcript of a request.
func (o oracle) read(text string) (a findings) {
	a.lines = linesOf(text)
	for _, iv := range o.golds {
		if a.knows(iv.Answers) {
			a.add(iv.Answers)
		}
	}
	return a
}

const transcriptHead = "\nTranscript:\n"

var numbered = regexp.MustCompile(`\[(\d+)\] `)

func linesOf(text string) (all []line) {
	_, text, _ = strings.Cut(text, transcriptHead)
	for row := range strings.SplitSeq(text, "\n") {
		marks := numbered.FindAllStringSubmatchIndex(row, -1)
		speaker := ""
		for i, m := range marks {
			end := len(row)
			if i+1 < len(marks) {
				end = marks[i+1][0]
			}
			n, _ := strconv.Atoi(row[m[2]:m[3]]) // digits
			words := strings.TrimSpace(row[m[1]:end])
			if name, rest, ok := strings.Cut(words, ": "); ok && i == 0 && len(strings.Fields(name)) <= 3 {
				speaker, words = name, rest
			}
			l := line{n: n, speaker: speaker, words: words, fields: strings.Fields(words)}
			for _, f := range l.fields {
				l.plain = append(l.plain, plain(f))
			}
			all = append(all, l)
		}
	}
	return all
}

// knows reports whether a word of the interview is in the transcript.
func (a *findings) knows(g gold.Answers) bool {
	var quotes []string
	for _, p := range g.Procedures {
		for _, s := range p.Steps {
			quotes = append(quotes, s.Quote)
		}
	}
	for _, trap := range g.Traps {
		quotes = append(quotes, trap.Quote)
	}
	return slices.ContainsFunc(quotes, func(q string) bool { return len(a.evidence(q)) > 0 })
}

// evidence is where a quote stands, if it does.
func (a *findings) evidence(quote string) []item {
	for _, l := range a.lines {
		if strings.Contains(l.words, quote) {
			return []item{{"line": l.n, "quote": quote}}
		}
	}
	return nil
}

func (a *findings) add(g gold.Answers) {
	a.addEntities(g)
	for _, p := range g.Procedures {
		var steps []item
		for _, s := range p.Steps {
			for _, at := range a.evidence(s.Quote) {
				at["what"], at["who"] = s.What, s.Who
				steps = append(steps, at)
			}
		}
		if len(steps) > 0 {
			a.Procedures = append(a.Procedures, item{"title": p.Name, "called": p.Aliases, "summary": "", "certainty": "said", "steps": steps})
		}
	}
	for _, r := range g.Risks {
		if at := a.evidence(r.Quote); at != nil {
			a.Risks = append(a.Risks, item{"signal": r.Signal, "about": r.About, "severity": "medium", "certainty": "said", "evidence": at})
		}
	}
	for _, d := range g.Decisions {
		if at := a.evidence(d.Quote); at != nil {
			a.Decisions = append(a.Decisions, item{"what": d.What, "options": d.Options, "reason": d.Reason, "evidence": at})
		}
	}
	if at := a.evidence(g.Traps[0].Quote); at != nil {
		a.Summary = append(a.Summary, item{"sentence": g.Summary, "evidence": at})
	}
}

// addEntities adds those that have a form here, each under the first that has.
func (a *findings) addEntities(g gold.Answers) {
	known := map[string]item{}
	for _, e := range g.Entities {
		it := item{"type": e.Type, "main": e.Main}
		var here []string
		for _, form := range append([]string{e.Name}, e.Aliases...) {
			if l, quote, ok := a.mention(form); ok {
				if here = append(here, form); len(here) == 1 {
					it["line"], it["quote"] = l, quote
				}
			}
		}
		if len(here) > 0 {
			it["name"], it["aliases"] = here[0], here[1:]
			a.Entities = append(a.Entities, it)
			known[e.Name] = it
		}
	}
	for _, r := range g.Relations {
		if from, to := known[r.From], known[r.To]; from != nil && to != nil {
			a.Relations = append(a.Relations, item{"from": from["name"], "rel": r.Rel, "to": to["name"], "line": from["line"], "quote": from["quote"]})
		}
	}
}

// mention is a place where a name stands as words, or else where the one says
// something who has it.
func (a *findings) mention(form string) (n int, quote string, ok bool) {
	want := plain(form)
	for _, l := range a.lines {
		for i := range l.fields {
			end := min(len(l.fields), i+len(strings.Fields(form)))
			if got := strings.Join(l.plain[i:end], " "); got == want || got == want+" s" { // also Ana's
				return l.n, strings.Join(l.fields[max(0, i-3):min(len(l.fields), end+3)], " "), true
			}
		}
	}
	for _, l := range a.lines {
		if plain(l.speaker) == want && len(l.fields) > 2 {
			return l.n, strings.Join(l.fields[:min(len(l.fields), 8)], " "), true
		}
	}
	return 0, "", false
}

var letters = regexp.MustCompile(`[\pL\pN]+`)

func plain(s string) string {
	return strings.ToLower(strings.Join(letters.FindAllString(s, -1), " "))
}

// quotes calls fn with every item that has a line and a quote.
func (a *findings) quotes(fn func(item)) {
	var walk func(items []item)
	walk = func(items []item) {
		for _, it := range items {
			if it["quote"] != nil {
				fn(it)
			}
			for _, name := range []string{"steps", "evidence"} {
				if below, ok := it[name].([]item); ok {
					walk(below)
				}
			}
		}
	}
	for _, items := range [][]item{a.Entities, a.Procedures, a.Risks, a.Decisions, a.Relations, a.Summary} {
		walk(items)
	}
}
