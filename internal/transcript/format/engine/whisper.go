package engine

import (
	"slices"
	"strings"
	"unicode"

	"griot/internal/transcript"
	"griot/internal/transcript/format/turn"
)

// Whisper hears words in silence, says a segment again and again where it has
// lost the thread, and writes some segments that last for minutes. What it
// knows of itself says where.
const (
	// Whisper takes for silence what is likely none of speech and is not sure of
	// its words either. These are its own limits, which not every program with
	// its models applies.
	silenceAbove = 0.6
	unsureBelow  = -1.0

	// A segment that repeats the one before it is left out if it has so many
	// words, shorter ones from the third repeat on: people say "yes" twice.
	repeatWords = 4
	repeatTimes = 3

	// A segment is cut at the ends of its sentences, by the times of its words,
	// beyond so many characters or milliseconds.
	longSegment  = 600
	longDuration = 30_000
)

// byWhisper recognises the output of Whisper's models, by whatever program.
func (c *contents) byWhisper() bool {
	switch c.exportName() {
	case "whisper", "whisper.cpp", "whisperx", "openai", "transformers":
		return true
	}
	return false
}

// unheard recognises words that Whisper has imagined in silence.
func (e *entry) unheard() bool { return e.silence > silenceAbove && e.sureness < unsureBelow }

// withoutRepeats leaves out segments that say the one before them again.
func (c *contents) withoutRepeats(turns []piece, out *turn.Collector) []piece {
	if !c.byWhisper() {
		return turns
	}
	last, repeats, dropped := "", 0, 0
	voice := int32(-1)
	kept := slices.DeleteFunc(turns, func(p piece) bool {
		words := plainWords(p.text)
		text := strings.Join(words, " ")
		if text == "" || text != last || p.voice != voice {
			last, voice, repeats = text, p.voice, 0
			return false
		}
		if repeats++; len(words) < repeatWords && repeats < repeatTimes {
			return false
		}
		dropped++
		return true
	})
	if dropped > 0 {
		out.Warn(transcript.RepeatedLines, 0, "The engine has written segments several times one after the other; each is counted once.")
	}
	return kept
}

func plainWords(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.IsMark(c)
	})
}

// cutLong cuts segments whose words stand in a list of their own, in the unit
// of the segments' times.
func (c *contents) cutLong(l *list, unit float64) []piece {
	if !slices.ContainsFunc(l.pieces, isLong) || !c.byWhisper() {
		return l.pieces
	}
	i := slices.IndexFunc(c.lists, func(other *list) bool { return other != l && other.isWords() })
	if i < 0 {
		return l.pieces
	}
	words := &list{pieces: slices.Clone(c.lists[i].pieces)}
	c.settleTimes(words, unit)
	var turns []piece
	next := 0
	for _, p := range l.pieces {
		// The word in which a segment begins may begin a little earlier.
		for next < len(words.pieces) && p.fromKind != none && (words.pieces[next].from+words.pieces[next].to)/2 < p.from {
			next++
		}
		if !isLong(p) {
			turns = append(turns, p)
			continue
		}
		end := next
		for end < len(words.pieces) && (words.pieces[end].from+words.pieces[end].to)/2 <= p.to {
			end++
		}
		turns = append(turns, sentencesOf(p, words.pieces[next:end])...)
		next = end
	}
	return turns
}
