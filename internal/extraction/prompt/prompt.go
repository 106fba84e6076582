// Package prompt has a language model read a transcript for what the rules
// look for otherwise. The transcript is data to it: all that it can answer is
// one JSON object, read value by value, and a finding whose quote does not
// stand in the transcript is dropped.
//
// A long transcript is read in parts. The first one is read alone, the others a
// few at a time; each is told what names and procedures those before it have
// found.
package prompt

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"golang.org/x/sync/errgroup"

	"griot/internal/extraction"
	"griot/internal/llm"
)

// Version of the instructions and the schema; a test says when to raise it.
const Version = "2"

// parallel is how many parts are read at once.
const parallel = 4

// Extractor returns the extractor of a model. It fails with an [*llm.Error] that
// is Unavailable, Denied or Spent, or says why no part of the transcript has an
// answer; whatever else a model does ends in findings and warnings.
func Extractor(m llm.Model) extraction.Extractor {
	return extraction.Extractor{
		Name: "model", Version: Version, Model: m.ID(),
		Extract: func(ctx context.Context, in extraction.Input) (extraction.Findings, error) {
			return (&reader{model: m, in: in, taker: newTaker(in.Segments)}).read(ctx)
		},
	}
}

// reader reads one transcript.
type reader struct {
	model llm.Model
	in    extraction.Input
	taker *taker
	told  []sentence // of all parts, for the summary
	usage llm.Usage

	answered bool  // a part was
	unread   error // why one was not
}

// outcome is what came of one request or, where a part had to be halved, of
// several.
type outcome struct {
	answers []answer
	usage   llm.Usage
	unread  error // why some of it has no answer
}

func (r *reader) read(ctx context.Context) (extraction.Findings, error) {
	parts := cut(r.in.Segments, partSize, partOverlap)
	for from := 0; from < len(parts); {
		end := min(len(parts), from+parallel)
		if from == 0 {
			end = min(len(parts), 1)
		}
		if err := r.readParts(ctx, parts[from:end]); err != nil {
			return extraction.Findings{}, err
		}
		from = end
	}
	if !r.answered && r.unread != nil {
		return extraction.Findings{}, r.unread
	}
	if err := r.summarise(ctx); err != nil {
		return extraction.Findings{}, err
	}
	found := r.taker.findings()
	if r.taker.full {
		found.Warn(extraction.PartIncomplete, "The model said more of the transcript than is kept of one session; what came last has been left out.")
	}
	found.Usage = &extraction.Usage{InputTokens: r.usage.Input, OutputTokens: r.usage.Output}
	if len(found.SOPs) == 0 {
		found.Warn(extraction.NothingProcedural, "The model found no procedure in the transcript.")
	}
	return found, nil
}

// readParts reads parts at once, with what those before have found. One that
// fails ends none of the others: what they are answered can be kept.
func (r *reader) readParts(ctx context.Context, parts []part) error {
	known := r.known()
	outcomes := make([]outcome, len(parts))
	var group errgroup.Group
	for i, p := range parts {
		group.Go(func() (err error) {
			outcomes[i], err = r.ask(ctx, p, known)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return fmt.Errorf("asking the model: %w", err)
	}
	for i, o := range outcomes {
		r.usage = r.usage.Add(o.usage)
		for _, a := range o.answers {
			r.taker.take(a)
			r.told = append(r.told, r.taker.sentences(a)...)
			r.answered = true
		}
		if o.unread != nil {
			r.unread = o.unread
			first, last := parts[i].segs[0].Seq, parts[i].segs[len(parts[i].segs)-1].Seq
			r.taker.out.Warn(extraction.PartIncomplete,
				fmt.Sprintf("The model gave no readable answer for segments %d to %d or a part of them; what is there may have been missed.", first, last))
		}
	}
	return nil
}

// known is what has been found so far.
func (r *reader) known() (k known) {
	for _, e := range r.taker.out.Entities {
		k.names = append(k.names, describe(e))
	}
	for _, s := range r.taker.out.SOPs {
		k.titles = append(k.titles, s.Title)
	}
	return k
}

// ask has the model read a part. An answer that cannot be read is asked for
// once more; where the part or its answer is too long, each half of it is read
// apart. A part that stays without an answer is incomplete.
func (r *reader) ask(ctx context.Context, p part, known known) (outcome, error) {
	var o outcome
	q := request(r.in, p, known)
	for try := 0; ; try++ {
		got, err := r.model.Ask(ctx, q)
		o.usage = o.usage.Add(llm.Paid(got, err))
		if err == nil {
			a, invalid := decode(got.JSON)
			if invalid == nil {
				o.answers = append(o.answers, a)
				return o, nil
			}
			err = llm.Fail(llm.Unreadable, "%w", invalid)
		}
		switch kind := llm.KindOf(err); {
		case ends(err):
			return o, err
		case (kind == llm.TooLong || kind == llm.CutOff) && size(p.segs) > smallest && len(p.segs) > 1:
			return r.halve(ctx, p, known, o)
		case kind == llm.Unreadable && try == 0:
			q.Text += "\nAnswer with one whole JSON object of the schema and nothing else.\n"
		default:
			slog.WarnContext(ctx, "the model did not read a part", "reason", kind, "first_seq", p.segs[0].Seq)
			o.unread = err
			return o, nil
		}
	}
}

// ends reports whether an error ends the whole extraction.
func ends(err error) bool {
	_, asked := errors.AsType[*llm.Error](err)
	kind := llm.KindOf(err)
	return err != nil && (!asked || kind == llm.Unavailable || kind == llm.Denied || kind == llm.Spent)
}

// halve reads the halves of a part one after the other.
func (r *reader) halve(ctx context.Context, p part, known known, o outcome) (outcome, error) {
	for _, half := range halves(p) {
		got, err := r.ask(ctx, half, known)
		o.usage = o.usage.Add(got.usage)
		if err != nil {
			return o, err
		}
		o.answers = append(o.answers, got.answers...)
		if got.unread != nil {
			o.unread = got.unread
		}
	}
	return o, nil
}

// describe is a name as later parts are told of it: Person: Ana Ruiz (Ana).
func describe(e extraction.Entity) string {
	line := e.Type + ": " + e.Name
	if len(e.Aliases) > 0 {
		line += " (" + strings.Join(e.Aliases, ", ") + ")"
	}
	return line
}
