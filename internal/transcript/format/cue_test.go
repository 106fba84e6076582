package format

import (
	"strings"
	"testing"

	"griot/internal/transcript"
)

func vtt(cues string) string { return "WEBVTT\n\n" + cues }

func TestVTT(t *testing.T) {
	const at = "00:01.000 --> 00:02.500\n"
	check(t, VTT, []rule{
		{"plain", vtt(at + "Hello there."), []string{"|1000|2500|Hello there."}},
		{"lines become one", vtt(at + "Hello\n  there. "), []string{"|1000|2500|Hello there."}},
		{"tags and references", vtt(at + "<b>Salt</b> &amp; <i.loud>pepper</i>, 1 &lt; 2&nbsp;&eacute;"),
			[]string{"|1000|2500|Salt & pepper, 1 < 2\u00a0é"}},
		{"a < that is no tag", vtt(at + "we <3 this> 1 < 2 > 0"), []string{"|1000|2500|we <3 this> 1 < 2 > 0"}},
		{"WhisperX", vtt(at + "[SPEAKER_00]: Hello."), []string{"SPEAKER_00|1000|2500|Hello."}},
		{"karaoke times", vtt(at + "so<00:01.200><c> we</c><00:01.400><c> go</c>"), []string{"|1000|2500|so we go"}},
		{"voice", vtt(at + "<v Ana B.>Hello.</v>"), []string{"Ana B.|1000|2500|Hello."}},
		{"voice with class and reference", vtt(at + "<v.first.loud Ana &amp; Bo>Hello."), []string{"Ana & Bo|1000|2500|Hello."}},
		{"two voices", vtt(at + "<v Ana>Hello.\n<v Bo>Hi."), []string{"Ana|1000|2500|Hello.", "Bo|1000|2500|Hi."}},
		{"words after a voice", vtt(at + "<v Ana>Hello.</v>\n(somebody coughs)"), []string{"Ana|1000|2500|Hello.", "|1000|2500|(somebody coughs)"}},
		{"voice without name", vtt(at + "<v >Hello."), []string{"|1000|2500|Hello."}},
		{"Zoom", vtt("1\n" + at + "Ana Bell: Hello.\n\n2\n" + at + "bo: Hi.\n\n3\n" + at + "bo: Well: no."),
			[]string{"Ana Bell|1000|2500|Hello.", "bo|1000|2500|Hi.", "bo|1000|2500|Well: no."}},
		{"voices make colons words", vtt(at + "<v Ana>Hi.\n\n" + at + "Bo: no."), []string{"Ana|1000|2500|Hi.", "|1000|2500|Bo: no."}},
		{"a name alone stays", vtt(at + "Ana:"), []string{"|1000|2500|Ana:"}},
		{"never merged", vtt(at + "Yes\n\n" + at + "Yes\n\n" + at + " \n\n" + at + "Yes"),
			[]string{"|1000|2500|Yes", "|1000|2500|Yes", "|1000|2500|Yes"}},
		{"end before start", vtt("00:02.000 --> 00:01.000\nHm"), []string{"|2000||Hm"}},
		{"far beyond", vtt("99999999999999999999:00:00.000 --> 99999999999999999999:00:01.000\nHm"), []string{"|||Hm"}},
		{"lines that roll", vtt("00:01.000 --> 00:02.000\n \nhow the day begins\n\n00:02.000 --> 00:02.010\nhow the day begins\n \n\n" +
			"00:02.010 --> 00:04.000\nhow the day begins\nin the long room\n\n00:04.000 --> 00:04.010\nin the long room\n \n\n00:04.010 --> 00:06.000\nin the long room\nby the water"),
			[]string{"|1000|2010|how the day begins", "|2010|4010|in the long room", "|4010|6000|by the water"}},
		{"lines that grow", vtt("00:01.000 --> 00:02.000\nso then we\n\n00:02.000 --> 00:03.000\nso then we went\n\n00:03.000 --> 00:04.000\nso then we went up\n\n00:04.000 --> 00:05.000\nso then we went up there"),
			[]string{"|1000|5000|so then we went up there"}},
		{"settings", vtt("00:01.000 --> 00:02.500 line:0 position:20% align:start\nHm"), []string{"|1000|2500|Hm"}},
		{"as in SRT", "WEBVTT\n\n1\n00:00:01,000 --> 00:00:02,500\nHello.", []string{"|1000|2500|Hello."}},
		{"Webex", vtt("1 \"Ana Bell\" (312)\n" + at + "Hello.\n\n2 \"Bo\" (7)\n" + at + "Hi: you."), []string{"Ana Bell|1000|2500|Hello.", "Bo|1000|2500|Hi: you."}},
		{"broken cues are passed over", vtt("00:01 --> 00:02\nno\n\n" + at + "yes"), []string{"|1000|2500|yes"}},
		{"notes, styles, regions", vtt("NOTE no\nno\n\nSTYLE\n::cue {}\n\nREGION\nid:x\n\n" + at + "yes"), []string{"|1000|2500|yes"}},
	})
	checkFailing(t, []failing{
		{"signature goes on", "WEBVTTX\n\n" + at + "Hm", ParseError, 1},
		{"signature after a blank line", "\nWEBVTT\n\n" + at + "Hm", ParseError, 1},
		{"signature and NUL", "WEBVTT\x00\n\n" + at + "Hm", ParseError, 1},
		{"no cue", "WEBVTT - a file\n", EmptyTranscript, 0},
		{"no times", "WEBVTT\n\nNOTE x\n\n00:01.000 => 00:02.000\nHello.", EmptyTranscript, 5},
		{"bad times", "WEBVTT\n\n1\n00:01 --> later\nHello.", EmptyTranscript, 3},
		{"blank cues", vtt(at + "<i></i>\n\n" + at + "&nbsp;"), EmptyTranscript, 0},
	})
}

func TestVTTLanguage(t *testing.T) {
	p := mustParse(t, "WEBVTT\nKind: captions\nLanguage: pt-br\n\n00:01.000 --> 00:02.000\nOi")
	if p.Language != "pt-BR" {
		t.Errorf("language %q", p.Language)
	}
}

func TestSRT(t *testing.T) {
	const at = "00:00:01,000 --> 00:00:02,500\n"
	check(t, SRT, []rule{
		{"plain", "1\n" + at + "Hello\nthere.\n\n2\n" + at + "Hi.\n", []string{"|1000|2500|Hello there.", "|1000|2500|Hi."}},
		{"no counters", at + "Hello.\n\n" + at + "Hi.", []string{"|1000|2500|Hello.", "|1000|2500|Hi."}},
		{"no blank lines", "1\n" + at + "Hello.\n2\n" + at + "Hi.", []string{"|1000|2500|Hello.", "|1000|2500|Hi."}},
		{"blank lines inside", "1\n" + at + "Hello.\n\nStill me.\n\n2\n" + at + "Hi.", []string{"|1000|2500|Hello. Still me.", "|1000|2500|Hi."}},
		{"blank lines before", "\n\n1\n\n" + at + "Hello.", []string{"|1000|2500|Hello."}},
		{"numbers are words", "1\n" + at + "2024\n\n2\n" + at + "42\n43\n\n3\n" + at + "44", []string{"|1000|2500|2024", "|1000|2500|42 43", "|1000|2500|44"}},
		{"an empty cue", "1\n" + at + "\n2\n" + at + "Hi.", []string{"|1000|2500|Hi."}},
		{"points, no hours, few digits", "1\n0:01.5 --> 01:02.25\nHello.", []string{"|1500|62250|Hello."}},
		{"positions and tags", "1\n00:00:01,000-->00:00:02,500  X1:10 X2:20\n{\\an8}<i>Hello</i> <font color=\"#fff\">you</font>.",
			[]string{"|1000|2500|Hello you."}},
		{"names", "1\n" + at + "Ana: Hello.\n\n2\n" + at + ">> MAN 2: Hi.\n\n3\n" + at + "- Bo: Yes.\n\n4\n" + at + "- Bo: No.", []string{"Ana|1000|2500|Hello.", "MAN 2|1000|2500|Hi.", "Bo|1000|2500|Yes.", "Bo|1000|2500|No."}},
		{"no names", "1\n" + at + "Note: see https://example.org\n\n2\n" + at + "At 12:30 we said: no.",
			[]string{"|1000|2500|Note: see https://example.org", "|1000|2500|At 12:30 we said: no."}},
		{"arrows are words", "1\n" + at + "a --> b", []string{"|1000|2500|a --> b"}},
		{"last counter alone", "1\n" + at + "Hello.\n\n2\n", []string{"|1000|2500|Hello."}},
		{"bad times", "1\n" + at + "Hello.\n\n2\n00:00:03 -->\nHi.\n\n3\nnow --> 00:00:09,500\nWell.", []string{"|1000|2500|Hello.", "|3000||Hi.", "|3000|9500|Well."}},
		{"arrows of all kinds", "1\n00:00:01,000 --&gt; 00:00:02,500\nHello.\n\n2\n00:00:03,000 → 00:00:04,000\nHi.", []string{"|1000|2500|Hello.", "|3000|4000|Hi."}},
		{"WebVTT without its first line", "00:01.000 --> 00:02.500\n<v Ana>Hello.", []string{"Ana|1000|2500|Hello."}},
	})
	checkFailing(t, []failing{
		{"bad times only", "1\n00:00:xx,000 --> 00:00:yy,000\nHello.", ParseError, 2},
		{"NUL", "1\n" + at + "Hello.\n\n2\n" + at + string(make([]byte, 1)), UnsupportedFormat, 0},
		{"no words", "1\n" + at + "\n2\n" + at, EmptyTranscript, 0},
	})
}

func mustParse(t *testing.T, in string) Parsed {
	t.Helper()
	p, err := Parse(strings.NewReader(in), MaxText, transcript.Hint{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}
