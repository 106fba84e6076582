package openai

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"griot/internal/blob"
	"griot/internal/transcriber"
)

// A prompt makes an engine spell names as they are, and now and then makes it
// pass over half a minute of speech without a word (measured with Whisper's
// tiny.en: 52 words of 187, all that was missing in the first minute: the prompt
// stands before the first window of 30 s, and its influence fades). So where a
// stretch early in a part has no words, the part is asked for once more without
// one, and that answer counts if it has words there and says no less on the whole.
const (
	// hole is how long nobody speaks where speech may be missing, and window
	// what a prompt makes an engine pass over at most, and where.
	hole   = 8.0  // seconds
	window = 60.0 // seconds
	// longestWord is what a word takes at most. Engines may stretch the last one
	// before a hole: none is spoken for as long as stretched.
	longestWord = 2.0 // seconds
	stretched   = 5.0 // seconds
	// enough words are speech, and not what engines hear in silence.
	enough = 4
	// maxHeard is the longest answer that is looked at, in bytes: what an engine
	// sends takes twenty times as much memory.
	maxHeard = 8 << 20
)

// answer has the words of a part stored, and returns how many calls that took.
// The answers of two calls are beside that object until one is chosen: whatever
// dies meanwhile, none of them is asked for again.
func (e *Engine) answer(ctx context.Context, r transcriber.Recording, c call) (calls int, err error) {
	bare := r
	bare.Title, bare.Names = "", nil
	ask := func(r transcriber.Recording, object string) error {
		kept, err := e.has(ctx, object)
		if err == nil && !kept {
			calls++
			err = e.ask(ctx, r, c.Part, object)
		}
		return err
	}
	if !e.dialect.Load().fit(prompt(r)) {
		return calls, ask(bare, c.Object)
	}
	if kept, err := e.has(ctx, c.Object); err != nil || kept {
		return 0, err
	}
	prompted, plain := c.Object+".prompted", c.Object+".plain"
	if err := ask(r, prompted); err != nil {
		return calls, err
	}
	first, err := e.hear(ctx, prompted)
	if err != nil {
		return calls, err
	}
	silent, found := first.hole()
	if !found {
		return calls, e.choose(ctx, prompted, c.Object)
	}
	if err := ask(bare, plain); err != nil {
		return calls, err
	}
	second, err := e.hear(ctx, plain)
	if err != nil {
		return calls, err
	}
	if second.words(silent) < enough || second.length() < first.length() {
		return calls, e.choose(ctx, prompted, c.Object, plain)
	}
	return calls, e.choose(ctx, plain, c.Object, prompted)
}

// choose stores an answer where that to a part is looked for, and removes it and
// the other where they were.
func (e *Engine) choose(ctx context.Context, answer, object string, other ...string) error {
	body, info, err := e.blobs.Get(ctx, answer)
	if err != nil {
		return fmt.Errorf("opening an answer: %w", err)
	}
	defer body.Close()
	if _, err := e.blobs.Put(ctx, object, body, info.Size, blob.Put{ContentType: "application/json"}); err != nil {
		return fmt.Errorf("storing the chosen answer: %w", err)
	}
	for _, key := range append(other, answer) {
		if err := e.blobs.Delete(ctx, key); err != nil {
			return fmt.Errorf("removing what was chosen from: %w", err)
		}
	}
	return nil
}

func (e *Engine) has(ctx context.Context, object string) (bool, error) {
	found, err := blob.Exists(ctx, e.blobs, object)
	if err != nil {
		return false, fmt.Errorf("looking for an answer: %w", err)
	}
	return found, nil
}

// hearing is what is looked at of an answer.
type hearing struct {
	Text     string
	Duration float64
	Segments []struct {
		span
		Text  string
		Words []span
	}
	Words []span
}

// span is from when to when something is said, in seconds.
type span struct{ Start, End float64 }

// hear reads an answer. One that has another form, or is too long, has no holes.
func (e *Engine) hear(ctx context.Context, object string) (h hearing, err error) {
	body, _, err := e.blobs.Get(ctx, object)
	if err != nil {
		return h, fmt.Errorf("opening an answer: %w", err)
	}
	defer body.Close()
	source := &watched{Reader: io.LimitReader(body, maxHeard)}
	if json.NewDecoder(source).Decode(&h) != nil {
		h = hearing{}
	}
	if broken := source.failed(); broken != nil {
		return h, fmt.Errorf("reading an answer: %w", broken)
	}
	return h, nil
}

func (h hearing) length() int { return utf8.RuneCountInString(strings.TrimSpace(h.Text)) }

// words counts those that begin in a while; where they have no times, those of
// the segments that do.
func (h hearing) words(while span) (n int) {
	in := func(s span) bool { return s.Start >= while.Start && s.Start < while.End }
	said := h.said()
	for _, w := range said {
		if in(w) {
			n++
		}
	}
	for _, s := range h.Segments {
		if len(said) == 0 && in(s.span) {
			n += len(strings.Fields(s.Text))
		}
	}
	return n
}

// said are the words that have times.
func (h hearing) said() []span {
	words := slices.Clone(h.Words)
	for _, s := range h.Segments {
		words = append(words, s.Words...)
	}
	return words
}

// hole finds a while in the beginning in which nothing is said, as far as words
// or segments have times.
func (h hearing) hole() (silent span, found bool) {
	spans, longest := h.said(), longestWord
	if len(spans) == 0 {
		for _, s := range h.Segments {
			spans = append(spans, s.span)
		}
		longest = 30
	}
	if len(spans) == 0 {
		return silent, false
	}
	last := 0.0
	for _, s := range append(spans, span{h.Duration, h.Duration}) {
		if last > window {
			break
		}
		if long := s.Start - last; long >= hole && long <= window {
			return span{last, s.Start}, true
		}
		if long := s.End - s.Start; longest == longestWord && long >= stretched && long <= window {
			return span{s.Start + longest, s.End}, true
		}
		last = max(last, min(s.End, s.Start+longest))
	}
	return silent, false
}
