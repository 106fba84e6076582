package export_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/errs"
	"griot/internal/transcript"
	"griot/internal/transcript/export"
)

// seg is a segment with the times that are not negative.
func seg(speaker string, start, end int64, text string) transcript.Turn {
	t := transcript.Turn{Speaker: speaker, Text: text}
	if start >= 0 {
		t.StartMS = &start
	}
	if end >= 0 {
		t.EndMS = &end
	}
	return t
}

func segments(turns ...transcript.Turn) []transcript.Segment {
	var out []transcript.Segment
	offset := int64(0)
	for i, t := range turns {
		out = append(out, transcript.NewSegment(t, int64(i+1), offset))
		offset += int64(len(t.Text)) + 1
	}
	return out
}

func write(t *testing.T, f func(*bytes.Buffer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFormats(t *testing.T) {
	plain := segments(
		seg("Ana", 1000, 2500, "Hello\nthere."),
		seg("", 2500, -1, "a < b & c --> d"),
		seg("Bo [x] <y>", 3_723_004, 3_724_000, "*So*: [laughs] 1. #2"),
	)
	for _, r := range []struct {
		name string
		in   []transcript.Segment
		want [4]string
	}{
		{"each in its way", plain, [4]string{
			"WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n<v Ana>Hello\nthere.\n\n" +
				"00:00:02.500 --> 01:02:03.004\na &lt; b &amp; c --&gt; d\n\n" +
				"01:02:03.004 --> 01:02:04.000\n<v Bo [x] &lt;y&gt;>*So*: [laughs] 1. #2\n",
			"1\n00:00:01,000 --> 00:00:02,500\nAna: Hello\nthere.\n\n" +
				"2\n00:00:02,500 --> 01:02:03,004\n—: a < b & c --&gt; d\n\n" +
				"3\n01:02:03,004 --> 01:02:04,000\n\"Bo [x] &lt;y>\": \u2060*So*: [laughs] 1. #2\n",
			"Ana: Hello there.\n\n—: a < b & c --> d\n\n\"Bo [x] <y>\": \u2060*So*: [laughs] 1. #2\n",
			"**Ana:** [00:01] Hello there.\n\n**—:** [00:02] a \\< b & c --> d\n\n" +
				"**\"Bo \\[x] \\<y>\":** [1:02:03] \u2060\\*So\\*: \\[laughs] 1. #2\n",
		}},
		{"order of starts", segments(seg("", 5000, 6000, "b"), seg("", 1000, 2000, "a"), seg("", 5000, 7000, "c")), [4]string{
			"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\na\n\n00:00:05.000 --> 00:00:06.000\nb\n\n00:00:05.000 --> 00:00:07.000\nc\n",
			"1\n00:00:01,000 --> 00:00:02,000\na\n\n2\n00:00:05,000 --> 00:00:06,000\nb\n\n3\n00:00:05,000 --> 00:00:07,000\nc\n",
			"b\n\na\n\nc\n",
			"[00:05] b\n\n[00:01] a\n\n[00:05] c\n",
		}},
		{"missing ends", segments(seg("", 1000, -1, "a"), seg("", 1000, -1, "b"), seg("", 3000, 3000, "c"), seg("", 4000, -1, strings.Repeat("d", 50))), [4]string{
			"WEBVTT\n\n00:00:01.000 --> 00:00:03.000\na\n\n00:00:01.000 --> 00:00:03.000\nb\n\n" +
				"00:00:03.000 --> 00:00:04.000\nc\n\n00:00:04.000 --> 00:00:07.000\n" + strings.Repeat("d", 50) + "\n",
			"1\n00:00:01,000 --> 00:00:03,000\na\n\n2\n00:00:01,000 --> 00:00:03,000\nb\n\n" +
				"3\n00:00:03,000 --> 00:00:04,000\nc\n\n4\n00:00:04,000 --> 00:00:07,000\n" + strings.Repeat("d", 50) + "\n",
			"a\n\nb\n\nc\n\n" + strings.Repeat("d", 50) + "\n",
			"[00:01] a\n\n[00:01] b\n\n[00:03] c\n\n[00:04] " + strings.Repeat("d", 50) + "\n",
		}},
		{"no times between", segments(seg("Ana", -1, -1, "a"), seg("Bo", 1000, 2000, "b"), seg("", -1, -1, "c"), seg("Ana", -1, 4000, "d")), [4]string{
			"WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n<v Ana>a</v>\n<v Bo>b</v>\nc\n<v Ana>d</v>\n",
			"1\n00:00:01,000 --> 00:00:04,000\nAna: a\nBo: b\n—: c\nAna: d\n",
			"Ana: a\n\nBo: b\n\n—: c\n\nAna: d\n",
			"**Ana:** a\n\n**Bo:** [00:01] b\n\n**—:** c\n\n**Ana:** d\n",
		}},
		{"line breaks and blank text", segments(seg("A\nB", 0, 1, "\n\na\r\n\n\tb\u2028\x00c\n"), seg("", 2, 3, " \n")), [4]string{
			"WEBVTT\n\n00:00:00.000 --> 00:00:00.001\n<v A B>a\nb\nc\n",
			"1\n00:00:00,000 --> 00:00:00,001\nA B: a\nb\nc\n",
			"A B: a b c\n",
			"**A B:** [00:00] a b c\n",
		}},
	} {
		t.Run(r.name, func(t *testing.T) {
			for i, f := range export.Formats {
				got := write(t, func(b *bytes.Buffer) error { return f.Write(b, r.in) })
				if diff := cmp.Diff(r.want[i], got); diff != "" {
					t.Errorf("%s: %s", f.Name, diff)
				}
			}
		})
	}
}

func TestWithoutTimes(t *testing.T) {
	for _, f := range export.Formats {
		var b bytes.Buffer
		err := f.Write(&b, segments(seg("Ana", -1, 2000, "Hello.")))
		timed := f.Name == "vtt" || f.Name == "srt"
		if timed != errs.Is(err, errs.FailedPrecondition) || timed != (b.Len() == 0) {
			t.Errorf("%s: %v, %d bytes", f.Name, err, b.Len())
		}
	}
}

type brokenWriter struct{}

var errBroken = errors.New("connection reset")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestWriteErrors(t *testing.T) {
	for _, f := range export.Formats {
		if err := f.Write(brokenWriter{}, segments(seg("Ana", 0, 1, "Hello."))); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}
