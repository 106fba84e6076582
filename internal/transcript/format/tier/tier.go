// Package tier reads annotations in tiers, as Praat keeps them: each tier has
// the labels of one speaker, or of one level of analysis, in intervals of time.
package tier

import (
	"cmp"
	"slices"
	"strings"

	"griot/internal/transcript"
	"griot/internal/transcript/format/turn"
)

// A tier is labels in the order of time.
type tier struct {
	name   string
	points bool // its labels have one time, not two
	labels []label
}

// A label is what somebody said from start to end, in milliseconds.
type label struct {
	start, end int64
	text       string
}

// add adds what was said, in order of time. Tiers of phones, tones and the
// like say in other signs what is there in words; words say again what another
// tier has in one piece; points are remarks as long as there is an interval
// with words.
func add(tiers []tier, out *turn.Collector) {
	tiers = slices.DeleteFunc(tiers, func(t tier) bool { return !t.speaks() })
	spoken := slices.DeleteFunc(slices.Clone(tiers), func(t tier) bool { return levelOf(t.name) == sounds })
	if len(spoken) == 0 {
		spoken = tiers
	}
	if slices.ContainsFunc(spoken, func(t tier) bool { return !t.points }) {
		spoken = slices.DeleteFunc(slices.Clone(spoken), func(t tier) bool {
			if t.points {
				out.Reading.PassedOver += len(t.labels)
			}
			return t.points
		})
	}
	out.Reading.Layout = "tiers"
	var turns []transcript.Turn
	keep := func(said transcript.Turn) { turns = append(turns, said) }
	whole := map[string]bool{} // speakers, or "", of tiers that are not single words
	for _, t := range spoken {
		if !t.isWords() {
			who, _ := cutLevel(t.name)
			whole[who] = true
			t.turns(keep)
		}
	}
	for _, t := range spoken {
		if who, _ := cutLevel(t.name); t.isWords() && !whole[who] && !whole[""] {
			joined := turn.NewWords(keep)
			t.turns(joined.Add)
			joined.Flush()
		}
	}
	slices.SortStableFunc(turns, func(a, b transcript.Turn) int { return cmp.Compare(*a.StartMS, *b.StartMS) })
	for _, t := range turns {
		out.Add(t)
	}
}

// turns makes a turn of each label that is no silence.
func (t tier) turns(add func(transcript.Turn)) {
	who, _ := cutLevel(t.name)
	for _, l := range t.labels {
		if !isSilence(l.text) {
			add(transcript.Turn{Speaker: who, StartMS: &l.start, EndMS: &l.end, Text: withoutMarks(l.text)})
		}
	}
}

// isWords recognises a tier that has a label for each word.
func (t tier) isWords() bool {
	return levelOf(t.name) == words || turn.AreWords(func(yield func(string) bool) {
		for _, l := range t.labels {
			if !isSilence(l.text) && !yield(withoutMarks(l.text)) {
				return
			}
		}
	})
}

// withoutMarks takes the tags off that transcribers put around words and
// sounds: <UNSURE>, <laugh/>.
func withoutMarks(s string) string {
	if strings.IndexByte(s, '<') < 0 {
		return s
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "<")
		name, after, closed := strings.Cut(rest[:min(len(rest), maxMark)], ">")
		b.WriteString(before)
		switch {
		case !ok:
			return b.String()
		case closed && strings.Trim(name, "/_-:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == "":
			s = rest[len(rest[:min(len(rest), maxMark)])-len(after):]
		default:
			b.WriteByte('<')
			s = rest
		}
	}
}

const maxMark = 40 // bytes

// speaks recognises a tier with a label that is no silence.
func (t tier) speaks() bool {
	return slices.ContainsFunc(t.labels, func(l label) bool { return !isSilence(l.text) })
}

// isSilence recognises what aligners and Praat write where nobody speaks.
func isSilence(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "sil", "sp", "spn", "silent", "silence", "#", "##", "_", "-", "[silence]":
		return true
	}
	return turn.IsBlank(withoutMarks(s))
}

// Levels of analysis that the name of a tier tells.
const (
	unknown = iota
	speech
	words
	sounds
)

// levels are what programs call their tiers.
var levels = map[string]int{
	"speech": speech, "utterance": speech, "utterances": speech, "utt": speech, "utts": speech, "sentence": speech, "sentences": speech,
	"transcript": speech, "transcription": speech, "transcriptions": speech, "text": speech, "trs": speech, "trans": speech,
	"orthography": speech, "orthographic": speech, "ortho": speech, "ipu": speech, "ipus": speech, "phrase": speech, "phrases": speech,
	"turn": speech, "turns": speech, "segment": speech, "segments": speech, "annotation": speech, "label": speech, "labels": speech, "tier": speech, "default": speech,
	"word": words, "words": words, "wrd": words, "token": words, "tokens": words,
	"phone": sounds, "phones": sounds, "phoneme": sounds, "phonemes": sounds, "phn": sounds, "phonetic": sounds, "sampa": sounds,
	"ipa": sounds, "syllable": sounds, "syllables": sounds, "syl": sounds, "tones": sounds, "tobi": sounds, "breaks": sounds,
	"intonation": sounds, "lemma": sounds, "lemmas": sounds, "silences": sounds, "gloss": sounds, "pos": sounds,
}

// alignerLevels are the tiers of WebMAUS, whose names could be people's in
// small letters.
var alignerLevels = map[string]int{
	"ORT-MAU": words, "KAN-MAU": sounds, "MAU": sounds, "MAS": sounds, "KAN": sounds, "ORT": words, "TRN": speech,
}

// maxName is how long the name of a tier is that may tell its level, in bytes.
const maxName = 100

// cutLevel splits the name of a tier, as Mara - words, words_Mara or ORT-MAU,
// into the words that tell its level and the rest, which is the speaker.
func cutLevel(name string) (speaker string, level int) {
	const between = " -_:./()[]"
	name = strings.TrimRight(strings.TrimSpace(name), between)
	if len(name) > maxName {
		return name, unknown
	}
	if level = cmp.Or(levels[strings.ToLower(name)], alignerLevels[name]); level != unknown {
		return "", level
	}
	if i := strings.LastIndexAny(name, between); i > 0 {
		if level = levels[strings.ToLower(name[i+1:])]; level != unknown {
			return strings.TrimRight(name[:i], between), level
		}
	}
	if i := strings.IndexAny(name, between); i > 0 {
		if level = levels[strings.ToLower(name[:i])]; level != unknown {
			return strings.Trim(name[i:], between), level
		}
	}
	return name, unknown
}

func levelOf(name string) int {
	_, level := cutLevel(name)
	return level
}
