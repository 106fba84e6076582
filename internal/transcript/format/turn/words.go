package turn

import (
	"strings"
	"unicode/utf8"

	"griot/internal/text"
	"griot/internal/transcript"
	"griot/internal/transcript/label"
)

// Words become turns at these pauses and lengths. A turn ends in any case
// where the speaker changes.
const (
	longPause  = 2000 // ms, ends a turn anywhere
	shortPause = 500  // ms, ends a turn after a sentence
	longTurn   = 300  // bytes, after which the next sentence end ends a turn
)

// A Words makes turns of single words, each with its speaker and its times.
type Words struct {
	yield func(transcript.Turn)
	now   transcript.Turn
	text  strings.Builder
	last  rune
}

// NewWords gives each turn to yield as soon as it ends.
func NewWords(yield func(transcript.Turn)) *Words { return &Words{yield: yield} }

// Add takes the next word.
func (w *Words) Add(word transcript.Turn) {
	word.Text = OneLine(word.Text)
	if IsBlank(word.Text) {
		return
	}
	if w.text.Len() > 0 && w.endsBefore(word) {
		w.Flush()
	}
	first, _ := utf8.DecodeRuneInString(word.Text)
	if w.text.Len() == 0 {
		w.now = word
	} else if !(Unspaced(w.last) && Unspaced(first)) {
		w.text.WriteByte(' ')
	}
	w.text.WriteString(word.Text)
	w.last, _ = utf8.DecodeLastRuneInString(word.Text)
	if word.EndMS != nil {
		w.now.EndMS = word.EndMS
	}
}

func (w *Words) endsBefore(word transcript.Turn) bool {
	pause := int64(0)
	if w.now.EndMS != nil && word.StartMS != nil {
		pause = *word.StartMS - *w.now.EndMS
	}
	return word.Speaker != w.now.Speaker || EndsAt(pause, w.last, w.text.Len())
}

// EndsAt reports whether a turn of words ends: at a pause of so many milliseconds
// behind so many bytes, the last character of which is given.
func EndsAt(pause int64, last rune, length int) bool {
	return pause >= longPause || label.EndsSentence(string(last)) && (pause >= shortPause || length >= longTurn)
}

// Flush ends the turn; the last one needs it.
func (w *Words) Flush() {
	if w.text.Len() == 0 {
		return
	}
	w.now.Text = w.text.String()
	w.yield(w.now)
	w.text.Reset()
}

// AreWords recognises texts most of which are single words: a list of words
// with the times of each, and not what people said one after the other.
func AreWords(texts func(yield func(string) bool)) bool {
	const enough = 8
	n, single, sentences := 0, 0, 0
	for s := range texts {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		n++
		if IsWord(s) {
			single++
		}
		if label.EndsSentence(s) {
			sentences++
		}
	}
	return n >= enough && single*10 >= n*9 && sentences*5 <= n*2
}

// IsWord recognises a text without a space in it; where the script has no
// spaces, for one that is short.
func IsWord(s string) bool {
	if strings.IndexByte(s, ' ') >= 0 {
		return false
	}
	if r, _ := utf8.DecodeRuneInString(s); Unspaced(r) {
		return utf8.RuneCountInString(s) <= 4
	}
	return len(s) <= 40
}

// Unspaced recognises scripts that put no spaces between words, and for their
// punctuation.
func Unspaced(r rune) bool { return text.Unspaced(r) || r >= 0x3000 && r <= 0x303F }
