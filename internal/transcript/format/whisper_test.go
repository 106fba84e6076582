package format

import (
	"fmt"
	"strings"
	"testing"

	"griot/internal/transcript"
)

// whisper is an answer in verbose_json, one segment of two seconds a text.
func whisper(texts ...string) string {
	var segments []string
	for i, text := range texts {
		segments = append(segments, fmt.Sprintf(`{"id":%d,"start":%d,"end":%d,"text":" %s","avg_logprob":-0.3,"no_speech_prob":0.02}`, i, 2*i, 2*i+2, text))
	}
	return `{"task":"transcribe","language":"english","segments":[` + strings.Join(segments, ",") + `]}`
}

func TestWhisperRepeats(t *testing.T) {
	long := "So we pay them again."
	for name, test := range map[string]struct {
		in     string
		want   string
		warned bool
	}{
		"a long one":            {whisper(long, long, "so we pay them, again", "Right."), "0 " + long + "|6 Right.", true},
		"short ones":            {whisper("Yes.", "Yes.", "Yes.", "Yes.", "Yes.", "No."), "0 Yes.|2 Yes.|4 Yes.|10 No.", true},
		"not one after another": {whisper(long, "No.", long), "0 " + long + "|2 No.|4 " + long, false},
		"another engine's":      {strings.ReplaceAll(whisper(long, long), "avg_logprob", "x"), "0 " + long + "|2 " + long, false},
	} {
		p := mustParse(t, test.in)
		var got []string
		for _, turn := range p.Turns {
			got = append(got, fmt.Sprint(*turn.StartMS/1000, " ", turn.Text))
		}
		warned := false
		for _, w := range p.Reading.Warnings {
			warned = warned || w.Code == transcript.RepeatedLines
		}
		if strings.Join(got, "|") != test.want || warned != test.warned {
			t.Errorf("%s: %q, warned %v, want %q", name, got, warned, test.want)
		}
	}
}

func TestWhisperHearsSilence(t *testing.T) {
	p := mustParse(t, `{"segments":[
		{"start":0,"end":2,"text":" We count it.","avg_logprob":-0.2,"no_speech_prob":0.9},
		{"start":2,"end":9,"text":" Thanks for watching!","avg_logprob":-1.4,"no_speech_prob":0.8},
		{"start":9,"end":12,"text":" Mumbled, but said.","avg_logprob":-1.4,"no_speech_prob":0.1}]}`)
	if len(p.Turns) != 2 || p.Turns[0].Text != "We count it." || p.Turns[1].Text != "Mumbled, but said." || p.Reading.PassedOver != 1 {
		t.Errorf("%+v, %d passed over", p.Turns, p.Reading.PassedOver)
	}
}

// A segment of minutes is cut at the ends of its sentences, at the times of its
// words, whether they stand in it or beside it.
func TestWhisperLongSegments(t *testing.T) {
	var text string
	var spoken []string
	for i := range 60 {
		sentence := fmt.Sprintf("Then crate number %d goes to the north gate.", i)
		for k, word := range strings.Fields(sentence) {
			at := float64(i)*3 + float64(k)*0.3
			spoken = append(spoken, fmt.Sprintf(`{"word":" %s","start":%.2f,"end":%.2f}`, word, at, at+0.25))
		}
		text += " " + sentence
	}
	words := `"words":[` + strings.Join(spoken, ",") + `]`
	head := `{"task":"transcribe","duration":180.0,"text":"` + text + `",`
	segment := `"segments":[{"id":0,"start":0.0,"end":180.0,"text":"` + text + `","avg_logprob":-0.2`
	for name, in := range map[string]string{
		"in it":           head + segment + "," + words + "}]}",
		"beside it":       head + segment + "}]," + words + "}",
		"beside it, bare": head + segment + "}]," + strings.NewReplacer(`."`, `"`, `" `, `"`).Replace(words) + "}",
		"none":            head + segment + "}]}",
		"another's":       head + segment + "}]," + strings.ReplaceAll(words, "crate", "barrel") + "}",
	} {
		p := mustParse(t, in)
		var all []string
		for i, turn := range p.Turns {
			all = append(all, turn.Text)
			if i > 0 && *turn.StartMS < *p.Turns[i-1].EndMS || len(p.Turns) > 1 && (*turn.EndMS-*turn.StartMS > 40_000 || !strings.HasSuffix(turn.Text, "gate.")) {
				t.Errorf("%s: turn %d from %d to %d: %q", name, i, *turn.StartMS, *turn.EndMS, turn.Text)
			}
		}
		if whole := name == "none" || name == "another's"; whole != (len(p.Turns) == 1) {
			t.Errorf("%s: %d turns", name, len(p.Turns))
		}
		if strings.Join(all, " ") != strings.TrimSpace(text) {
			t.Errorf("%s: the words are others: %.200q", name, all)
		}
	}
}
