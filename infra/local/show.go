package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"griot/internal/extraction"
	"griot/internal/transcript"
)

// shownFully is how many segments are printed before a long transcript is
// shown by its progress.
const shownFully = 12

// ticker prints a transcript as it arrives, and before that how an engine gets
// on with the recording.
type ticker struct {
	out, progress io.Writer
	all           bool
	began         time.Time

	mu      sync.Mutex
	n       int
	last    transcript.Segment
	ticked  time.Time
	waiting bool   // the last line is one of progress
	warned  int    // warnings that were shown
	why     string // the last one that was said of the engine
}

func newTicker(out, progress io.Writer, all bool) *ticker {
	return &ticker{out: out, progress: progress, all: all, began: time.Now()}
}

// wait shows how the engine stands and how long it takes, and says once what
// it waits for.
func (t *ticker) wait(tr transcription) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.n > 0 || tr.Status != "queued" && tr.Status != "running" {
		return
	}
	if w := tr.Waiting; w != nil && w.Message != t.why {
		t.begin()
		t.why = w.Message
		fmt.Fprintln(t.progress, w.Message)
	}
	t.waiting = true
	fmt.Fprintf(t.progress, "\r… the engine %s%s %-40s %v ", tr.Engine, tr.Media, tr.doing(time.Now())+",", time.Since(t.began).Truncate(time.Second))
}

// warn says once what takes an extraction so long.
func (t *ticker) warn(warnings []extraction.Warning) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, w := range warnings[min(t.warned, len(warnings)):] {
		fmt.Fprintf(t.progress, "\n%s: %s\n", w.Code, w.Message)
	}
	t.warned = max(t.warned, len(warnings))
}

// begin ends the line of the waiting.
func (t *ticker) begin() {
	if t.waiting {
		t.waiting = false
		fmt.Fprintln(t.progress)
	}
}

func (t *ticker) show(seg transcript.Segment) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.begin()
	t.n++
	t.last = seg
	switch {
	case t.all || t.n <= shownFully:
		fmt.Fprintln(t.out, spoken(seg))
	case time.Since(t.ticked) > 200*time.Millisecond:
		t.ticked = time.Now()
		fmt.Fprintf(t.progress, "\r… %d segments%s ", t.n, at(seg))
	}
}

func (t *ticker) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.begin()
	if !t.all && t.n > shownFully {
		fmt.Fprintf(t.progress, "\r… %d segments%s\n", t.n, at(t.last))
	}
}

func spoken(seg transcript.Segment) string {
	line := seg.Text
	if name := seg.SpeakerName(); name != "" {
		line = name + ": " + line
	}
	return line
}

func at(seg transcript.Segment) string {
	if seg.StartMS == nil {
		return ""
	}
	return ", " + (time.Duration(*seg.StartMS) * time.Millisecond).Truncate(time.Second).String()
}

// printReading says how the file was read, and what to know of it.
func printReading(out io.Writer, r transcript.Reading) {
	names := "nobody is named"
	if n := len(r.Speakers); n > 0 {
		names = strings.Join(r.Speakers[:min(n, shownFully)], ", ")
		if n > shownFully {
			names += fmt.Sprintf(" and %d more", n-shownFully)
		}
	}
	fmt.Fprintf(out, "\nread as %s (%s, %s): %d turns; %s\n", r.Format, r.Layout, r.Encoding, r.Turns, names)
	for _, w := range r.Warnings {
		at := ""
		if w.Line != nil {
			at = fmt.Sprintf(" (line %d)", *w.Line)
		}
		fmt.Fprintf(out, "  %s: %s%s\n", w.Code, w.Message, at)
	}
}

func printResult(out io.Writer, res extraction.Result) {
	printExtractor(out, res)
	if res.Summary != nil {
		fmt.Fprintf(out, "\n%s\n", res.Summary.Text)
	}
	fmt.Fprintf(out, "\n%d procedures\n", len(res.SOPs))
	for _, s := range res.SOPs {
		fmt.Fprintf(out, "\n  %s  (%.2f)\n", s.Title, s.Confidence)
		for _, step := range s.Body.Steps {
			fmt.Fprintf(out, "    %2d. %s%s\n        “%s”\n", step.N, step.What, by(step.Who), step.Citation.Quote)
		}
	}
	fmt.Fprintf(out, "\n%d entities\n\n", len(res.Entities))
	for _, e := range res.Entities {
		fmt.Fprintf(out, "  %-10s %s%s, %d×  “%s”\n", e.Type, e.Name, aka(e.Aliases), e.Mentions, short(e.Citations[0].Quote))
	}
	fmt.Fprintf(out, "\n%d risk signals\n", len(res.Risks))
	for _, r := range res.Risks {
		fmt.Fprintf(out, "\n  %s (%s): %s\n", r.Signal, r.Severity, r.Title)
		printQuotes(out, r.Citations)
	}
	printDecisions(out, res)
	printWarnings(out, res)
}

// printExtractor says who has found it, and at what price.
func printExtractor(out io.Writer, res extraction.Result) {
	by := res.Extractor
	switch {
	case by == nil:
	case by.Model == nil:
		fmt.Fprintf(out, "\nfound by the %s, version %s\n", by.Name, by.Version)
	default:
		fmt.Fprintf(out, "\nfound by the model %s, instructions version %s", *by.Model, by.Version)
		if u := res.Usage; u != nil {
			fmt.Fprintf(out, "; %d tokens read, %d written", u.InputTokens, u.OutputTokens)
		}
		fmt.Fprintln(out)
	}
}

// printDecisions prints decisions and relations, which few talks have.
func printDecisions(out io.Writer, res extraction.Result) {
	if len(res.Decisions) > 0 {
		fmt.Fprintf(out, "\n%d decisions\n", len(res.Decisions))
	}
	for _, d := range res.Decisions {
		fmt.Fprintf(out, "\n  %s\n", d.What)
		if len(d.Options) > 0 {
			fmt.Fprintf(out, "    weighed: %s\n", strings.Join(d.Options, "; "))
		}
		if d.Reason != "" {
			fmt.Fprintf(out, "    because: %s\n", d.Reason)
		}
		printQuotes(out, d.Citations)
	}
	if len(res.Relations) > 0 {
		fmt.Fprintf(out, "\n%d relations\n\n", len(res.Relations))
	}
	for _, r := range res.Relations {
		fmt.Fprintf(out, "  %s — %s → %s\n", r.From, r.Rel, r.To)
	}
}

// printWarnings says what is missing and why.
func printWarnings(out io.Writer, res extraction.Result) {
	if n := res.Dropped.Unverified + res.Dropped.Invalid; n > 0 {
		fmt.Fprintf(out, "\nnot taken of what the model said: %d without words in the transcript, %d that are no finding\n", res.Dropped.Unverified, res.Dropped.Invalid)
	}
	if len(res.Warnings) > 0 {
		fmt.Fprintln(out)
	}
	for _, w := range res.Warnings {
		fmt.Fprintf(out, "%s: %s\n", w.Code, w.Message)
		if w.Code == extraction.ModelNotConfigured {
			fmt.Fprintln(out, "  To name one:  go run ./infra/local -model-url http://127.0.0.1:11434 -model qwen3:14b   (Ollama; others: README.md)")
		}
	}
}

func printQuotes(out io.Writer, citations []extraction.Citation) {
	for _, c := range citations {
		fmt.Fprintf(out, "    “%s”\n", c.Quote)
	}
}

func by(who *string) string {
	if who == nil {
		return ""
	}
	return " — " + *who
}

func aka(aliases []string) string {
	if len(aliases) == 0 {
		return ""
	}
	return " (" + strings.Join(aliases, ", ") + ")"
}

func short(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return s
}
