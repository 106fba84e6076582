package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"griot/internal/extraction"
	"griot/internal/transcript"
)

// shownFully is how many segments are printed before a long transcript is
// shown by its progress.
const shownFully = 12

// ticker prints a transcript as it arrives.
type ticker struct {
	out, progress io.Writer
	all           bool
	n             int
	last          transcript.Segment
	ticked        time.Time
}

func newTicker(out, progress io.Writer, all bool) *ticker {
	return &ticker{out: out, progress: progress, all: all}
}

func (t *ticker) show(seg transcript.Segment) {
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
		for _, c := range r.Citations {
			fmt.Fprintf(out, "    “%s”\n", c.Quote)
		}
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
