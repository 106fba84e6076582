package engine

import "griot/internal/transcript"

// whisper has the shapes of Whisper and its kin, which share names: segments
// of the verbose JSON (OpenAI, WhisperX, faster-whisper), of Podcasting 2.0,
// and of griot's own transcript document; the transcription of whisper.cpp;
// words alone, and text alone.
var whisper = engine{
	"segments":         func(f *found, c *cursor) error { return f.list(c, &f.utterances, 1000) },
	"transcription":    func(f *found, c *cursor) error { return f.list(c, &f.utterances, 1000) },
	"words":            (*found).plainWords,
	"text":             (*found).wholeText,
	"language":         readLanguage,
	"result.language":  readLanguage,
	"duration":         readDuration,
	"duration_seconds": readDuration,
}

func readDuration(f *found, c *cursor) (err error) {
	f.durationMS, err = c.ms(1000)
	return err
}

func (f *found) wholeText(c *cursor) error {
	f.known = true
	text, err := f.words(c)
	f.whole = append(f.whole, text)
	return err
}

// offset reads the from and to of whisper.cpp, which are milliseconds.
func (f *found) offset(c *cursor, t *transcript.Turn, key string) (err error) {
	switch key {
	case "from":
		t.StartMS, err = c.ms(1)
	case "to":
		t.EndMS, err = c.ms(1)
	default:
		err = c.skip()
	}
	return err
}

// wordSpeaker takes the speaker of a segment from its first word that has one.
func (f *found) wordSpeaker(c *cursor, t *transcript.Turn) error {
	return c.object(func(key string) error {
		if key != "speaker" || t.Speaker != "" {
			return c.skip()
		}
		s, err := f.speaker(c)
		t.Speaker = s
		return err
	})
}

// plainWords reads {word, start, end} in seconds, or AssemblyAI's
// {text, start, end} in milliseconds.
func (f *found) plainWords(c *cursor) error {
	f.known = true
	var g wordGroup
	err := c.array(func() error {
		w, err := f.plainWord(c)
		g = append(g, w)
		return f.count(c, err)
	})
	f.groups = append(f.groups, g)
	return err
}

func (f *found) plainWord(c *cursor) (word, error) {
	w, scale := newWord(), int64(1)
	err := c.object(func(key string) (err error) {
		switch key {
		case "text":
			scale = 1000
			w.text, err = f.words(c)
		case "word":
			if w.text == "" {
				w.text, err = f.words(c)
				return err
			}
			err = c.skip()
		case "punctuated_word": // Deepgram
			w.text, err = f.words(c)
		case "speaker":
			w.speaker, err = f.speaker(c)
		case "start":
			err = c.time(&w.start, 1000)
		case "end":
			err = c.time(&w.end, 1000)
		default:
			err = c.skip()
		}
		return err
	})
	if scale > 1 && w.start >= 0 {
		w.start /= scale
	}
	if scale > 1 && w.end >= 0 {
		w.end /= scale
	}
	return w, err
}
