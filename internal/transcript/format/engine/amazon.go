package engine

import (
	"griot/internal/transcript"
)

// amazon is the output of Amazon Transcribe. Newer files have the utterances
// as audio_segments; older ones only words, and beside them who spoke when, or
// the words of each channel.
var amazon = engine{
	"results.language_code":           readLanguage,
	"results.transcripts":             (*found).amazonWhole,
	"results.audio_segments":          func(f *found, c *cursor) error { return f.list(c, &f.amazon.audio, 1000) },
	"results.speaker_labels.segments": func(f *found, c *cursor) error { return f.list(c, &f.amazon.speakers, 1000) },
	"results.channel_labels.channels": (*found).amazonChannels,
	"results.items":                   (*found).amazonItems,
}

type amazonFile struct {
	audio    []transcript.Turn
	speakers []transcript.Turn // when who spoke; no text
	channels []wordGroup
	words    wordGroup
}

func readLanguage(f *found, c *cursor) (err error) {
	f.language, err = c.text()
	return err
}

func (f *found) amazonWhole(c *cursor) error {
	f.known = true
	return c.array(func() error {
		t, err := f.entry(c, 1000)
		f.whole = append(f.whole, t.Text)
		return f.count(c, err)
	})
}

func (f *found) amazonChannels(c *cursor) error {
	return c.array(func() error {
		var words wordGroup
		label := ""
		err := c.object(func(key string) (err error) {
			switch key {
			case "channel_label":
				label, err = c.label()
			case "items":
				words, err = f.amazonWords(c)
			default:
				err = c.skip()
			}
			return err
		})
		for i := range words {
			words[i].speaker = label
		}
		f.amazon.channels = append(f.amazon.channels, words)
		return f.count(c, err)
	})
}

func (f *found) amazonItems(c *cursor) (err error) {
	f.amazon.words, err = f.amazonWords(c)
	return err
}

func (f *found) amazonWords(c *cursor) (words wordGroup, err error) {
	f.known = true
	err = c.array(func() error {
		w, err := f.amazonWord(c)
		words = append(words, w)
		return f.count(c, err)
	})
	return words, err
}

// amazonWord reads one item. Punctuation has no times.
func (f *found) amazonWord(c *cursor) (word, error) {
	w := newWord()
	err := c.object(func(key string) (err error) {
		switch key {
		case "type":
			var kind string
			kind, err = c.text()
			w.mark = kind == "punctuation"
		case "start_time":
			err = c.time(&w.start, 1000)
		case "end_time":
			err = c.time(&w.end, 1000)
		case "speaker_label":
			w.speaker, err = f.speaker(c)
		case "alternatives": // the likeliest comes first
			err = c.array(func() error { return f.amazonContent(c, &w) })
		default:
			err = c.skip()
		}
		return err
	})
	return w, err
}

func (f *found) amazonContent(c *cursor, w *word) error {
	return c.object(func(key string) (err error) {
		if key != "content" || w.text != "" {
			return c.skip()
		}
		w.text, err = f.words(c)
		return err
	})
}

// turns gives the utterances, made of words if the file has none itself.
func (a *amazonFile) turns() []transcript.Turn {
	switch {
	case len(a.audio) > 0 && (a.audio[0].Speaker != "" || len(a.speakers) == 0):
		return a.audio
	case len(a.speakers) > 0 && len(a.words) > 0:
		return a.bySpeaker()
	case len(a.channels) > 0:
		return cutWords(a.channels)
	}
	return cutWords([]wordGroup{a.words})
}

// bySpeaker puts every word into the stretch of speech in which it begins.
func (a *amazonFile) bySpeaker() []transcript.Turn {
	sortByStart(a.speakers)
	var ts []transcript.Turn
	var cur utterance
	i := 0
	for _, w := range a.words {
		next := i
		for !w.mark && next+1 < len(a.speakers) && startOf(a.speakers[next+1]) <= w.start {
			next++
		}
		if next != i {
			ts = cur.flushAs(ts, a.speakers[i])
			i = next
		}
		cur.add(w)
	}
	return cur.flushAs(ts, a.speakers[i])
}
