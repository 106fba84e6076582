package format

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"griot/internal/errs"
	"griot/internal/transcript"
	"griot/internal/transcript/format/turn"
)

// A rule is an input and the turns that it gives, as "speaker|start|end|text"
// with "" for what is not there.
type rule struct {
	name string
	in   string
	want []string
}

// check reads each input, which has to be taken for the kind.
func check(t *testing.T, kind Kind, rules []rule) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			p, err := Parse(strings.NewReader(r.in), MaxText, transcript.Hint{})
			if err != nil {
				t.Fatal(err)
			}
			if p.Format != string(kind) {
				t.Errorf("read as %s, want %s", p.Format, kind)
			}
			if diff := cmp.Diff(r.want, short(p.Turns)); diff != "" {
				t.Error(diff)
			}
			checkTurns(t, p.Turns)
		})
	}
}

func short(turns []transcript.Turn) []string {
	var out []string
	for _, t := range turns {
		out = append(out, strings.Join([]string{t.Speaker, number(t.StartMS), number(t.EndMS), t.Text}, "|"))
	}
	return out
}

func number(v *int64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatInt(*v, 10)
}

// checkTurns checks the promises of Parse.
func checkTurns(t *testing.T, turns []transcript.Turn) {
	t.Helper()
	for i, said := range turns {
		for _, s := range []string{said.Text, said.Speaker, said.Role} {
			if !utf8.ValidString(s) || turn.OneLine(s) != s {
				t.Errorf("turn %d: %q is not one line of UTF-8", i, s)
			}
		}
		if turn.IsBlank(said.Text) || utf8.RuneCountInString(said.Text) > transcript.MaxSegmentRunes {
			t.Errorf("turn %d has %d characters", i, utf8.RuneCountInString(said.Text))
		}
		start, end := said.StartMS, said.EndMS
		if start != nil && *start < 0 || end != nil && (*end < 0 || start != nil && *end <= *start) {
			t.Errorf("turn %d lasts from %s to %s", i, number(start), number(end))
		}
	}
}

// failing is an input and what is wrong with it.
type failing struct {
	name string
	in   string
	code string
	line int
}

func checkFailing(t *testing.T, rules []failing) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			p, err := Parse(strings.NewReader(r.in), MaxText, transcript.Hint{})
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%v, %v; want %s", short(p.Turns), err, r.code)
			}
			if e.Code != r.code || e.Line != r.line {
				t.Errorf("%s in line %d, want %s in line %d: %s", e.Code, e.Line, r.code, r.line, e.Message)
			}
			if r.line > 0 && !strings.Contains(e.Message, fmt.Sprintf("line %d ", r.line)) {
				t.Errorf("the message does not name line %d: %s", r.line, e.Message)
			}
			if !strings.HasSuffix(e.Message, ".") {
				t.Errorf("not a sentence: %s", e.Message)
			}
		})
	}
}

func TestEncodings(t *testing.T) {
	const text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Zoë>Grüße, 世界 🙂\n"
	want := []string{"Zoë|1000|2000|Grüße, 世界 🙂"}
	utf16 := func(big, bom bool) string {
		var b strings.Builder
		put := func(u uint16) {
			if big {
				b.Write([]byte{byte(u >> 8), byte(u)})
			} else {
				b.Write([]byte{byte(u), byte(u >> 8)})
			}
		}
		if bom {
			put(0xFEFF)
		}
		for _, r := range text {
			if r > 0xFFFF {
				r -= 0x10000
				put(uint16(0xD800 + r>>10))
				put(uint16(0xDC00 + r&0x3FF))
				continue
			}
			put(uint16(r))
		}
		return b.String()
	}
	check(t, VTT, []rule{
		{"UTF-8", text, want},
		{"UTF-8 with BOM", "\ufeff" + text, want},
		{"UTF-16 LE with BOM", utf16(false, true), want},
		{"UTF-16 BE with BOM", utf16(true, true), want},
		{"UTF-16 LE without BOM", utf16(false, false), want},
		{"UTF-16 BE without BOM", utf16(true, false), want},
		{"CR LF", strings.ReplaceAll(text, "\n", "\r\n"), want},
		{"CR", strings.ReplaceAll(text, "\n", "\r"), want},
	})
	check(t, Text, []rule{
		{"Windows-1252", "Ana: caf\xe9 au lait, and a good deal of it.", []string{"Ana|||café au lait, and a good deal of it."}},
	})
}

func TestLimit(t *testing.T) {
	unread := func(r io.Reader) io.Reader {
		return io.MultiReader(r, iotest.ErrReader(errors.New("read too far")))
	}
	line := "Ana: " + strings.Repeat("word ", 200) + "\n"
	text := strings.Repeat(line, 100)
	if _, err := Parse(strings.NewReader(text), int64(len(text)), transcript.Hint{}); err != nil {
		t.Errorf("text of exactly the limit: %v", err)
	}
	_, err := Parse(unread(strings.NewReader(strings.Repeat(line, 900))), int64(len(text)), transcript.Hint{})
	wantCode(t, err, TooLarge)

	json := `[` + strings.Repeat(`{"text":"`+strings.Repeat("word ", 200)+`"},`, 400)
	_, err = Parse(unread(strings.NewReader(json)), 10_000, transcript.Hint{})
	wantCode(t, err, TooLarge)
	_, err = Parse(unread(strings.NewReader(`{"name":"`+strings.Repeat("word ", 50_000))), 10_000, transcript.Hint{})
	wantCode(t, err, TooLarge)
	_, err = Parse(unread(strings.NewReader(`{"ids":[`+strings.Repeat("1,", 500_000))), 10_000, transcript.Hint{})
	wantCode(t, err, TooLarge)
}

// A file may be longer than the words in it.
func TestLimitCountsWords(t *testing.T) {
	cues := vtt(strings.Repeat("00:01.000 --> 00:02.000\n<v Ana>"+strings.Repeat("word ", 4)+"\n\n", 50))
	if p, err := Parse(strings.NewReader(cues), 50*19, transcript.Hint{}); err != nil || len(p.Turns) != 50 {
		t.Fatalf("%d cues, %v", len(p.Turns), err)
	}
	tagged := vtt(strings.Repeat("00:01.000 --> 00:02.000\n<v Ana Bell><00:01.250><c>words</c><00:01.500><c> words</c><00:01.750><c> words</c>\n\n", 50))
	if p, err := Parse(strings.NewReader(tagged), 50*17, transcript.Hint{}); err != nil || len(p.Turns) != 50 {
		t.Fatalf("%d cues of %d bytes, %v", len(p.Turns), len(tagged), err)
	}
	_, err := Parse(strings.NewReader(cues), 50*19-1, transcript.Hint{})
	wantCode(t, err, TooLarge)
	json := `[` + strings.Repeat(`{"text":"word", "confidence": 0.99},`, 99) + `{"text":"end"}]`
	p, err := Parse(strings.NewReader(json), 1000, transcript.Hint{})
	if err != nil || len(p.Turns) != 100 {
		t.Fatalf("%d turns, %v", len(p.Turns), err)
	}
}

func TestReadErrors(t *testing.T) {
	for _, head := range []string{"", "WEBVTT\n" + strings.Repeat("x", SniffLen), `{"a":"` + strings.Repeat("x", SniffLen), "{}" + strings.Repeat(" ", SniffLen)} {
		for _, broken := range []error{errors.New("connection reset"), io.ErrUnexpectedEOF} {
			_, err := Parse(io.MultiReader(strings.NewReader(head), iotest.ErrReader(broken)), MaxText, transcript.Hint{})
			if !errors.Is(err, broken) {
				t.Errorf("%d bytes, then %v", len(head), err)
			}
		}
	}
}

func TestErrorBecomesClientError(t *testing.T) {
	_, err := Parse(strings.NewReader(""), MaxText, transcript.Hint{})
	e := errs.As(fmt.Errorf("ingesting: %w", err))
	if e == nil || e.Kind != errs.FailedPrecondition || e.Code != EmptyTranscript || e.Message == "" {
		t.Errorf("%+v", e)
	}
}

func TestSplit(t *testing.T) {
	sentence := strings.Repeat("word ", 20) + "end. "
	long := strings.Repeat(sentence, 240) // 25,200 characters
	p, err := Parse(strings.NewReader("WEBVTT\n\n00:00.000 --> 10:00.000\n"+long), MaxText, transcript.Hint{})
	if err != nil {
		t.Fatal(err)
	}
	checkTurns(t, p.Turns)
	var texts []string
	for i, turn := range p.Turns {
		if i > 0 && *turn.StartMS != *p.Turns[i-1].EndMS {
			t.Errorf("piece %d starts at %d, the one before ends at %d", i, *turn.StartMS, *p.Turns[i-1].EndMS)
		}
		if !strings.HasSuffix(turn.Text, "end.") {
			t.Errorf("piece %d ends in the middle of a sentence", i)
		}
		texts = append(texts, turn.Text)
	}
	if len(p.Turns) != 3 || *p.Turns[2].EndMS != 600_000 {
		t.Errorf("%d pieces", len(p.Turns))
	}
	if strings.Join(texts, " ") != strings.TrimSpace(long) {
		t.Error("the pieces are not the whole")
	}
}

func TestSplitWithoutSentences(t *testing.T) {
	const max = transcript.MaxSegmentRunes
	for _, r := range []struct {
		name, in   string
		pieces     int
		start, end int
	}{
		{"words", "[00:01 - 00:02] " + strings.Repeat("wörd ", 5000), 3, 0, 2},
		{"one word", "[00:01] " + strings.Repeat("ö", 2*max+1), 3, 0, -1},
		{"no spaces", strings.Repeat("世", 50) + strings.Repeat("界"+strings.Repeat("世", 98)+"。", 150), 2, -1, -1},
	} {
		t.Run(r.name, func(t *testing.T) {
			p, err := Parse(strings.NewReader(r.in), MaxText, transcript.Hint{})
			if err != nil {
				t.Fatal(err)
			}
			checkTurns(t, p.Turns)
			if len(p.Turns) != r.pieces {
				t.Fatalf("%d pieces, want %d", len(p.Turns), r.pieces)
			}
			for i, turn := range p.Turns {
				if (turn.StartMS != nil) != (i == r.start) || (turn.EndMS != nil) != (i == r.end) {
					t.Errorf("piece %d: %s to %s", i, number(turn.StartMS), number(turn.EndMS))
				}
			}
		})
	}
}
