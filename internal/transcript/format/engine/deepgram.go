package engine

import (
	"fmt"
	"strings"

	"griot/internal/transcript"
)

// deepgram is the output of Deepgram: utterances when they were asked for, or
// else the paragraphs or the words of each channel.
var deepgram = engine{
	"results.utterances": func(f *found, c *cursor) error { return f.list(c, &f.utterances, 1000) },
	"results.channels":   (*found).deepgramChannels,
	"metadata.duration":  readDuration,
}

// deepgramChannels names the channels when there are several and nobody told
// speakers apart.
func (f *found) deepgramChannels(c *cursor) error {
	var ends [][2]int // of each channel in paragraphs and groups
	err := c.array(func() error {
		err := c.object(func(key string) error { return f.deepgramChannel(c, key) })
		ends = append(ends, [2]int{len(f.paragraphs), len(f.groups)})
		return f.count(c, err)
	})
	if len(ends) < 2 {
		return err
	}
	p, g := 0, 0
	for i, end := range ends {
		who := fmt.Sprintf("Channel %d", i)
		for ; p < end[0]; p++ {
			orSpeaker(&f.paragraphs[p].Speaker, who)
		}
		for ; g < end[1]; g++ {
			for w := range f.groups[g] {
				orSpeaker(&f.groups[g][w].speaker, who)
			}
		}
	}
	sortByStart(f.paragraphs)
	return err
}

func orSpeaker(to *string, who string) {
	if *to == "" {
		*to = who
	}
}

func (f *found) deepgramChannel(c *cursor, key string) error {
	switch key {
	case "detected_language":
		return readLanguage(f, c)
	case "alternatives": // the likeliest comes first
		first := true
		return c.array(func() error {
			if !first {
				return c.skip()
			}
			first = false
			return c.object(func(key string) error { return f.deepgramAlternative(c, key) })
		})
	}
	return c.skip()
}

func (f *found) deepgramAlternative(c *cursor, key string) error {
	switch key {
	case "transcript":
		return f.wholeText(c)
	case "words":
		return f.plainWords(c)
	case "paragraphs":
		return c.object(func(key string) error {
			if key != "paragraphs" {
				return c.skip()
			}
			return c.array(func() error { return f.deepgramParagraph(c) })
		})
	}
	return c.skip()
}

// deepgramParagraph joins the sentences of a paragraph.
func (f *found) deepgramParagraph(c *cursor) error {
	var t transcript.Turn
	var sentences []string
	err := c.object(func(key string) (err error) {
		switch key {
		case "sentences":
			err = c.array(func() error {
				s, err := f.entry(c, 1000)
				sentences = append(sentences, s.Text)
				return f.count(c, err)
			})
		case "speaker":
			t.Speaker, err = c.label()
		case "start":
			t.StartMS, err = c.ms(1000)
		case "end":
			t.EndMS, err = c.ms(1000)
		default:
			err = c.skip()
		}
		return err
	})
	t.Text = strings.Join(sentences, " ")
	f.paragraphs = append(f.paragraphs, t)
	return f.count(c, err)
}
